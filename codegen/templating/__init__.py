"""Jinja2 environments, and how text is escaped for each format."""
