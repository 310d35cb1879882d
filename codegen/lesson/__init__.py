"""What the sections of a handout draw on: material, views of the network, the writer that evaluates what it writes."""
