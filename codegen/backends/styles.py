"""Styles of a module's code."""

#: Each with what it is for.
STYLES = {"plain": "to be read", "fast": "to be run"}
