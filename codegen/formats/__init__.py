"""Renderers of documents, a file a format, and what only they need."""
