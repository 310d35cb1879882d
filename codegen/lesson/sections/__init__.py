"""A file a section of a handout."""
