"""Text, or SymPy's expressions, to a system: the reader of the equation language."""
