"""Modules in C: the operations of fast style as loops over fixed sizes."""
