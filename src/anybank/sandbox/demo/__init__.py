"""The demo: a migration of invented customers from a simulated Bond to a simulated Sonder."""
