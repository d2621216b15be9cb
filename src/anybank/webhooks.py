"""Webhooks: is a delivery the vendor's, and what does it tell. No client, no network."""
