"""The results of commands: counts, reasons and the next step."""
