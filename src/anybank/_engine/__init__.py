"""A call, from the question to the value: connections, retries, outcomes, redaction."""
