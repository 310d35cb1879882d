"""Jinja2 templates: layout only, filled in by `codegen`."""
