"""Runs the tests: all of them, a tier, or those of a name."""
