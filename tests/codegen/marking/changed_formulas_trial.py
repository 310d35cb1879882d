"""How many of all changed formulas are found and called what they are: python changed_formulas_trial.py [NAME] [NOTATION] [MOST]."""

from __future__ import annotations

import random
import sys
from collections import Counter

from changed_formulas import changed_formulas
from written_networks import NAMES, network, printed

from chainrule.codegen.marking.mark import Marker
from chainrule.symbolic.derivation.chain_rule import derive

SEED = 20
NOTATIONS = ("superscript", "delta", "brackets", "graph", "neuron")


def main(part: str = "", notation: str = "", most: int = 20) -> None:
    """Prints what is not found, and the counts for each kind."""
    tried, named, found, alarms = Counter[str](), Counter[str](), 0, 0
    for name in (each for each in NAMES if part in each):
        description = network(name)
        marker = Marker(derive(description.network, description.wrt), description.symbols)
        for own, level in ((own, level) for own in NOTATIONS if notation in own for level in ("index", "matrix")):
            if name == "gru" and level == "matrix":
                continue
            text = printed(name, "latex", own, level, part="gradients", with_steps=False)
            alarms += not marker.marked(text, name, None, ".tex").is_right
            changed = [*changed_formulas(text)]
            for each in random.Random(SEED).sample(changed, min(most, len(changed))):
                first = marker.marked(each.text, name, None, ".tex").first_wrong
                kind = min(each.kinds)
                tried[kind] += 1
                found += first is not None and first.line == each.line
                if first is not None and first.line == each.line and first.mistake in each.kinds:
                    named[kind] += 1
                else:
                    print(name, own, level, each.formula, sorted(each.kinds), first and (first.line, first.mistake, first.message))
    print(f"{tried.total()} changed, {found} found, {named.total()} called what they are; {alarms} false alarms")
    print(", ".join(f"{kind} {named[kind]} of {tried[kind]}" for kind in tried))


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:4]))
