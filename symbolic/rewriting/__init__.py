"""Rules that keep a value: Kronecker deltas, named rewrites, the form in which results are shown, recognition."""
