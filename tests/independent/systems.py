"""Whole descriptions by number: pieces, one after another, and a cost of all that nothing reads yet."""

from __future__ import annotations

import random

from . import pieces, pieces_of_places, pieces_of_steps
from .drawing import Drawing, Drawn, Piece, names_in

PIECES: dict[str, tuple[Piece, float]] = {
    "pointwise": (pieces.pointwise, 5),
    "contraction": (pieces.contraction, 4),
    "cases": (pieces.cases, 3),
    "chain": (pieces.chain, 0.5),
    "normalisation": (pieces.normalisation, 1.5),
    "saturated": (pieces.saturated, 1),
    "window": (pieces_of_places.window, 1.5),
    "backwards": (pieces_of_places.backwards, 1),
    "placement": (pieces_of_places.placement, 2.5),
    "gather": (pieces_of_places.gather, 2),
    "ties": (pieces.ties, 1),
    "recurrence": (pieces_of_steps.recurrence, 3),
    "lattice": (pieces_of_steps.lattice, 1.3),
    "alignment": (pieces_of_steps.alignment, 0),
    "unread letters": (pieces.unread_letters, 0.8),
    "words": (pieces.words, 0),
}


def cost(made: Drawing) -> None:
    """The last equation: of all that is not read yet."""
    last = [name for name in made.unread if name in made.tensors] or [next(reversed(made.tensors))]
    terms = []
    for name in last[-4:]:
        axes = made.tensors[name]
        own = f"{name}[{','.join(axes)}]" if axes else name
        if not axes:
            terms.append(made.one_of("{}", "{}**2", "sin({})").format(own))
            continue
        if made.odds(0.2):
            places = [str(made.rng.randrange(made.size[axis])) if made.size[axis] and axis not in made.is_open else "0" for axis in axes]
            terms.append(f"{name}[{','.join(places)}]")
            continue
        letters = {axis: axis for axis in axes}
        other = made.read(letters) if made.odds(0.5) else made.given((), "parameters")
        other = "1" if other.replace(" ", "") == own else other
        inside = made.one_of(
            "{0}", "{0}**2", "({0} - {1})**2", "{0}*{1}", "abs({0} - {1})", "sin({0})", "log(1 + ({0} - {1})**2)", "{0}*{0}*{1}"
        ).format(own, other)
        kind = made.one_of("sum", "sum", "sum", "mean", "mean", "max")
        terms.append(f"{kind}({', '.join(axes)}, {inside}){made.one_of('', '', '', '/2')}")
    if made.odds(0.1) or not made.depends(names_in(" ".join(terms))):
        terms.append(f"{made.given((), 'parameters')}**2")
    made.lines.append(f"Cost = {' + '.join(terms)}")


def drawn(number: int, first: str = "") -> Drawn:
    """The description with this number; always the same one. Others begin with a certain piece."""
    made = Drawing(random.Random(number * 7919 + 13))
    made.start()
    names, weights = list(PIECES), [weight for _, weight in PIECES.values()]
    if first:
        made.pieces.append(first)
        PIECES[first][0](made)
    for _ in range(made.one_of(1, 1, 2, 2, 3, 4)):
        piece = made.rng.choices(names, weights)[0]
        made.pieces.append(piece)
        PIECES[piece][0](made)
    cost(made)
    return made.finished()
