"""One file a pass over the operations."""
