"""A neutral file of customers, which can be a side of a migration in place of a bank.

The file is JSON Lines, and each line is one customer, encrypted with AES-256-GCM. The
encryption is bound to the file and to the line's offset in it, and a closing line has the
count and the checksum of everything before it. So a line that was changed, moved, repeated
or cut off is always detected.
"""
