"""Drives the cluster of a spec that `kafnix local` runs on this machine."""
