"""The interpreter, and every comparison that is made with it."""
