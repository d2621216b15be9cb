"""What users and authors of adapters test with."""
