"""Expressions as text: LaTeX, Unicode, the equation language; notations."""
