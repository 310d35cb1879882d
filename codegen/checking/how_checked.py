"""How a module's gradients were compared with differences of its cost, in words: of a document, and of the terminal."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.codegen.backends.numpy.check_plan import CheckPlan
from chainrule.codegen.document.document import Sentence, Words
from chainrule.codegen.words.sentences import listed, plain, say, say_with, together
from chainrule.symbolic.index.axes import size_symbol


def how_checked(plan: CheckPlan, size: Callable[[str, int], Sentence]) -> list[Sentence]:
    """What was moved, and at which sizes, each open axis as `size` writes it."""
    moved = say_with(f"trust.{plan.way}", {"count": plan.groups})
    sizes = [size(*chosen) for chosen in plan.open_sizes]
    return [moved, say("trust.sizes.open", sizes=listed(sizes)) if sizes else say("trust.sizes")]


def how_checked_as_text(plan: CheckPlan) -> str:
    """The same without formulas."""
    said = together(*how_checked(plan, lambda axis, size: plain(f"{size_symbol(axis)} = {size}")))
    return "".join(part.text for part in said if isinstance(part, Words))
