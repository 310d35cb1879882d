"""What the cost of some examples weighs among the costs of others, as NumPy source: their number, or what is not masked of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chainrule.codegen.backends.numpy.expressions import NumpySource
from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.index.axes import size_symbol
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import names_read
from chainrule.symbolic.system.cost_of_parts import CostOfParts, ExamplesJoined, cost_of_parts
from chainrule.symbolic.system.system import System


@dataclass(frozen=True, slots=True)
class Share:
    """NumPy source by the names of the arrays that it reads."""

    text: str
    reads: tuple[str, ...] = ()


def share_of(system: System, given: Collection[str]) -> Share:
    """The share of the examples at `places`, by arrays that are given; where examples mix, it is their number."""
    try:
        return _share(system, cost_of_parts(system), given) or COUNT
    except ExamplesJoined:
        return COUNT


def refuse_joined(system: System, given: Collection[str]) -> CostOfParts:
    """How costs of parts make up the whole.

    Raises:
        ExamplesJoined: where they don't.
        InvalidDescription: where a divisor is computed of more than what is given.
    """
    parts = cost_of_parts(system)
    if _share(system, parts, given) is None:
        raise InvalidDescription(f"the cost is divided by {parts.divisor}, which is no sum of entries that are given")
    return parts


def _share(system: System, parts: CostOfParts, given: Collection[str]) -> Share | None:
    if parts.divisor == 1:
        return ONE
    if parts.divisor == size_symbol(system.batch or ""):
        return COUNT
    read = [name for name in names_read(parts.divisor) if name in system.tensors]
    if not set(read) <= set(given):
        return None
    # What is called like a name of the script's is taken last.
    reads = sorted(read, key=lambda name: name in ("self", "places"))
    return Share(NumpySource(system).line(array_form(parts.divisor), ()).text, tuple(reads))


#: Of a sum, and of a mean over the examples.
ONE, COUNT = Share("1"), Share("len(places)")
