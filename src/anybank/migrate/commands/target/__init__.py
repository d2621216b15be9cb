"""What the commands find out about customers by reading the target."""
