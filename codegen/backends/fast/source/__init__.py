"""Operations as lines of NumPy that write into memory at hand."""
