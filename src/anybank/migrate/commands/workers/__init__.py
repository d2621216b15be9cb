"""How a command works on many records concurrently, and waits for a bank that fails."""
