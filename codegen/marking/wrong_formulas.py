"""What may be wrong with a formula, as a table: the mistakes of the exercises and further ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Piecewise, Sum, Symbol

from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.mistakes.formulas import OF_FORMULA, mistakes
from chainrule.codegen.mistakes.kinds import MistakeKind
from chainrule.symbolic.index.axes import axis_name, size_symbol
from chainrule.symbolic.index.index_letters import is_letter, names_read, nodes
from chainrule.symbolic.index.tensors import Role, entry_name
from chainrule.symbolic.system.system import Equation, System

from .activations import activations
from .hypotheses import Mistake


@dataclass(frozen=True, slots=True)
class WrongFormula:
    """A formula with a mistake in it, and what is said of it."""

    expression: Expr
    mistake: Mistake


def of_exercises(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """Those that are asked for in exercises."""
    printer = PlainPrinter(system)
    for found in mistakes(equation.expression, system):
        mentions = {name: printer.text(value) for name, value in found.mentions.items()}
        yield WrongFormula(found.expression, Mistake(OF_FORMULA[found.kind], f"exercises.mistake.{found.kind}", mentions))


def _slope_at(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """σ′ at a in place of z, where σ′ is written with a: a is σ(z), and σ(a) stands there."""
    expression, printer = equation.expression, PlainPrinter(system)
    for node in nodes(expression):
        own = system.definition.get(node.base.name) if isinstance(node, Indexed) else None
        if own is None or node.indices != own.indices:
            continue
        inside = [entry for entry in nodes(own.expression) if isinstance(entry, Indexed) and entry.indices == own.indices]
        if inside and not own.expression.has(Sum):
            wrong = own.expression.xreplace(dict.fromkeys(inside, own.tensor.own_entry))
            mentions = {"wrong": printer.text(own.tensor.own_entry), "right": printer.text(inside[0])}
            yield WrongFormula(expression.xreplace({node: wrong}), Mistake(MistakeKind.PLACE, "exercises.mistake.place", mentions))


def slope_of_layer(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """σ′ taken at the input of another layer: in the gradient by z, a is σ(z), and the a of the other layer stands there."""
    printer = PlainPrinter(system)
    argument = system.adjoint_of.get(equation.tensor.name, "")
    inputs = {name: own for name, own in _inputs(system).items() if own in system.tensors}
    for node in nodes(equation.expression):
        if isinstance(node, Indexed) and inputs.get(node.base.name) == argument:
            for other in _alike(node, system):
                if (name := entry_name(other)) in inputs:
                    wrong = replace(system.tensors[inputs[name]], name=inputs[name]).at(*other.indices)
                    mentions = {"wrong": printer.text(wrong), "right": printer.text(system.tensors[argument].at(*node.indices))}
                    mistake = Mistake(MistakeKind.PLACE, "exercises.mistake.place", mentions)
                    yield WrongFormula(equation.expression.xreplace({node: other}), mistake)


def _inputs(system: System) -> dict[str, str]:
    """The array that each activation is a function of, entry by entry."""
    return {equation.tensor.name: of for of, equation in activations(system).items()}


def left_out(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """Without the gradient that comes from the next quantity, or without all else."""
    expression = equation.expression
    for node in nodes(expression):
        if isinstance(node, Indexed | Symbol) and entry_name(node) in system.adjoint_of and not is_letter(node):
            mistake = Mistake(MistakeKind.FACTOR, "exercises.mistake.factor", {"factor": PlainPrinter(system).text(node)})
            yield WrongFormula(expression.xreplace({node: Integer(1)}), mistake)


def _alone(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """The gradient that comes from the next quantity alone, without all that it is multiplied with."""
    for node in nodes(equation.expression):
        if isinstance(node, Mul):
            others = [part for part in node.args if not set(names_read(part)) & set(system.adjoint_of)]
            if 1 < len(others) < len(node.args):
                mistake = Mistake(MistakeKind.FACTOR, "exercises.mistake.factor", {"factor": PlainPrinter(system).text(Mul(*others))})
                alone = Mul(*(part for part in node.args if part not in others))
                yield WrongFormula(equation.expression.xreplace({node: alone}), mistake)


def _mask(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """A kink on the wrong side, or of the wrong array."""
    expression = equation.expression
    for node in nodes(expression):
        if isinstance(node, Piecewise) and len(node.args) == 2:
            (first, condition), (second, _) = node.args
            turned = Piecewise((second, condition), (first, True))
            yield WrongFormula(expression.xreplace({node: turned}), Mistake(MistakeKind.MASK, "marking.mask.side"))
            for entry in nodes(condition):
                if isinstance(entry, Indexed):
                    for other in _alike(entry, system):
                        wrong = node.xreplace({condition: condition.xreplace({entry: other})})
                        mentions = {"wrong": PlainPrinter(system).text(other), "right": PlainPrinter(system).text(entry)}
                        yield WrongFormula(expression.xreplace({node: wrong}), Mistake(MistakeKind.MASK, "marking.mask.array", mentions))


def _alike(entry: Indexed, system: System) -> Iterator[Expr]:
    """Entries of other arrays at the same letters, of adjoints too; of an array with an axis of one place that place."""
    for name, tensor in system.stored.items():
        if name == entry.base.name or tensor.is_integer:
            continue
        indices: list[Expr] = []
        for letter in tensor.axes:
            if letter in entry.indices:
                indices.append(letter)
            elif (axis := system.axes.get(axis_name(letter))) is not None and axis.size == 1:
                indices.append(Integer(0))
        if tensor.axes and len(indices) == len(tensor.axes) and any(map(is_letter, indices)):
            yield replace(tensor, name=name).at(*indices)


def _operand(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """Another array in the place of one."""
    expression, printer = equation.expression, PlainPrinter(system)
    for node in nodes(expression):
        if isinstance(node, Indexed):
            for other in _alike(node, system):
                mentions = {"wrong": printer.text(other), "right": printer.text(node)}
                yield WrongFormula(expression.xreplace({node: other}), Mistake(MistakeKind.OPERAND, "marking.operand", mentions))


def _penalty(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """The penalty's part left out, or with another factor."""
    expression = equation.expression
    parameter = system.adjoint_of.get(equation.tensor.name)
    terms = expression.args if isinstance(expression, Add) else ()
    own = [term for term in terms if parameter is not None and set(names_read(term)) - set(system.constants) == {parameter}]
    others = Add(*(term for term in terms if term not in own))
    count = size_symbol(system.batch) if system.batch else None
    if own:
        penalty = Add(*own)
        yield WrongFormula(others, Mistake(MistakeKind.PENALTY, "marking.penalty.missing"))
        for factor in (2, Integer(1) / 2, -1, *((1 / count, count) if count is not None else ())):
            yield WrongFormula(
                others + factor * penalty,
                Mistake(MistakeKind.PENALTY, "marking.penalty.factor", {"factor": str(factor).replace("**(-1)", "")}),
            )
    elif parameter is not None and system.tensors[parameter].role is Role.PARAMETER:
        for key in system.constants:
            if key.startswith(("l1", "l2")):
                for factor in (1, 2):
                    wrong = expression + factor * system.constants[key] * system.tensors[parameter].own_entry
                    yield WrongFormula(wrong, Mistake(MistakeKind.PENALTY, "marking.penalty.bias"))


def _shift(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """A label or a step of time off by one."""
    expression, printer = equation.expression, PlainPrinter(system)
    for node in nodes(expression):
        if isinstance(node, Indexed):
            for place, index in enumerate(node.indices):
                for step in (1, -1):
                    if any(axis_name(letter) != system.batch for letter in index.free_symbols) and not isinstance(index, Indexed):
                        indices = [own + step if at == place else own for at, own in enumerate(node.indices)]
                        other = node.base[tuple(indices)]
                        mentions = {"wrong": printer.text(other), "right": printer.text(node)}
                        yield WrongFormula(expression.xreplace({node: other}), Mistake(MistakeKind.SHIFT, "marking.shift", mentions))
        elif isinstance(node, KroneckerDelta):
            for step in (1, -1):
                other = KroneckerDelta(node.args[0], node.args[1] + step)
                yield WrongFormula(expression.xreplace({node: other}), Mistake(MistakeKind.SHIFT, "marking.shift.label"))


def _paths(equation: Equation, system: System) -> Iterator[WrongFormula]:
    """One of several ways alone: each overwrites the one before, or the entry itself stands for the sum over all entries of its axis."""
    for node in (each for each in nodes(equation.expression) if isinstance(each, Sum) and len(each.limits) == 1):
        for own in (each for each in equation.indices if axis_name(each) == axis_name(node.limits[0][0])):
            alone = equation.expression.xreplace({node: node.function.xreplace({node.limits[0][0]: own})})
            yield WrongFormula(alone, Mistake(MistakeKind.PATH, "marking.path.overwritten"))
    if isinstance(equation.expression, Add):
        for term in equation.expression.args:
            yield WrongFormula(term, Mistake(MistakeKind.PATH, "marking.path.overwritten"))


OF_FORMULAS: tuple[Callable[[Equation, System], Iterator[WrongFormula]], ...] = (
    _penalty, of_exercises, _slope_at, slope_of_layer, left_out, _alone, _mask, _paths, _shift, _operand,
)  # fmt: skip
