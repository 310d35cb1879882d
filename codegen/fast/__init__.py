"""Modules made to be run: passes over the equations of a derivation, each a file with one idea."""
