"""Derive the gradient of a changed network: another activation, another cost, or a penalty on the weights. The tool derives it itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Add, Integer

from chainrule.codegen.checking.gradient_check import EXACT_BOUNDS
from chainrule.codegen.document.document import Display, Line, Math, Paragraph
from chainrule.codegen.document.nodes import Node, derivative_on_a_line
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.lesson.equation_writer import EquationWriter, SourceParts
from chainrule.codegen.lesson.numbering import Numbering
from chainrule.codegen.lesson.sections.derivation import reason_of
from chainrule.codegen.lesson.sections.numbers import limit
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.checking.verification import Verified, verify
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.tensors import Role, Tensor, Values
from chainrule.symbolic.layers.costs import COSTS
from chainrule.symbolic.system.given_tensors import differentiated_by_one
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation, System

from .answers import FormulaAnswer
from .derivation_lines import derivation_lines, is_direct
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource

#: Larger networks take long to be derived once more.
MOST_EQUATIONS = 16
ACTIVATION_CHOICES = ("sigmoid", "tanh", "relu", "softplus", "silu")
#: What is added to the cost.
PENALTY = "R"
BOUNDED_ACTIVATIONS = ("sigmoid", "tanh")
#: Targets whose costs take any output.
WITHOUT_LOGARITHM = (Values.REAL, Values.SIGNS)
COST_CHOICES = ("quadratic", "squared_error", "huber", "mae", "hinge")


@dataclass(frozen=True, slots=True)
class NetworkChange:
    """What is changed, where, into what; `gradient` is the tensor whose gradient is asked for."""

    kind: str
    name: str
    choice: str
    gradient: str


def places(source: QuestionSource) -> tuple[NetworkChange, ...]:
    """Every change that makes another network of this one."""
    is_recurrent = any(group.is_recurrence for group in grouped(source.system.equations))
    if len(source.system.equations) > MOST_EQUATIONS or is_recurrent or not source.is_all_small:
        return ()
    return (*_activations(source), *_costs(source), *_penalties(source))


def question(source: QuestionSource, place: NetworkChange, draw: QuestionDraw) -> Question | None:
    try:
        changed, equations = _changed(source, place)
    except InvalidDescription:
        return None
    # Nothing else of it is asked for.
    derivation = derive(differentiated_by_one(changed, place.gradient))
    if place.gradient not in derivation.adjoints:
        return None
    verified = verify(derivation, ())
    adjoint = derivation.adjoint(place.gradient)
    writer = _writer(source, derivation, verified)
    left, right = writer.node(adjoint.as_tensor.own_entry), writer.node(adjoint.expression)
    if place.gradient in source.derivation.adjoints and right == source.by_index.node(source.adjoint(place.gradient).expression):
        return None
    asked = derivative_on_a_line(source.by_index.cost, source.material.entry(place.gradient))
    return Question(
        f"changed_{place.kind}",
        f"{place.name} {place.choice}",
        3,
        (Paragraph(_asked(source, place, asked)), Display(tuple(map(writer.equation, equations)))),
        (Display(_lines(source, derivation, writer, place.gradient)),),
        _checked(verified),
        6,
        secrets=(right,),
        answer=FormulaAnswer(left, right),
    )


def _activations(source: QuestionSource) -> list[NetworkChange]:
    network = source.material.layers
    if network is None:
        return []
    found = []
    for layer, suffix in zip(network.layers, network.suffixes, strict=True):
        if network.chosen_cost.targets in WITHOUT_LOGARITHM:
            choices: tuple[str, ...] = ACTIVATION_CHOICES
        else:
            # A logarithm is defined for the outputs of the cost's own last layer alone, and needs inputs of it that are not too large.
            choices = BOUNDED_ACTIVATIONS if suffix != network.suffixes[-1] else ()
        found += [NetworkChange("activation", suffix, name, f"z{suffix}") for name in choices if name != layer.formula.name]
    return found


def _costs(source: QuestionSource) -> list[NetworkChange]:
    network = source.material.layers
    if network is None or network.chosen_cost.targets not in WITHOUT_LOGARITHM:
        return []
    own = network.chosen_cost
    return [
        NetworkChange("cost", name, name, network.output)
        for name in COST_CHOICES
        if name != own.name and COSTS[name].targets is own.targets
    ]


def _penalties(source: QuestionSource) -> list[NetworkChange]:
    """The sum of squares of one array, or half of it, added to the cost."""
    if PENALTY in source.system.tensors or not _is_letter_free(source):
        return []
    weights = [tensor.name for tensor in source.system.parameters if tensor.axes and tensor.name in source.derivation.adjoints]
    return [NetworkChange("penalty", name, str(factor), name) for name in weights for factor in (2, 1)]


def _is_letter_free(source: QuestionSource) -> bool:
    """Whether the letter of the penalty stands for nothing else; dense layers in a row have one for it."""
    meanings, letter = source.material.ledger.meanings, source.material.notation.symbol(PENALTY, whole=False).letter
    return source.material.layers is not None or meanings.setdefault(letter, "a penalty") == "a penalty"


def _writer(source: QuestionSource, derivation: Derivation, verified: Verified) -> EquationWriter:
    """Writes lines of the changed network, evaluated at the numbers at which its derivation was."""
    numbers, notation = verified.numbers, source.material.notation
    assert numbers is not None
    source.checker.take_over(derivation, verified, numbers, ())
    return EquationWriter(
        SourceParts(numbers, source.checker, Numbering()),
        IndexPrinter(derivation.system, notation),
        MatrixPrinter(derivation.system, notation),
    )


def _changed(source: QuestionSource, change: NetworkChange) -> tuple[System, tuple[Equation, ...]]:
    """The network after the change, and the equations that are others now."""
    if change.kind == "penalty":
        return _penalised(source, change)
    network = source.material.layers
    assert network is not None
    if change.kind == "cost":
        changed = replace(network, cost=change.choice, constants={}, targets=None)
        name = changed.system.cost.tensor.name
    else:
        place = network.suffixes.index(change.name)
        layer = replace(network.layers[place], activation=change.choice, constants={})
        changed = replace(network, layers=(*network.layers[:place], layer, *network.layers[place + 1 :]))
        name = f"a{change.name}"
    return changed.system, (changed.system.definition[name],)


def _penalised(source: QuestionSource, change: NetworkChange) -> tuple[System, tuple[Equation, ...]]:
    """The penalty is a quantity of its own, so that its derivative by the weights is not taken for that of the whole cost."""
    system = source.system
    weights = system.tensors[change.name]
    squares = bound_sum(weights.own_entry**2, *weights.axes) / Integer(change.choice)
    added = Equation(Tensor(PENALTY, (), Role.INTERMEDIATE), squares)
    cost = Equation(system.cost.tensor, Add(system.cost.expression, added.tensor.own_entry))
    tensors = {**system.tensors, PENALTY: added.tensor}
    changed = replace(system, tensors=tensors, equations=(*system.equations[:-1], added, cost))
    return changed, (added, cost)


def _asked(source: QuestionSource, change: NetworkChange, gradient: Node) -> Sentence:
    asked = Math(gradient)
    match change.kind:
        case "activation":
            return say("exercises.changed.activation", layer=Math(source.by_index.layer(change.name)), gradient=asked)
        case "cost":
            return say("exercises.changed.cost", gradient=asked)
        case _:
            return say("exercises.changed.penalty", gradient=asked)


def _lines(source: QuestionSource, derivation: Derivation, writer: EquationWriter, name: str) -> tuple[Line, ...]:
    """The derivation with its reasons, each line different from the one above on paper."""
    adjoint, system, material = derivation.adjoint(name), derivation.system, source.material
    lines: list[Line] = []
    if not is_direct(system, adjoint):
        for path in adjoint.paths:
            steps = {writer.node(step.after): step for step in reversed(path.steps)}
            local = [steps[text] for text in dict.fromkeys(writer.node(step.after) for step in path.steps)]
            lines += writer.chain(path.steps[0].before, [(step.after, reason_of(material, step)) for step in local])
    derived = derivation_lines(writer.printer, system, adjoint)
    lines += writer.chain(adjoint.as_tensor.own_entry, [(step.after, reason_of(material, step, adjoint)) for step in derived])
    return tuple(lines)


def _checked(verified: Verified) -> Sentence:
    return say("exercises.checked.derivation", count=verified.equations, error=Math(limit(verified.largest_error, EXACT_BOUNDS)))
