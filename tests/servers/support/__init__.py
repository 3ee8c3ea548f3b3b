"""What the scenarios share: a cluster on this machine, clients of the products, waiting on states."""


class Skipped(Exception):
    """What this machine lacks for a scenario."""
