"""What a command reports: counts, reasons and the next step."""
