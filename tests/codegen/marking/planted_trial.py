"""How many of all planted mistakes are found, and how many are called what they are: python planted_trial.py [NAME] [MOST]."""

from __future__ import annotations

import random
import sys

from planted import networks, planted, work_text

from chainrule import derive
from chainrule.codegen.marking.mark import Marker

SEED = 20


def main(part: str = "", most: int = 40) -> None:
    """Prints what is not found, and the counts."""
    tried = found = named = alarms = 0
    for name, network in networks().items():
        if part in name:
            derivation = derive(network)
            text, marker = work_text(derivation), Marker(derivation)
            alarms += not marker.marked(text, name).is_right
            mistakes = [*planted(text)]
            for mistake in random.Random(SEED).sample(mistakes, min(most, len(mistakes))):
                first = marker.marked(mistake.text, name).first_wrong
                tried += 1
                found += first is not None and first.line == mistake.line
                if first is not None and first.line == mistake.line and first.mistake in mistake.kinds:
                    named += 1
                else:
                    print(name, mistake.line, mistake.what, first and (first.line, first.mistake))
    print(f"{tried} planted, {found} found, {named} called what they are; {alarms} false alarms")


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
