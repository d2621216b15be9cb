"""What will become of each record, certified offline before anything is sent."""
