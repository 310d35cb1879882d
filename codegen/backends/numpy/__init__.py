"""Array forms as NumPy source, and the argument checks and sizes of a module."""
