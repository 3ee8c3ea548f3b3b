"""What a benchmark shows beside a bound."""

import contextlib
import io
import unittest
from unittest import mock

from harness import bench, figures


class Figures(unittest.TestCase):
    def test_a_median_beyond_its_bound_is_said_and_ends_with_1(self) -> None:
        bounds: list[tuple[float | None, str, int]] = [
            (None, "(1.00 to 9.00, 3 runs)\n", 0),
            (2.0, ", within 2 s\n", 0),
            (1.5, ", NOT within 1.5 s\n", 1),
        ]
        for bound, said, status in bounds:
            out = io.StringIO()
            shown = {"one": lambda _, bound=bound: figures.show("one", [1.0, 2.0, 9.0], "s", bound)}
            with (
                mock.patch.object(bench, "BENCHES", shown),
                mock.patch.object(bench, "Cluster"),
                mock.patch("subprocess.run"),
                contextlib.redirect_stdout(out),
            ):
                self.assertEqual(bench.within("one", mock.Mock()), status)
            self.assertTrue(out.getvalue().endswith(said), out.getvalue())
        figures.BEYOND.clear()
