"""What entries mean that are read outside of their axes, said beside a derivation that reads some: h[t − 1] at t = 0 is 0."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Indexed

from chainrule.codegen.document.document import Code, Sentence, Words
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.index.affine_index import affine
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.ranges import bounds, places
from chainrule.symbolic.system.system import System

WHERE = {False: " before the first place", True: " after the last"}


def reads_outside(system: System, expressions: Iterable[Expr]) -> Sentence:
    """That entries outside of an axis are 0, with one that is read before the first place and one after the last; nothing without any."""
    printer, found = PlainPrinter(system), dict[bool, str]()
    for expression in expressions:
        for node in nodes(expression):
            if isinstance(node, Indexed):
                for is_last in _ends(node, system):
                    found.setdefault(is_last, printer.text(node))
    if not found:
        return ()
    said: list[Words | Code] = [Words("Entries outside of an axis are 0, as ")]
    for number, (is_last, entry) in enumerate(sorted(found.items())):
        # One entry may be read beyond both ends.
        named = [Code(entry)] if entry not in list(found.values())[:number] else []
        said += [*([Words(" and")] if number else []), *([Words(" ")] if number and named else []), *named, Words(WHERE[is_last])]
    if system.boundaries:
        said.append(Words("; boundary values are added to them where they are"))
    return (*said, Words("."))


def _ends(read: Indexed, system: System) -> Iterable[bool]:
    """The ends of axes beyond which an entry may be read at a shifted place."""
    for place, axis in places(read, system.stored):
        if (shifted := affine(place)) is not None and shifted.steps and not shifted.is_plain:
            yield from (bound.is_last for bound in bounds(place, axis, system.stored, system.axes))
