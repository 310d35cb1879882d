"""Operations in single assignment, and how equations become them."""
