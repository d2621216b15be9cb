"""Simulators of vendors, in memory or served over HTTP on loopback."""
