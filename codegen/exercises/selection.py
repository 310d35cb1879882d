"""Which questions a sheet has: kinds in turn, places at random, none that another one gives away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from chainrule.codegen.document.block_walk import formulas_shown
from chainrule.codegen.document.document import Block, Paragraph
from chainrule.codegen.document.node_walk import count
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.words.sentences import say, together
from chainrule.symbolic.index.failures import InvalidDescription

from .draw import QuestionDraw
from .kinds import KINDS
from .question import WITH_NUMBERS, Question
from .said_numbers import said_numbers
from .seeds import MOST_SEED
from .source import QuestionSource

MOST_QUESTIONS = 50
#: Which draw of a seed decides what; the first is that of the student's numbers.
ORDER_OF_KINDS = 1
FIRST_QUESTION = 2
FIRST_FAMILY = "errors"
#: How often further numbers are drawn for one question.
TURNS = 3


def refuse_out_of_range(count: int, seed: int) -> None:
    """Raises `InvalidDescription` where no sheet has so many questions, or no sheet has such a seed."""
    for option, number, least, most in (("--exercises", count, 1, MOST_QUESTIONS), ("--seed", seed, 0, MOST_SEED)):
        if not least <= number <= most:
            raise InvalidDescription(f"{option}: found {number}; expected a whole number from {least} to {most}")


def chosen_questions(source: QuestionSource, count: int, given: Sequence[Block]) -> tuple[Question, ...]:
    """So many different questions, the easier ones first. `given` is what the sheet shows in any case.

    Raises:
        InvalidDescription: where the network has fewer, with their number, and where no network has so many.
    """
    refuse_out_of_range(count, source.seed)
    chosen: list[Question] = []
    waiting = {name: list(kind.places(source)) for name, kind in KINDS.items()}
    for number, order in enumerate(_orders(source.seed, count)):
        question = next_question(source, QuestionDraw(source.seed, FIRST_QUESTION + number), order, waiting, chosen, given)
        question = question or _further_question(source, number, order, chosen, given)
        if question is None:
            raise InvalidDescription(_too_many(source, count, len(chosen)))
        chosen.append(question)
    kinds = list(KINDS)
    return tuple(sorted(chosen, key=lambda question: (question.stars, kinds.index(_row(question)))))


def _orders(seed: int, count: int) -> list[tuple[str, ...]]:
    """For every question the kinds in the order in which they are tried: families in turn, and the kinds of each in turn.

    Errors come first, as they show several formulas each, which no other question may ask for.
    """
    draw = QuestionDraw(seed, ORDER_OF_KINDS)
    families: dict[str, tuple[str, ...]] = {}
    for name in draw.shuffled(list(KINDS)):
        families[KINDS[name].family] = (*families.get(KINDS[name].family, ()), name)
    turns = []
    for number in range(count):
        place, turn = number % len(families), number // len(families)
        ordered = [*list(families.values())[place:], *list(families.values())[:place]]
        turns.append(tuple(name for kinds in ordered for name in (*kinds[turn % len(kinds) :], *kinds[: turn % len(kinds)])))
    return sorted(turns, key=lambda order: KINDS[order[0]].family != FIRST_FAMILY)


def next_question(
    source: QuestionSource,
    draw: QuestionDraw,
    order: Sequence[str],
    waiting: dict[str, list[Any]],
    chosen: Sequence[Question],
    given: Sequence[Block],
) -> Question | None:
    """A question of the first kind that still has one; a place is asked about once, whatever becomes of it.

    A kind comes a second time only where no other has anything new, and what was asked before in another skin only where nothing else is
    left.
    """
    kinds, tasks = {_row(question) for question in chosen}, {question.task for question in chosen}
    for known_kinds, known_tasks in ((kinds, tasks), (set(), tasks), (set(), set())):
        for name in order:
            if name in known_kinds:
                continue
            while places := [place for place in waiting[name] if KINDS[name].task(source, place) not in known_tasks]:
                place = draw.one_of(places)
                waiting[name].remove(place)
                question = _made(source, name, place, draw)
                if question is not None and _fits(question, chosen, given):
                    return replace(question, task=KINDS[name].task(source, place))
    return None


def _made(source: QuestionSource, name: str, place: Any, draw: QuestionDraw) -> Question | None:
    """The question of a place; with the numbers that it starts from, where they are not those of the sheet."""
    question = KINDS[name].question(source, place, draw)
    if question is None or not source.further:
        return question
    numbers = Paragraph(together(say("exercises.own_numbers"), said_numbers(source)))
    return replace(question, prompt=(numbers, *question.prompt), has_own_numbers=True)


def _further_question(
    source: QuestionSource, number: int, order: Sequence[str], chosen: Sequence[Question], given: Sequence[Block]
) -> Question | None:
    """Where nothing else is left: a kind that is answered with numbers, the rarest first, with other numbers."""
    asked = Counter(map(_row, chosen))
    kinds = sorted((name for name in order if name.startswith(WITH_NUMBERS)), key=lambda name: asked[name])
    for turn in range(TURNS):
        further = replace(source, further=1 + number + turn * MOST_QUESTIONS)
        waiting = {name: list(KINDS[name].places(further)) for name in kinds}
        question = next_question(further, QuestionDraw(source.seed, FIRST_QUESTION + number), kinds, waiting, chosen, given)
        if question is not None:
            return question
    return None


def _fits(question: Question, chosen: Sequence[Question], given: Sequence[Block]) -> bool:
    """Whether a question gives no other answer away, and no other one its own; and is another on paper."""
    if any(question.gives_away(other) or other.gives_away(question) or question.prompt == other.prompt for other in chosen):
        return False
    shown = [*given, *(block for other in chosen for block in other.prompt), *question.prompt]
    return not given_away(question.secrets, shown) and not any(given_away(other.secrets, question.prompt) for other in chosen)


def given_away(secrets: Sequence[Node], shown: Iterable[Block]) -> list[Node]:
    """The secrets that stand in a formula of the blocks."""
    formulas = [formula for block in shown for formula in formulas_shown(block)]
    return [secret for secret in secrets if any(count(secret, formula) for formula in formulas)]


def _row(question: Question) -> str:
    """The row of the table that made a question."""
    return question.kind if question.kind in KINDS else "changed_network"


def _too_many(source: QuestionSource, count: int, possible: int) -> str:
    name = source.system.name
    return f"--exercises {count}: {name} has {possible} different questions with seed {source.seed}; choose a number up to {possible}"
