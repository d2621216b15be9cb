"""Frozen values: what a caller gives and what a vendor tells."""
