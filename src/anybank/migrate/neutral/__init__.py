"""A neutral file of customers: one side of a migration that is no bank.

JSON Lines, each line one customer sealed with AES-256-GCM. What seals a line is bound to
the file and to the line's place in it, and a closing line has the count and checksum of
all before it: nothing can be changed, moved, doubled or cut off unnoticed.
"""
