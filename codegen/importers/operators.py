"""What each operator is as equations: one table from ONNX's names to what writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chainrule.symbolic.index.failures import InvalidDescription

from . import arranging, attention, elementwise, products, recurrent, reducing, resizing, windows
from .folding import FOLDING
from .graph import Node
from .translation import Writer

OPERATORS: Mapping[str, Writer] = {
    **elementwise.OPERATORS,
    **products.OPERATORS,
    **arranging.OPERATORS,
    **windows.OPERATORS,
    **resizing.OPERATORS,
    **reducing.OPERATORS,
    **recurrent.OPERATORS,
    **attention.OPERATORS,
}
#: What is made of numbers that are known, and never written down.
FOLDED_ALONE = {"Shape", "ConstantOfShape", "Constant"}


def refuse_unknown(nodes: Iterable[Node]) -> None:
    """All operators at once that there is nothing for, with their nodes.

    Raises:
        InvalidDescription: where there is one.
    """
    unknown: dict[str, list[str]] = {}
    for node in nodes:
        if node.operator not in OPERATORS and node.operator not in FOLDING and node.operator not in FOLDED_ALONE:
            unknown.setdefault(node.operator, []).append(repr(node.name))
    if unknown:
        listed = "; ".join(f"{operator} ({', '.join(names[:5])}{', …' if len(names) > 5 else ''})" for operator, names in unknown.items())
        raise InvalidDescription(f"there are no equations for the operators {listed}. Those there are: {', '.join(sorted(OPERATORS))}")
