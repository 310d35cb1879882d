"""A model that exists, as a description with its weights: readers of files, patterns put together again, operators as equations."""
