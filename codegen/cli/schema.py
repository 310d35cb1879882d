"""`chainrule schema`."""

from __future__ import annotations

import click


@click.command(name="schema")
def schema_command() -> None:
    """Print the JSON Schema of descriptions, by which editors complete keys and underline mistakes.

    \b
    Example:
      chainrule schema > chainrule.schema.json

    An editor with a language server for TOML takes it where the description begins with a line
    `#:schema ./chainrule.schema.json`.
    """
    import json

    from chainrule.codegen.descriptions.published_schema import published_schema

    click.echo(json.dumps(published_schema(), indent=2, ensure_ascii=False))
