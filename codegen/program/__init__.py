"""A derivation as a program: which equation is computed where, by which array form, in which loop, and how nothing overflows."""
