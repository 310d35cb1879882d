"""Mistakes that people make in gradients: one table for exercises, which plant them, and for marking, which finds them."""
