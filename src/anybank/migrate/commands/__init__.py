"""The commands of a migration, one module each, and what they share."""
