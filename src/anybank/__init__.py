"""One typed API for any banking-as-a-service vendor."""
