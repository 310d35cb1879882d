"""The cost of all examples as a sum or a mean, the gradient as a column, and steps of gradient descent along it."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined, Evaluated
from chainrule.codegen.document.nodes import (
    THIN,
    Grid,
    Letter,
    Node,
    bracketed,
    derivative,
    fraction,
    node,
    row,
    scripted,
    total,
    with_commas,
)
from chainrule.codegen.formulas.number_printer import NumberPrinter
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.any_layer import last_layer, suffixes
from chainrule.codegen.lesson.ledger import LAST_LAYER
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.substituted_numbers import PutIn, put_in
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.checking.per_example import gradients_of_examples
from chainrule.symbolic.index.tensors import scalar

#: An activation, its target and a learning rate for a step with plain numbers.
SHOWN_ACTIVATION, SHOWN_TARGET, SHOWN_RATE = 0.66, 1.0, 0.1
DIGITS = 9
#: Of the step of the output itself, whose formula is no equation of the network.
SHOWN_RATE_LETTER, SLOPE_LETTER = scalar("rate"), scalar("slope")


def total_cost_section(material: Material) -> list[Block]:
    """θ, the cost as a sum over examples n above the letter, and the same of its gradient."""
    adds_up = _adds_up(material)
    if material.layers is None or adds_up is None:
        return []
    letters, theta = material.notation.entry_letters, material.ledger.parameters
    w, b = letters["W"], letters["b"]
    mean = (fraction("1", "N"), THIN) if material.layers.reduction == "mean" else ()
    cost, one = material.by_index.cost, scripted(material.ledger.cost_of_one, above="n")
    several = [part for letter in (w, b) for part in (scripted(letter, "1"), scripted(letter, "2"), "…")]
    parameters = bracketed(with_commas(*several), "{}", grows=True)
    output = material.notation.output or letters["a"]
    costs = Formula(row(cost, bracketed(theta))), Formula(row(*mean, total("n"), one, bracketed(theta)))
    slopes = Formula(derivative(cost, w)), Formula(row(*mean, total("n"), derivative(one, w)))
    evidence = together([adds_up], *costs, *slopes)

    def of_one(letter: Node | str) -> Math:
        return Math(scripted(letter, above="n"))

    return [
        Heading(1, say("heading.total"), "total-cost"),
        Paragraph(say("total.parameters", theta=Math(theta))),
        Display((Line(Formula(theta), Formula(parameters), evidence=Defined("all parameters")),)),
        Paragraph(say("total.examples", x=of_one("x"), y=of_one(output), target=of_one(letters["y"]), cost=Math(one))),
        Display((Line(*costs, evidence=evidence), Line(*slopes, evidence=evidence))),
        Paragraph(say("total.one", cost=Math(material.ledger.cost_of_one))),
    ]


def mean_of_examples_section(material: Material) -> list[Block]:
    """∂C/∂w⁽ᴸ⁾ as the mean over N examples n, and ∇C as a column."""
    view = material.views.one_neuron_per_layer or material.views.one_example
    adds_up = _adds_up(material)
    if material.layers is None or view is None or adds_up is None:
        return []
    printer = view.writer(last_layer(view)).printer
    cost, w = printer.cost, scripted(view.notation.entry_letters["W"], above=printer.above(suffixes(view)[-1]))
    mean, one = (fraction("1", "N"), THIN) if material.layers.reduction == "mean" else (), scripted(cost, "n")
    left = Formula(derivative(cost, w))
    right = Formula(row(*mean, total(row("n", "=", "1"), "N"), derivative(one, w)))
    return [
        Heading(1, say("heading.mean"), "mean-of-examples"),
        Paragraph(say(f"mean.{material.layers.reduction}", n=Math(Letter("N")), one=Math(one), k=Math(Letter("n")))),
        Display((Line(left, right, evidence=together([adds_up], left, right)),)),
        *_gradient(material),
    ]


def _adds_up(material: Material) -> Evaluated | None:
    """The costs of the examples and their gradients are added up and compared with those of all; None where there is no view of one."""
    views = material.views
    if views.plain is None or views.one_example is None:
        return None
    whole = views.view(views.plain.system)
    gradients = gradients_of_examples(whole.numbers, views.one_example.derivation)
    share = 1 / len(gradients) if views.plain.reduction == "mean" else 1.0
    cost = whole.system.cost.tensor.name
    names = {cost: cost} | {tensor.name: whole.system.adjoint_name(tensor.name) for tensor in whole.system.parameters}
    all_evidence = []
    for name, of_all in names.items():
        total = share * sum(found[name] for found in gradients)
        all_evidence.append(material.checker.numbers_agree(f"{of_all} over the examples", whole.numbers.arrays[of_all], total))
    return together(all_evidence)


def _gradient(material: Material) -> list[Block]:
    """∇C: the derivatives by all weights and biases, one below the other."""
    notation, cost = material.notation, material.by_index.cost
    last = material.ledger.enter(notation.last_layer, LAST_LAYER)
    w, b = notation.entry_letters["W"], notation.entry_letters["b"]
    count = sum(array.size for array in material.example.params)

    first = material.layers.suffixes[0] if material.layers else "1"
    beginning: list[Node] = [derivative(cost, material.bare(f"{stem}{first}")) for stem in "Wb"]
    end: list[Node] = [derivative(cost, scripted(letter, above=notation.raised(last))) for letter in (w, b)]
    if cost == Letter("L") and material.layers:
        # No section speaks of the last layer as L beside a cost of that name.
        end = [derivative(cost, material.bare(f"{stem}{material.layers.suffixes[-1]}")) for stem in "Wb"]
    column, gradient = Grid(tuple((entry,) for entry in (*beginning, Letter("⋮"), *end))), row("∇", cost)
    return [
        Paragraph(say("descent.gradient", gradient=Math(gradient), count=f"{count:,}")),
        Display((Line(Formula(gradient), Formula(column), evidence=Defined("gradient")),)),
    ]


def descent_section(material: Material) -> list[Block]:
    """The gradient as a column, the steps, and one with plain numbers."""
    if material.layers is None:
        return []
    gradient = [] if "mean_of_examples" in material.sections else _gradient(material)
    return [Heading(1, say("heading.descent"), "descent"), *gradient, *_steps(material), *_with_numbers(material)]


def descent_in_short_section(material: Material) -> list[Block]:
    """The steps alone: what gradients are wanted for."""
    return [Heading(1, say("heading.descent"), "descent"), *_steps(material)] if material.layers is not None else []


def _steps(material: Material) -> list[Block]:
    """θ¹ = θ⁰ − η ∇L(θ⁰), θ² = θ¹ − η ∇L(θ¹)"""
    two_steps = _two_steps(material)
    cost, rate, theta = material.by_index.cost, material.notation.learning_rate, material.ledger.parameters

    def step(number: int) -> Line:
        before = scripted(theta, above=str(number - 1))
        update = row(before, "−", rate, THIN, "∇", cost, bracketed(before))
        shown = Formula(scripted(theta, above=str(number))), Formula(update)
        return Line(*shown, evidence=together([two_steps], *shown))

    return [
        Paragraph(say("descent.steps", theta=Math(scripted(theta, above="0")), rate=Math(rate))),
        Display((step(1), step(2))),
    ]


def update_lines(material: Material) -> Display:
    """W^[l] := W^[l] − α dW^[l], and the same for b."""
    notation, evidence = material.notation, _two_steps(material)
    above, sign = notation.raised(notation.any_layer), node(notation.assignment)
    lines = []
    for stem in "Wb":
        own = scripted(notation.matrix_letters[stem], above=above)
        left, right = Formula(own), Formula(row(own, "−", notation.learning_rate, THIN, notation.gradient_mark, own))
        lines.append(Line(left, right, relation=sign, evidence=together([evidence], left, right)))
    return Display(tuple(lines))


def _two_steps(material: Material) -> Evaluated:
    """Two steps of the module against the formula, at the worked example."""
    example, module = material.example, material.checked.module
    params, all_evidence = example.params, []
    for _ in range(2):
        _, gradients = module.cost_and_gradients(params, *example.data)
        following = module.sgd(params, gradients, eta=example.learning_rate)
        for name, array, slope, new in zip(params._fields, params, gradients, following, strict=True):
            by_formula = array - example.learning_rate * slope
            all_evidence.append(material.checker.numbers_agree(f"a step of gradient descent in {name}", new, by_formula))
        params = following
    return together(all_evidence)


def _with_numbers(material: Material) -> list[Block]:
    """The cost of one output of 0.66 whose target is 1, its derivative, and one step of the output itself."""
    view = material.views.one_neuron_per_layer
    if view is None or set(view.system.cost.reads) != {(own := f"a{suffixes(view)[-1]}"), *(tensor.name for tensor in view.system.targets)}:
        return []
    cost, slope = view.system.cost.expression, view.derivation.adjoint(own).expression
    (target,) = (tensor.own_entry for tensor in view.system.targets)
    output = view.system.tensors[own].own_entry
    first = {output: SHOWN_ACTIVATION, target: SHOWN_TARGET}
    name = {view.system.cost.tensor.name: scripted(view.writer().printer.cost, "0")}
    writer = view.writer(Spelling(layers=last_layer(view).layers, names={**last_layer(view).names, **name}))
    rate = _put_in(view, slope, first)
    step = _put_in(view, output - SHOWN_RATE_LETTER * SLOPE_LETTER, {**first, SHOWN_RATE_LETTER: SHOWN_RATE, SLOPE_LETTER: rate.value})
    second = {output: step.value, target: SHOWN_TARGET}
    a, c = writer.node(output), writer.printer.cost
    return [
        Paragraph(say("descent.numbers", a=_given(a, SHOWN_ACTIVATION), y=_given(writer.node(target), SHOWN_TARGET))),
        Display((_worked(c, _put_in(view, cost, first)), _worked(derivative(c, a), rate))),
        Paragraph(say("descent.step", rate=_given(material.notation.learning_rate, SHOWN_RATE))),
        Display((replace(_worked(a, step), relation=node(material.notation.assignment)), _worked(c, _put_in(view, cost, second)))),
    ]


def _given(letter: Node, value: float) -> Math:
    return Math(row(letter, "=", number(value)), Defined("given"))


def _put_in(view: NetworkView, expression: Expr, values: dict[Expr, float]) -> PutIn:
    printer = NumberPrinter(view.system, view.notation, values, DIGITS)
    return put_in(str(expression), expression, values, printer, view.checker)


def _worked(left: Node, found: PutIn) -> Line:
    return Line(found.numbers.rewritten(left), found.joined(), evidence=found.evidence)
