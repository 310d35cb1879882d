"""A work in Python, read from its syntax tree and evaluated by an interpreter of our own: it is never run."""
