"""A router: one client for customers who are at different banks, by the app's own keys."""
