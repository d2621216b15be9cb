"""How `plan` certifies the customers of the source."""
