"""A Django app that opens customers at a bank and learns the outcome by webhook."""
