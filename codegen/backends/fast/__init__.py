"""Modules to be run: equations as an array program, its passes, and the workspace whose functions allocate nothing."""
