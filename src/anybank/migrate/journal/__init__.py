"""The journal of a migration: its records, their states, and the engines that store them."""
