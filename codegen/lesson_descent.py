"""The cost of all examples as a sum or a mean, the gradient as a column, and steps of gradient descent along it."""

from __future__ import annotations

from sympy import Expr, Float

from symbolic.per_example import gradients_of_examples

from .blocks import Block, Display, Heading, Line, Math, Paragraph
from .latex import LatexNumbers, number
from .lesson_any_layer import last_layer, suffixes
from .lesson_material import Material
from .sentences import say
from .view import View
from .view_latex import Spelling

#: An activation, its target and a learning rate for a step with plain numbers.
SHOWN_ACTIVATION, SHOWN_TARGET, SHOWN_RATE = 0.66, 1.0, 0.1
DIGITS = 9


def total_cost_section(material: Material) -> list[Block]:
    """θ, the cost as a sum over examples n above the letter, and the same of its gradient."""
    if material.layers is None or not _adds_up(material):
        return []
    letters, w = material.notation.entry_letters, material.notation.entry_letters["W"]
    mean = r"\frac{1}{N} \, " if material.layers.reduction == "mean" else ""
    cost, one = material.latex.cost, "C^{n}"
    parameters = rf"\left\{{{w}_{{1}}, {w}_{{2}}, \dots, {letters['b']}_{{1}}, {letters['b']}_{{2}}, \dots\right\}}"
    output = material.notation.output or letters["a"]
    return [
        Heading(1, say("heading.total"), "total-cost"),
        Paragraph(say("total.parameters", theta=Math(r"\theta"))),
        Display((Line(r"\theta", parameters),)),
        Paragraph(say("total.examples", x=Math("x^{n}"), y=Math(f"{output}^{{n}}"), target=Math(f"{letters['y']}^{{n}}"), cost=Math(one))),
        Display(
            (
                Line(rf"{cost}(\theta)", rf"{mean}\sum_{{n}} {one}(\theta)"),
                Line(rf"\frac{{\partial {cost}}}{{\partial {w}}}", rf"{mean}\sum_{{n}} \frac{{\partial {one}}}{{\partial {w}}}"),
            )
        ),
        Paragraph(say("total.one", cost=Math("C"))),
    ]


def mean_of_examples_section(material: Material) -> list[Block]:
    """∂C/∂w⁽ᴸ⁾ as the mean over n examples k, and ∇C as a column."""
    view = material.views.one_neuron_per_layer or material.views.one_example
    if material.layers is None or view is None or not _adds_up(material):
        return []
    latex = view.writer(last_layer(view)).latex
    cost, w = latex.cost, latex.above(suffixes(view)[-1])
    letter = view.notation.entry_letters["W"]
    mean = r"\frac{1}{n} \, " if material.layers.reduction == "mean" else ""
    total = r"\sum_{k=0}^{n-1}"
    return [
        Heading(1, say("heading.mean"), "mean-of-examples"),
        Paragraph(say(f"mean.{material.layers.reduction}", n=Math("n"), one=Math(f"{cost}_{{k}}"), k=Math("k"))),
        Display(
            (
                Line(
                    rf"\frac{{\partial {cost}}}{{\partial {letter}{w}}}",
                    rf"{mean}{total} \frac{{\partial {cost}_{{k}}}}{{\partial {letter}{w}}}",
                ),
            )
        ),
        *_gradient(material, "L"),
    ]


def _adds_up(material: Material) -> bool:
    """Whether there is a view of one example; then the gradients of the examples are added up and compared with that of all."""
    views = material.views
    if views.plain is None or views.one_example is None:
        return False
    whole = views.view(views.plain.system)
    gradients = gradients_of_examples(whole.numbers, views.one_example.derivation)
    share = 1 / len(gradients) if views.plain.reduction == "mean" else 1.0
    for tensor in whole.system.parameters:
        total = share * sum(found[tensor.name] for found in gradients)
        material.claims.numbers_agree(f"∂C/∂{tensor.name} over the examples", whole.numbers.arrays[f"d{tensor.name}"], total)
    return True


def _gradient(material: Material, last: str) -> list[Block]:
    """∇C: the derivatives by all weights and biases, one below the other."""
    notation, cost = material.notation, material.latex.cost
    w, b = notation.entry_letters["W"], notation.entry_letters["b"]
    count = sum(array.size for array in material.example.params)

    def row(letter: str, layer: str) -> str:
        return rf"\frac{{\partial {cost}}}{{\partial {letter}^{{{notation.raised(layer)}}}}}"

    rows = [row(w, "1"), row(b, "1"), r"\vdots", row(w, last), row(b, last)]
    column = r"\begin{bmatrix}" + r" \\ ".join(rows) + r"\end{bmatrix}"
    return [
        Paragraph(say("descent.gradient", gradient=Math(rf"\nabla {cost}"), count=f"{count:,}")),
        Display((Line(rf"\nabla {cost}", column),)),
    ]


def descent_section(material: Material) -> list[Block]:
    """θ¹ = θ⁰ − η ∇L(θ⁰), θ² = θ¹ − η ∇L(θ¹), and a step with plain numbers."""
    if material.layers is None:
        return []
    _two_steps(material)
    cost, rate = material.latex.cost, material.notation.learning_rate

    def step(number: int) -> Line:
        before = rf"\theta^{{{number - 1}}}"
        return Line(rf"\theta^{{{number}}}", rf"{before} - {rate} \, \nabla {cost}({before})")

    gradient = [] if "mean_of_examples" in material.notation.sections else _gradient(material, "L")
    return [
        Heading(1, say("heading.descent"), "descent"),
        *gradient,
        Paragraph(say("descent.steps", theta=Math(r"\theta^{0}"), rate=Math(rate))),
        Display((step(1), step(2))),
        *_with_numbers(material),
    ]


def _two_steps(material: Material) -> None:
    """Two steps of the module against the formula, at the worked example."""
    example, module = material.example, material.checked.module
    params = example.params
    for _ in range(2):
        _, gradients = module.cost_and_gradients(params, *example.data)
        following = module.sgd(params, gradients, eta=example.learning_rate)
        for name, array, slope, new in zip(params._fields, params, gradients, following, strict=True):
            material.claims.numbers_agree(f"a step of gradient descent in {name}", new, array - example.learning_rate * slope)
        params = following


def _with_numbers(material: Material) -> list[Block]:
    """The cost of one output of 0.66 whose target is 1, its derivative, and one step of the output itself."""
    view = material.views.one_neuron_per_layer
    if view is None or set(view.system.cost.reads) != {(own := f"a{suffixes(view)[-1]}"), *(tensor.name for tensor in view.system.targets)}:
        return []
    cost, slope = view.system.cost.expression, view.derivation.adjoint(own).expression
    (target,) = (tensor.own_entry for tensor in view.system.targets)
    output = view.system.tensors[own].own_entry
    first = {output: SHOWN_ACTIVATION, target: SHOWN_TARGET}
    rate = _value(slope, first)
    second = {output: SHOWN_ACTIVATION - SHOWN_RATE * rate, target: SHOWN_TARGET}
    costs = _value(cost, first), _value(cost, second)
    name = {view.system.cost.tensor.name: rf"{view.writer().latex.cost}_{{0}}"}
    writer = view.writer(Spelling(layers=last_layer(view).layers, names={**last_layer(view).names, **name}))
    a, c = writer.text(output), writer.latex.cost
    step = rf"{number(SHOWN_ACTIVATION)} - {number(SHOWN_RATE)} \cdot {_signed(rate)}"
    return [
        Paragraph(say("descent.numbers", a=Math(f"{a} = {number(SHOWN_ACTIVATION)}"), y=Math(f"{writer.text(target)} = 1"))),
        Display(
            (
                Line(c, f"{_with(view, cost, first)} = {number(costs[0], DIGITS)}"),
                Line(rf"\frac{{\partial {c}}}{{\partial {a}}}", f"{_with(view, slope, first)} = {number(rate, DIGITS)}"),
            )
        ),
        Paragraph(say("descent.step", rate=Math(rf"{material.notation.learning_rate} = {number(SHOWN_RATE)}"))),
        Display(
            (
                Line(a, f"{step} = {number(second[output], DIGITS)}", relation=material.notation.assignment),
                Line(c, f"{_with(view, cost, second)} = {number(costs[1], DIGITS)}"),
            )
        ),
    ]


def _value(expression: Expr, values: dict[Expr, float]) -> float:
    return float(expression.xreplace({entry: Float(value, 17) for entry, value in values.items()}))


def _with(view: View, expression: Expr, values: dict[Expr, float]) -> str:
    return LatexNumbers(view.system, view.notation, values, DIGITS).text(expression)


def _signed(value: float) -> str:
    return f"({number(value, DIGITS)})" if value < 0 else number(value, DIGITS)
