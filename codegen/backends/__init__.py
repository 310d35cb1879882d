"""Programs as source text of a target, and that source as a live module."""
