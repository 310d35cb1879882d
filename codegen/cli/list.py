"""`chainrule list`."""

from __future__ import annotations

import click

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .completion import Word
from .listings import LISTS


@click.command(name="list")
@click.argument("what", required=False, type=Word(lambda: dict.fromkeys(LISTS, "")))
def list_command(what: str | None) -> None:
    """List what can be chosen: activations, costs, layers, optimisers, notations, languages, derivatives, passes, formats; and limits.

    \b
    Examples:
      chainrule list
      chainrule list activations
    """
    if what is not None and what not in LISTS:
        raise InvalidDescription(f"unknown list {what!r}; {expected_one_of(what, LISTS)}")
    for name in [what] if what else LISTS:
        if what is None:
            print(f"{name}:")
        meanings = LISTS[name]()
        width = max(map(len, meanings))
        for word, meaning in meanings.items():
            print(f"{'' if what else '  '}{word:{width}}  {meaning}".rstrip())
