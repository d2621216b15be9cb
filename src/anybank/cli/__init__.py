"""The command `anybank`."""
