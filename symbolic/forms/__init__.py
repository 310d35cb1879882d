"""Other forms of the same equations: arrays, matrices, single entries, computational graph."""
