"""TOML descriptions: their schema, the reader, and messages with places."""
