"""Lines for people beside what a command prints."""

from __future__ import annotations

import unicodedata

import click


def harmless(message: str) -> str:
    """A message for a terminal, which signs quoted from a stranger's file must not steer: no escape codes, nothing that turns the line."""
    return "".join(
        sign if sign == "\n" or not unicodedata.category(sign).startswith("C") else "\N{REPLACEMENT CHARACTER}" for sign in message
    )


def warn(spec: str, message: str) -> None:
    """One line on a description that is used all the same."""
    click.echo(harmless(f"chainrule: {spec}: warning: {message}"), err=True)
