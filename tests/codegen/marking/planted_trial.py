"""Works with a mistake and works without: is the line found, is the mistake called what it is, and is nothing said of what is right?

python tests/codegen/marking/planted_trial.py [PART OF A NETWORK'S NAME] [FORMS OF EACH] prints what is not, and the counts.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from generated_works import generated_work
from other_forms import other_form
from planted_networks import networks
from plantings import Planting
from written_as import written_as

from chainrule import derive
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import MarkedLine

#: Of one form of a work.
MISTAKES = 2
RIGHT = "right"


@dataclass(frozen=True)
class Outcome:
    """What was said of one work; its `kind` is that of the mistake, or "right"."""

    network: str
    kind: str
    what: str
    found: bool
    named: bool
    said: MarkedLine | None
    text: str


def outcomes(name: str, forms: int, tried: Counter[str], seed: int = 20) -> Iterator[Outcome]:
    """So many forms of one network's work, each right and with mistakes of those kinds that were `tried` least."""
    derivation = derive(networks()[name])
    marker, work = Marker(derivation), generated_work(derivation, seed)
    for number in range(forms):
        own = f"{seed} {name} {number}"
        draw = random.Random(own)
        form, changes = other_form(work, draw)
        written = written_as(form, random.Random(own))
        written.run()
        marked = marker.marked(written.text, name)
        unread = [line for line in marked.lines if line.verdict == "unread"]
        is_right = marked.is_right and not unread
        yield Outcome(name, RIGHT, ", ".join(changes), is_right, is_right, marked.first_wrong or next(iter(unread), None), written.text)
        planting, planted = Planting(form), 0
        for kind in sorted(planting.every, key=lambda kind: (tried[kind], draw.random())):
            mistake = planting.one(kind, draw) if planted < MISTAKES else None
            if mistake is None:
                continue
            planted += 1
            tried[kind] += 1
            wrong = written_as(mistake.work, random.Random(own))
            first = marker.marked(wrong.text, name).first_wrong
            found = first is not None and first.line == wrong.lines[mistake.place]
            named = found and first is not None and first.mistake in mistake.kinds
            what = f"line {wrong.lines[mistake.place]}, {' or '.join(sorted(mistake.kinds))}, {mistake.what}"
            yield Outcome(name, kind, what, found, named, first, wrong.text)


def trial(part: str = "", forms: int = 3, progress: Callable[[str], None] | None = None) -> list[Outcome]:
    """All networks whose names have a part."""
    tried: Counter[str] = Counter()
    every = []
    for name in networks():
        if part in name:
            for outcome in outcomes(name, forms, tried):
                every.append(outcome)
                if progress is not None:
                    progress(f"{len(every)} works, {name}")
    return every


def numbered(text: str) -> str:
    return "\n".join(f"{number:4} {line}" for number, line in enumerate(text.split("\n"), 1))


def main(part: str = "", forms: int = 3) -> None:
    every = trial(part, forms)
    for outcome in every:
        if not outcome.named:
            print(f"\n{outcome.network}: {outcome.kind}, {'LINE' if not outcome.found else 'KIND'}, {outcome.what}\n{outcome.said}")
            print(numbered(outcome.text))
    for kind in sorted({outcome.kind for outcome in every}):
        own = [outcome for outcome in every if outcome.kind == kind]
        print(f"{kind:13} {len(own):5} tried {sum(each.found for each in own):5} found {sum(each.named for each in own):5} named")
    planted = [outcome for outcome in every if outcome.kind != RIGHT]
    alarms = sum(not outcome.found for outcome in every if outcome.kind == RIGHT)
    counted = f"{sum(each.found for each in planted)} found, {sum(each.named for each in planted)} called what they are"
    print(f"{len(planted)} planted, {counted}; {alarms} false alarms in {len(every) - len(planted)} right works")


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
