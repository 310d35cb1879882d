"""The sections with numbers: a worked example, gradients against numeric ones, what was checked, and the code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sympy import Integer

from chainrule.codegen.checking.gradient_check import EXACT_BOUNDS, NUMERIC_BOUNDS, GradientRow, error_bound, gradient_rows
from chainrule.codegen.checking.how_checked import how_checked
from chainrule.codegen.document.document import (
    Block,
    Code,
    Display,
    Formula,
    Heading,
    Line,
    Listing,
    Math,
    Paragraph,
    Reference,
    Sentence,
    Table,
)
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import (
    THIN,
    Form,
    Letter,
    Node,
    Sign,
    bracketed,
    counted,
    derivative,
    derivative_on_a_line,
    fraction,
    node,
    row,
    scripted,
    separated,
    total,
    with_commas,
)
from chainrule.codegen.formulas.printed_number import number, signed
from chainrule.codegen.lesson.entry_numbers import EntryNumbers
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import worked_on_paper
from chainrule.codegen.lesson.try_it import try_it
from chainrule.codegen.lesson.worked_values import given_values
from chainrule.codegen.words.sentences import fill, formula, listed, plain, say, together
from chainrule.codegen.words.translation import in_language, spoken_language
from chainrule.symbolic.forms.scalar_form import ScalarEquation
from chainrule.symbolic.index.axes import size_symbol
from chainrule.symbolic.index.tensors import entry_name

from .summary import grouped

DIGITS = 9
#: Beside the largest number, this is rounding.
ROUNDING = 1e-13
#: Parameters whose update is a table.
MOST_UPDATED = 30
SHOWN_ENTRIES = 4


def numbers_section(material: Material) -> list[Block]:
    """Every formula with its numbers where the network is small; the arrays in short where it is not; then one step of learning."""
    blocks: list[Block] = [Heading(1, say("heading.numbers"), "numbers")]
    numbers = material.entry_numbers
    if numbers is not None:
        blocks.append(Paragraph(together(where_numbers_are_from(material), say("numbers.every"))))
        blocks.append(Paragraph(given_numbers(material, numbers)))
        blocks.append(Paragraph(say("numbers.forward")))
        blocks += [_worked(numbers, group) for group in grouped(numbers.form.forward)]
        blocks.append(Paragraph(say("numbers.backward")))
        for group in grouped(numbers.form.backward):
            worked = _worked(numbers, group)
            material.levels.note(material.system.adjoint_of[group[0].tensor], "numbers", [worked])
            blocks.append(worked)
        blocks += worked_on_paper(material, numbers)
    else:
        blocks += [Paragraph(together(where_numbers_are_from(material), say("numbers.large"))), _arrays(material)]
    return [*blocks, *learning_step(material)]


def where_numbers_are_from(material: Material) -> Sentence:
    """Those of the description, or random ones."""
    return say(f"numbers.{material.example.source}")


def given_numbers(material: Material, numbers: EntryNumbers, is_in_picture: bool = False) -> Sentence:
    """The data and parameters of the worked example, number by number; parameters that are in the picture are not said again."""
    system, values = material.system, given_values(material.system, material.example)

    def shown(names: set[str]) -> Sentence:
        entries = [entry for entry in values if entry_name(entry) in names]
        given = [Math(row(numbers.by_index.node(entry), "=", number(values[entry], DIGITS)), Defined("given")) for entry in entries]
        return listed([(each,) for each in given], between="phrases")

    data = {tensor.name for tensor in (*system.inputs, *system.targets)}
    if is_in_picture:
        return say("numbers.data", arrays=shown(data))
    return say("numbers.start", arrays=shown(data), parameters=shown({tensor.name for tensor in system.parameters}))


def _worked(numbers: EntryNumbers, equations: list[ScalarEquation]) -> Display:
    """entry = formula = numbers = value, for every entry of one tensor."""
    return Display(tuple(line for equation in equations for line in numbers.worked(equation, DIGITS)))


def shown_number(value: float, largest: float, digits: int) -> Node:
    """A number beside others; what is rounding alone is 0, as it differs from machine to machine."""
    return number(value if abs(value) > ROUNDING * largest else 0, digits)


def _arrays(material: Material, most: int = 24) -> Table:
    example = material.example
    header = tuple(say(f"table.{column}") for column in ("array", "shape", "entries", "norm"))
    system = material.system
    given = {tensor.name for tensor in (*system.inputs, *system.targets, *system.parameters)}
    numbers = {*given, *map(system.adjoint_name, given), system.cost.tensor.name}
    names = [name for name in example.values if example.values[name].ndim or name in numbers]
    if len(names) > 2 * most:
        names = [*names[:most], *names[-most:]]
    largest = max(float(np.max(np.abs(example.values[name]), initial=0)) for name in names)
    rows = []
    for name in names:
        array = np.asarray(example.values[name], dtype=float)
        first = [shown_number(float(entry), largest, 5) for entry in array.reshape(-1)[:SHOWN_ENTRIES]]
        entries = with_commas(*first, *(["…"] if array.size > SHOWN_ENTRIES else []))
        shape = separated([counted(size) for size in array.shape or (1,)], "×")
        symbol = material.matrices.name(name)
        rows.append((formula(symbol), formula(shape), formula(entries), formula(shown_number(float(np.linalg.norm(array)), largest, 5))))
    return Table(header, tuple(rows), "lllr")


def learning_step(material: Material, digits: int = DIGITS, beside: int = 1) -> list[Block]:
    """Every parameter before and after one step where there are few, so many `beside` each other, and what the step does to the cost."""
    example = material.example
    total = sum(array.size for array in example.params)
    w = material.ledger.parameter
    blocks: list[Block] = []
    eta = material.notation.learning_rate
    rate = Math(row(eta, "=", number(example.learning_rate)), Defined("given"))
    falls, costs = example.new_cost < example.cost, {"before": example.cost, "after": example.new_cost}
    shown = {key: Math(number(value, digits)) for key, value in costs.items()}
    if total <= MOST_UPDATED:
        rule = row(w, "−", eta, THIN, derivative_on_a_line(material.by_index.cost, w))
        blocks.append(Paragraph(say("numbers.update", eta=rate, w=Math(w), new=Math(rule))))
        blocks.append(updated(material, digits, beside=beside))
        blocks.append(Paragraph(say("numbers.cost" if falls else "numbers.cost.rises", **shown)))
    else:
        blocks.append(Paragraph(say("numbers.step" if falls else "numbers.step.rises", eta=rate, **shown)))
    if example.note:
        blocks.append(Paragraph(say("numbers.note", note=in_language(example.note, spoken_language().tag))))
    return blocks


def updated(material: Material, digits: int, columns: Sequence[str] = ("old", "gradient", "new"), beside: int = 1) -> Table:
    """Every entry of every parameter before and after a step, so many beside each other."""
    example, system = material.example, material.system
    known = {"old": example.params, "gradient": example.gradients, "new": example.new_params}
    header = tuple(say(f"table.{column}") for column in ("symbol", *columns))
    rows: list[tuple[Sentence, ...]] = []
    for tensor in system.parameters:
        arrays = [getattr(known[column], tensor.name) for column in columns]
        for position in np.ndindex(arrays[0].shape):
            entry = material.by_index.node(tensor.at(*(Integer(index) for index in position)))
            rows.append((formula(entry), *(formula(number(float(array[position]), digits)) for array in arrays)))
    high = -(-len(rows) // beside)
    rows += [((),) * len(header)] * (high * beside - len(rows))
    side_by_side = tuple(sum(rows[place::high], ()) for place in range(high))
    return Table(header * beside, side_by_side, ("l" + "r" * len(columns)) * beside)


def check_section(material: Material) -> list[Block]:
    """The table of gradients against numeric gradients at the worked example."""
    if material.checked.plan.is_of_groups:
        return _along_directions(material)
    example = material.example
    rows = gradient_rows(material.checked.module, example.params, example.data)
    cost = material.by_index.cost
    step, w = material.ledger.step, material.ledger.parameter
    slope, numeric = Formula(derivative(cost, w)), Formula(_difference(cost, w, step, step))
    evidence = material.checker.differences(material.checked.largest_error, slope, numeric)
    blocks: list[Block] = [
        Heading(1, say("heading.check"), "gradient-check"),
        Paragraph(say("check.intro", h=Math(step))),
        Display((Line(slope, numeric, relation=node("≈"), evidence=evidence),)),
        Paragraph(say("check.relative")),
    ]
    if len(rows) == len(material.system.parameters) < sum(array.size for array in example.params):
        blocks.append(Paragraph(say("check.largest")))
    header = tuple(say(f"table.{column}") for column in ("symbol", "derivation", "numeric", "difference", "equation"))
    largest = max(abs(row.derived) for row in rows)
    written = [(row.parameter, _check_row(material, row, largest)) for row in rows]
    for name in dict.fromkeys(name for name, _ in written):
        material.levels.note(name, "numbers", [Table(header, tuple(row for own, row in written if own == name), "lrrrr")])
    return [*blocks, Table(header, tuple(row for _, row in written), "lrrrr")]


def _difference(cost: Node, w: Node, move: Node, step: Node) -> Node:
    """(C(w + h) − C(w − h))/2h"""
    up, down = (row(cost, bracketed(row(w, sign, move))) for sign in "+−")
    return fraction(row(up, "−", down), row("2", step))


def _along_directions(material: Material) -> list[Block]:
    """The same where parameters were moved together: the largest difference of each at random arrays."""
    cost, checked = material.by_index.cost, material.checked
    step, direction, w = material.ledger.step, material.ledger.direction, material.ledger.parameter
    slope = Formula(row(total(w), derivative(cost, w), THIN, scripted(direction, w)))
    numeric = Formula(_difference(cost, w, row(step, THIN, direction), step))
    evidence = material.checker.differences(checked.largest_error, slope, numeric)
    rows = []
    for tensor in material.system.parameters:
        equation = material.numbering.of.get(material.system.adjoint_name(tensor.name))
        place = (Reference(equation),) if equation else plain("–")
        rows.append((formula(material.matrices.name(tensor.name)), formula(bound(checked.errors[tensor.name])), place))
    return [
        Heading(1, say("heading.check"), "gradient-check"),
        Paragraph(say("check.directions", h=Math(step), v=Math(direction))),
        Display((Line(slope, numeric, relation=node("≈"), evidence=evidence),)),
        Paragraph(say("check.directions.relative")),
        Table(tuple(say(f"table.{column}") for column in ("symbol", "difference", "equation")), tuple(rows), "lrr"),
    ]


def _check_row(material: Material, row: GradientRow, largest: float) -> tuple[Sentence, ...]:
    entry = material.by_index.node(material.system.tensors[row.parameter].at(*(Integer(index) for index in row.position)))
    # A numeric gradient is a difference of nearly equal costs, so that more of it is rounding; where the derivation says 0 it shows.
    numeric = row.numeric if abs(row.derived) > ROUNDING * largest or row.difference > NUMERIC_BOUNDS[0] else 0.0
    numbers = (formula(shown_number(row.derived, largest, 6)), formula(number(numeric, 6)))
    equation = material.numbering.of.get(material.system.adjoint_name(row.parameter))
    shown = formula(derivative_on_a_line(material.by_index.cost, entry))
    return (shown, *numbers, formula(bound(row.difference)), (Reference(equation),) if equation else plain("–"))


def bound(error: float, bounds: Sequence[float] = NUMERIC_BOUNDS) -> Node:
    """< 10^{-10}"""
    above = limit(error, bounds)
    return above if above == Letter("∞") else row(Sign("<", Form.PREFIX), above)


def limit(error: float, bounds: Sequence[float] = NUMERIC_BOUNDS) -> Node:
    """The power of ten that an error is below, as a sentence says it."""
    above = error_bound(error, bounds)
    return scripted("10", above=signed(str(round(np.log10(above))))) if np.isfinite(above) else Letter("∞")


def trust_section(material: Material) -> list[Block]:
    """How many equations were checked, and how well they hold."""
    verified = material.verified.together(material.checker.verified)
    checked = how_checked(material.checked.plan, lambda axis, size: _size(material, axis, size))
    return [
        Heading(1, say("heading.trust"), "checked"),
        Paragraph(say("trust.steps", count=verified.equations, error=Math(limit(verified.largest_error, EXACT_BOUNDS)))),
        Paragraph(together(say("trust.module", error=Math(limit(material.checked.largest_error))), *checked)),
    ]


def _size(material: Material, axis: str, size: int) -> Sentence:
    return (Math(row(material.by_index.node(size_symbol(axis)), "=", counted(size)), Defined("given")),)


def code_section(material: Material) -> list[Block]:
    """The generated module as it is, and a first program with it."""
    return [
        Heading(1, say("heading.code"), "code"),
        Paragraph(say("code.intro", check=Code(f"python {material.system.name}.py"))),
        Listing(
            material.checked.source,
            "python",
            fill("{name}", name=Code(f"{material.system.name}.py")),
            runs=True,
        ),
        *try_it(material),
    ]
