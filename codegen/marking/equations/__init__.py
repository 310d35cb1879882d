"""Formulas of a work, by index or with whole arrays: from their text to syntax trees, and to their values on the numbers of a network."""
