"""Expressions as formulas in a notation, and as text: Unicode, the equation language."""
