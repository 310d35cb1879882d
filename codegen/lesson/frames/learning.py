"""The last frames: steps of learning, what goes wrong, the passes as code, and questions for the class."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Indexed, Integer

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Items, Line, Math, Paragraph, Sentence
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import THIN, derivative_on_a_line, node, row
from chainrule.codegen.formulas.kinks import kinks
from chainrule.codegen.formulas.number_printer import NumberPrinter
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.lesson.curves import activation_figure, learning_figure
from chainrule.codegen.lesson.entry_numbers import DIGITS
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.sections.derivation import signs
from chainrule.codegen.lesson.sections.learning import pitfalls
from chainrule.codegen.lesson.sections.numbers import updated
from chainrule.codegen.lesson.sections.one_page import code_tables
from chainrule.codegen.lesson.sections.one_path import FollowedWeight, followed_weight
from chainrule.codegen.lesson.sections.rule import gradients_to_show, weight_to_show
from chainrule.codegen.lesson.substituted_numbers import put_in
from chainrule.codegen.words.sentences import say, say_with
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.index.tensors import entry_name, scalar
from chainrule.symbolic.layers.network import Network

from .filling import cut_to_fit, frame

#: Parameters that are shown one by one, in two columns.
MOST_UPDATED = 20
#: Remarks on kinks that there is room for.
MOST_KINKS = 2
#: In em: how wide a line of code with its equation may be.
WIDEST_ROW = 36.0


def update_frames(material: Material) -> list[Block]:
    """The parameters before and after a step where they are few, and the cost over many steps."""
    curve = learning_figure(material)
    step: list[Block] = [Paragraph(_step(material))]
    section = Heading(1, say("slides.section.learning"), "learning")
    if sum(array.size for array in material.example.params) > MOST_UPDATED:
        return [section, *frame(say("slides.update"), "update", [*step, *curve])]
    table = updated(material, DIGITS, ("old", "new"), beside=2)
    return [section, *frame(say("slides.update"), "update", [*step, table]), *frame(say("slides.curve"), "curve", curve)]


def _step(material: Material) -> Sentence:
    example, eta, w = material.example, material.notation.learning_rate, material.ledger.parameter
    rule = row(w, "−", eta, THIN, derivative_on_a_line(material.by_index.cost, w))
    falls = "slides.update.says" if example.new_cost < example.cost else "slides.update.rises"
    before, after = (Math(number(cost, DIGITS)) for cost in (example.cost, example.new_cost))
    return say(falls, w=Math(w), new=Math(rule), eta=_rate(material), before=before, after=after)


def _rate(material: Material) -> Math:
    return Math(row(material.notation.learning_rate, "=", number(material.example.learning_rate)), Defined("given"))


def pitfalls_frame(material: Material) -> list[Block]:
    """What goes wrong, and what is agreed on where there is no slope, beside the activation of layers."""
    kinked = (say_with(key, signs(material)) for key in kinks(material.system)[:MOST_KINKS])
    figures = activation_figure(material) if isinstance(material.description.network, Network) else []
    return frame(say("slides.pitfalls"), "pitfalls", [Items((*pitfalls(material), *kinked)), *figures])


def code_frames(material: Material) -> list[Block]:
    """Each line of the module beside its equation."""
    keys = ("slides.code.forward", "slides.code.backward")
    titled = zip(keys, code_tables(material, WIDEST_ROW), strict=True)
    return [block for key, table in titled for block in frame(say(key), key.replace(".", "-"), [cut_to_fit(table)])]


def questions_frame(material: Material) -> list[Block]:
    """Two or three questions, each with its answer below it."""
    asked = [_of_passes(material), *_of_zero(material), *_of_a_step(material)]
    return frame(say("slides.questions"), "questions", [block for question, *answer in asked for block in (Items((question,)), *answer)])


Question = tuple[Sentence, Block]


def _of_passes(material: Material) -> Question:
    count = sum(array.size for array in material.example.params)
    return say("slides.ask.passes", count=count), Paragraph(say("slides.answer.passes", twice=2 * count))


def _of_zero(material: Material) -> Iterator[Question]:
    """What is a factor of every term of a gradient: where it is 0, the gradient is."""
    adjoint = weight_to_show(gradients_to_show(material))
    factor = _factor(material, adjoint) if adjoint is not None else None
    if adjoint is None or factor is None:
        return
    gradient = Math(derivative_on_a_line(material.by_index.cost, material.bare(adjoint.tensor.name)))
    array, w = Math(material.bare(factor)), Math(material.bare(adjoint.tensor.name))
    yield say("slides.ask.zero", gradient=gradient, array=array), Paragraph(say("slides.answer.zero", gradient=gradient, array=array, w=w))


def _factor(material: Material, adjoint: Adjoint) -> str | None:
    """The first quantity, no gradient and no parameter, without which nothing is left of a gradient."""
    own = {tensor.name for tensor in material.system.parameters} | set(material.system.adjoint_of)
    for name in dict.fromkeys(entry_name(entry) for entry in adjoint.expression.atoms(Indexed)):
        if name not in own and name in material.system.tensors and _without(adjoint.expression, name) == 0:
            return name
    return None


def _without(expression: Expr, name: str) -> Expr:
    """The expression with 0 for every entry of an array."""
    entries = {entry: Integer(0) for entry in expression.atoms(Indexed) if entry_name(entry) == name}
    return expression.xreplace(entries).doit()


def _of_a_step(material: Material) -> Iterator[Question]:
    """Where one weight goes in a step, with its numbers."""
    weight = followed_weight(material)
    if weight is not None:
        slope = Math(number(weight.along.slope, DIGITS))
        yield say("slides.ask.step", w=Math(weight.letter), slope=slope, eta=_rate(material)), Display((_new(material, weight),))


def _new(material: Material, weight: FollowedWeight) -> Line:
    """w ← w − η slope, as numbers."""
    old, rate, slope = scalar("old"), scalar("rate"), scalar("slope")
    along, example = weight.along, material.example
    values: dict[Expr, float] = {old: along.value, rate: float(example.learning_rate), slope: along.slope}
    found = put_in(
        "a step", old - rate * slope, values, NumberPrinter(material.system, material.notation, values, DIGITS), material.checker
    )
    new = float(getattr(example.new_params, along.parameter.name)[along.place])
    left = Formula(weight.letter)
    step = material.checker.numbers_agree("a step of one weight", found.value, new, left)
    right = found.joined()
    return Line(left, right, relation=node(material.notation.assignment), evidence=together([step, found.evidence], left, right))
