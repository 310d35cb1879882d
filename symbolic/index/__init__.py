"""Index notation on SymPy: letters, axes, tensors, sums, named functions, the order of terms; limits and failures."""
