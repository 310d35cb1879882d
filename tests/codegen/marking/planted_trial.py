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
from plantings import Planted, Planting
from written_as import Written, written_as

from chainrule import derive
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import MarkedLine

#: Of one form of a work.
MISTAKES = 2
RIGHT = "right"
SEED = 20


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


class Trials:
    """The works of one network: its numbers are computed once."""

    def __init__(self, name: str, seed: int = SEED) -> None:
        derivation = derive(networks()[name])
        self.name, self.seed, self.marker, self.work = name, seed, Marker(derivation), generated_work(derivation, seed)

    def outcomes(self, number: int, tried: Counter[str]) -> Iterator[Outcome]:
        """One form of the work, right and with mistakes of those kinds that were `tried` least."""
        own = f"{self.seed} {self.name} {number}"
        draw = random.Random(own)
        form, changes = other_form(self.work, draw)
        written = written_as(form, random.Random(own))
        written.run()
        marked = self.marker.marked(written.text, self.name)
        wrong = marked.first_wrong or next((line for line in marked.lines if line.verdict == "unread"), None)
        is_right = marked.is_right and wrong is None
        yield Outcome(self.name, RIGHT, ", ".join(changes), is_right, is_right, wrong, written.text)
        planting, planted = Planting(form), 0
        for kind in sorted(planting.every, key=lambda kind: (tried[kind], draw.random())):
            mistake = planting.one(kind, draw) if planted < MISTAKES else None
            if mistake is not None:
                planted += 1
                tried[kind] += 1
                yield self.outcome(kind, mistake, written_as(mistake.work, random.Random(own)))

    def outcome(self, kind: str, mistake: Planted, written: Written) -> Outcome:
        first = self.marker.marked(written.text, self.name).first_wrong
        found = first is not None and first.line in {written.lines[place] for place in mistake.places}
        named = found and first is not None and first.mistake in mistake.kinds
        what = f"line {written.lines[mistake.place]}, {' or '.join(sorted(mistake.kinds))}, {mistake.what}"
        return Outcome(self.name, kind, what, found, named, first, written.text)


def trial(part: str = "", forms: int = 3, progress: Callable[[str], None] | None = None) -> Iterator[Outcome]:
    """All networks whose names have a part, so many forms of each."""
    tried: Counter[str] = Counter()
    every = [Trials(name) for name in networks() if part in name]
    for number in range(forms):
        for trials in every:
            if progress is not None:
                progress(f"form {number + 1} of {forms}, {trials.name}")
            yield from trials.outcomes(number, tried)


def numbered(text: str) -> str:
    return "\n".join(f"{number:4} {line}" for number, line in enumerate(text.split("\n"), 1))


def main(part: str = "", forms: int = 3) -> None:
    every = list(trial(part, forms))
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
