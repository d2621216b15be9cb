"""What an author of an adapter imports: the base class, requests, flows and options."""

from __future__ import annotations

from .base import INTERFACE, Adapter

__all__ = ["INTERFACE", "Adapter"]
