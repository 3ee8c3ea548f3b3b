"""Says where what Java read differs from what stands in the spec.

usage: compare.py SPEC ROLE READ — ROLE is `zookeeper` or `kafka`, READ what Read.java printed.
"""

import json
import sys


def plain(value):
    """A setting as it stands behind the `=`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(plain(part) for part in value)
    return str(value)


def text(units):
    return bytes.fromhex(units).decode("utf-16-be")


spec, role, read = sys.argv[1:]
with open(spec, encoding="utf-8") as file:
    # numbers keep the text that they have in the spec
    settings = json.load(file, parse_float=str, parse_int=str)[role]["settings"]
assert settings, f"{spec} has no settings of {role}"
with open(read, encoding="ascii") as file:
    lines = dict(line.rstrip("\n").split("=") for line in file)
got = {text(key): text(value) for key, value in lines.items()}

wrong = [
    f"{role}: {key!r} is {got.get(key)!r}, not {plain(value)!r}"
    for key, value in settings.items()
    if got.get(key) != plain(value)
]
print("\n".join(wrong) or f"{role}: all {len(settings)} hostile settings arrived as written")
sys.exit(bool(wrong))
