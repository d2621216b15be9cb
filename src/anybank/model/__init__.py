"""Frozen values: the arguments of a call, and the data that a vendor returns."""
