"""Find the error: formulas of the backward pass one below the other, one of them with a mistake."""

from __future__ import annotations

from codegen.blocks import Display, Line, Math, Paragraph, Sentence
from codegen.sentences import say, together
from symbolic.failures import CheckFailed

from .draw import Draw
from .formula_mistakes import FormulaMistake, mistakes
from .question import Question
from .source import Source, checked_by_evaluation

#: Formulas from one quantity to the next; fewer would be a guess.
SHOWN = 3


def places(source: Source) -> tuple[int, ...]:
    """The first of the formulas shown."""
    return tuple(range(len(source.adjoints) - SHOWN + 1))


def question(source: Source, place: int, draw: Draw) -> Question | None:
    shown = source.adjoints[place : place + SHOWN]
    error = max(source.error_of(adjoint.as_tensor.own_entry, adjoint.expression) for adjoint in shown)
    wrong = draw.below(SHOWN)
    own = shown[wrong].as_tensor.own_entry
    mistake = visible_mistake(source, shown[wrong].tensor.name, draw)
    if mistake is None:
        return None
    if not source.is_clearly_wrong(own, mistake.expression):
        raise CheckFailed(f"the mistake in the formula of {own} is none: {mistake.expression}")
    expressions = [mistake.expression if number == wrong else adjoint.expression for number, adjoint in enumerate(shown)]
    lines = [
        Line(source.material.entry(adjoint.as_tensor.name), source.latex.text(expression), say("exercises.line", number=number))
        for number, (adjoint, expression) in enumerate(zip(shown, expressions, strict=True), 1)
    ]
    right = source.latex.text(shown[wrong].expression)
    return Question(
        "find_wrong_formula",
        shown[0].tensor.name,
        2,
        (Paragraph(say("exercises.find.formula")), Display(tuple(lines))),
        (
            Paragraph(wrong_line(wrong + 1, named(source, mistake))),
            Display((Line(lines[wrong].left, right),)),
        ),
        together(checked_by_evaluation(error), say("exercises.checked.mistake")),
        3,
        frozenset({shown[wrong].tensor.name}),
        frozenset(adjoint.tensor.name for adjoint in shown),
        secrets=(right,),
    )


def visible_mistake(source: Source, name: str, draw: Draw) -> FormulaMistake | None:
    """A mistake in a gradient's formula that shows on paper and in numbers; each kind is as likely as every other."""
    adjoint = source.adjoint(name)
    own, right = adjoint.as_tensor.own_entry, source.latex.text(adjoint.expression)
    found = [mistake for mistake in mistakes(adjoint.expression, source.system) if source.latex.text(mistake.expression) != right]
    for kind in draw.shuffled(list(dict.fromkeys(mistake.kind for mistake in found))):
        for mistake in draw.shuffled([mistake for mistake in found if mistake.kind == kind]):
            if source.is_clearly_wrong(own, mistake.expression):
                return mistake
    return None


def named(source: Source, mistake: FormulaMistake) -> Sentence:
    """What is wrong, in words."""
    mentions = {key: Math(source.latex.text(part)) for key, part in mistake.mentions.items()}
    return say(f"exercises.mistake.{mistake.kind}", **mentions)


def wrong_line(number: int, mistake: Sentence) -> Sentence:
    """Which line is wrong, why, and that the right one follows."""
    return together(say("exercises.find.answer", number=number), mistake, say("exercises.find.right"))
