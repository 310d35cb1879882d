"""Find the error: formulas of the backward pass one below the other, one of them with a mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.document.document import Display, Formula, Line, Math, Paragraph, Sentence
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.mistakes.formulas import FormulaMistake, mistakes
from chainrule.codegen.words.sentences import say, together

from .answers import ChoiceAnswer
from .draw import QuestionDraw
from .question import Question
from .reasons import by_chain_rule
from .source import QuestionSource, checked_by_evaluation

#: Formulas from one quantity to the next; fewer would be a guess.
SHOWN = 3


def places(source: QuestionSource) -> tuple[int, ...]:
    """The first of the formulas shown."""
    return tuple(range(len(source.adjoints) - SHOWN + 1))


def question(source: QuestionSource, place: int, draw: QuestionDraw) -> Question | None:
    shown = source.adjoints[place : place + SHOWN]
    right = [source.gradient_line(adjoint) for adjoint in shown]
    wrong = draw.below(SHOWN)
    found = visible_mistake(source, shown[wrong].tensor.name, draw)
    if found is None:
        return None
    mistake, line = found
    lines = [*right[:wrong], line, *right[wrong + 1 :]]
    answer = one_of_lines(SHOWN, wrong)
    return Question(
        "find_wrong_formula",
        shown[0].tensor.name,
        2,
        (Paragraph(say("exercises.find.formula")), Display(with_numbers(lines))),
        (
            Paragraph(wrong_line(answer, named(source, mistake))),
            Display((right[wrong],)),
            *by_chain_rule(source, shown[wrong]),
        ),
        together(checked_by_evaluation(*map(evidence_of, right)), say("exercises.checked.mistake")),
        3,
        frozenset({shown[wrong].tensor.name}),
        frozenset(adjoint.tensor.name for adjoint in shown),
        secrets=(right[wrong].right.node,),
        answer=answer,
    )


def visible_mistake(source: QuestionSource, name: str, draw: QuestionDraw) -> tuple[FormulaMistake, Line] | None:
    """A mistake in a gradient's formula that shows on paper and in numbers, and the formula with it; every kind is as likely as any."""
    adjoint = source.adjoint(name)
    own, right = adjoint.as_tensor.own_entry, source.by_index.node(adjoint.expression)
    found = [mistake for mistake in mistakes(adjoint.expression, source.system) if source.by_index.node(mistake.expression) != right]
    for kind in draw.shuffled(list(dict.fromkeys(mistake.kind for mistake in found))):
        for mistake in draw.shuffled([mistake for mistake in found if mistake.kind == kind]):
            evidence = source.wrong(own, mistake.expression)
            if evidence is not None:
                left = Formula(source.material.entry(adjoint.as_tensor.name), (own,))
                return mistake, Line(left, source.by_index.formula(mistake.expression), evidence=evidence)
    return None


def with_numbers(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Every line with its number behind it."""
    return tuple(replace(line, reason=numbered(place)) for place, line in enumerate(lines))


def numbered(place: int) -> Sentence:
    """What a line is called; the first has the place 0."""
    return say("exercises.line", number=place + 1)


def one_of_lines(count: int, wrong: int) -> ChoiceAnswer:
    """Which of so many lines is the wrong one."""
    return ChoiceAnswer(tuple(map(numbered, range(count))), wrong)


def named(source: QuestionSource, mistake: FormulaMistake) -> Sentence:
    """What is wrong, in words."""
    mentions = {key: Math(source.by_index.node(part)) for key, part in mistake.mentions.items()}
    return say(f"exercises.mistake.{mistake.kind}", **mentions)


def wrong_line(answer: ChoiceAnswer, mistake: Sentence) -> Sentence:
    """Which line is wrong, why, and that the right one follows."""
    return together(say("exercises.find.answer", number=answer.right + 1), mistake, say("exercises.find.right"))
