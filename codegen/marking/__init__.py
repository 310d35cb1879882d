"""A user's own work, a derivation or NumPy code, marked line by line."""
