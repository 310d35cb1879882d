"""How many of all changed formulas are found and called what they are: python changed_formulas_trial.py [NAME] [NOTATION] [CHANGES]."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from changed_formulas import changed_formulas
from written_networks import NAMES, network, printed

from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import MarkedLine
from chainrule.symbolic.derivation.chain_rule import derive

SEED = 20
NOTATIONS = ("superscript", "delta", "brackets", "graph", "neuron")
LEVELS = ("index", "matrix")
RIGHT = "right"


@dataclass(frozen=True)
class Outcome:
    """What was said of the formulas of a network; their `kind` is that of the change in one of them, or "right"."""

    text: str
    kind: str
    formula: str
    found: bool
    named: bool
    said: MarkedLine | None


def texts(part: str = "", notation: str = "") -> Iterator[tuple[str, str, str]]:
    """Network, notation and level of all texts."""
    for name in (each for each in NAMES if part in each):
        for own in (each for each in NOTATIONS if notation in each):
            yield from ((name, own, level) for level in LEVELS)


def trial(part: str = "", notation: str = "", changes: int = 20, progress: Callable[[str], None] | None = None) -> Iterator[Outcome]:
    """Each text as it is printed, and with so many changes, one at a time."""
    markers: dict[str, Marker] = {}
    for name, own, level in texts(part, notation):
        if progress is not None:
            progress(f"{name}, {own}, {level}")
        if name not in markers:
            description = network(name)
            markers[name] = Marker(derive(description.network, description.wrt), description.symbols)
        text, title = printed(name, "latex", own, level, part="gradients", with_steps=False), f"{name}, {own}, {level}"
        work = markers[name].marked(text, name, None, ".tex")
        yield Outcome(title, RIGHT, "", work.is_right, work.is_right, work.first_wrong)
        changed = [*changed_formulas(text)]
        for each in random.Random(SEED).sample(changed, min(changes, len(changed))):
            first = markers[name].marked(each.text, name, None, ".tex").first_wrong
            found = first is not None and first.line == each.line
            named = found and first is not None and first.mistake in each.kinds
            yield Outcome(title, min(each.kinds), each.formula, found, named, first)


def main(part: str = "", notation: str = "", changes: int = 20) -> None:
    """Prints what is not found, and the counts for each kind."""
    every = list(trial(part, notation, changes))
    for outcome in every:
        if not outcome.named:
            print(outcome.text, outcome.kind, outcome.formula, outcome.said)
    for kind in sorted({outcome.kind for outcome in every}):
        own = [outcome for outcome in every if outcome.kind == kind]
        print(f"{kind:10} {len(own):5} tried {sum(each.found for each in own):5} found {sum(each.named for each in own):5} named")


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:4]))
