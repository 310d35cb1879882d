"""Tiny networks as scalar Python."""
