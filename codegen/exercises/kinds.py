"""The kinds of questions, as a table: which places of a network a kind can ask about, and how it makes a question of one of them.

A kind that does not suit a network has no places in it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from chainrule.symbolic.index.tensors import entry_name

from . import (
    attention_rows,
    calculate,
    calculate_update,
    change_batch,
    changed_network,
    compare_slopes,
    convolution_counts,
    convolution_numbers,
    count_operations,
    fill_entry,
    fill_formula,
    fill_matrix,
    find_wrong_code,
    find_wrong_formula,
    find_wrong_matrix,
    find_wrong_step,
    gradient_check,
    order_steps,
    predict_sign,
    products,
    recurrent_steps,
    shapes,
    true_or_false,
    vanishing,
    zero_or_not,
)
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """`question` is None at a place where it would be none: where its answer stands on the sheet, or is a plain 0.

    A sheet takes families in turn, so that it has some of each. `meaning` says in a few words what is asked. Places of one `task` give
    the same question in another skin.
    """

    family: str
    meaning: str
    places: Callable[[QuestionSource], Sequence[Any]]
    question: Callable[[QuestionSource, Any, QuestionDraw], Question | None]
    task: Callable[[QuestionSource, Any], Hashable]


def _once(source: QuestionSource, place: Any) -> Hashable:
    """One such question a sheet is enough."""
    return "shapes"


def _pattern(source: QuestionSource, place: str) -> Hashable:
    """Gradients of equal layers are one formula in other names, whatever is asked about it."""
    return "formula", source.adjoint(place).derived_paths


def _formulas(source: QuestionSource, place: int) -> Hashable:
    return "formulas", source.adjoints[place].derived_paths


def _matrices(source: QuestionSource, place: int) -> Hashable:
    return "matrices", place


def _code(source: QuestionSource, place: int) -> Hashable:
    return "code", place


def _zeros(source: QuestionSource, place: zero_or_not.Zeros) -> Hashable:
    return "zeros", place.zero


def _value(source: QuestionSource, place: Expr) -> Hashable:
    """All entries of a tensor are worked out alike."""
    return "value", entry_name(place)


def _slope(source: QuestionSource, place: Expr) -> Hashable:
    """An entry of a gradient is asked for, or is what a step needs."""
    name = entry_name(place)
    return "slope", name if name in source.system.tensors else name.removeprefix(source.system.adjoint_mark)


def _step(source: QuestionSource, place: str) -> Hashable:
    return "step", place


def _scene(source: QuestionSource, place: vanishing.Scene) -> Hashable:
    """Inputs that are 0 are one scene, and units of an array that are flat another."""
    return "vanishing", entry_name(place.entry)


def _batch(source: QuestionSource, place: str) -> Hashable:
    return "batch"


def _count(source: QuestionSource, place: str) -> Hashable:
    return "count"


def _attention(source: QuestionSource, place: attention_rows.Asked) -> Hashable:
    return "attention", place.kind


def _windows(source: QuestionSource, place: str) -> Hashable:
    return "windows"


def _kernels(source: QuestionSource, place: str) -> Hashable:
    return "kernels"


def _convolution(source: QuestionSource, place: convolution_numbers.Asked) -> Hashable:
    return "convolution", place.kind


def _steps(source: QuestionSource, place: str) -> Hashable:
    return "steps"


def _state(source: QuestionSource, place: str) -> Hashable:
    return "state"


def _factors(source: QuestionSource, place: str) -> Hashable:
    return "factors"


def _change(source: QuestionSource, place: changed_network.NetworkChange) -> Hashable:
    """Other activations are other derivations; a penalty on other weights is not."""
    return "change", place.kind, "" if place.kind == "penalty" else place.choice


KINDS: dict[str, QuestionKind] = {
    "shapes": QuestionKind("shapes", "what shape an array has", shapes.places, shapes.question, _once),
    "products": QuestionKind("shapes", "which of several products is possible", products.places, products.question, _pattern),
    "true_or_false": QuestionKind("reasons", "is a formula right, and why", true_or_false.places, true_or_false.question, _pattern),
    "zero_or_not": QuestionKind(
        "reasons", "what becomes of a gradient where an array is 0", zero_or_not.places, zero_or_not.question, _zeros
    ),
    "fill_entry": QuestionKind("gaps", "a gap in the derivative by a single weight", fill_entry.places, fill_entry.question, _slope),
    "fill_formula": QuestionKind(
        "gaps", "a gap in a formula: a factor, an index, the letter of a sum", fill_formula.places, fill_formula.question, _pattern
    ),
    "fill_matrix": QuestionKind(
        "gaps", "a gap in matrix notation: an array, transposed or not", fill_matrix.places, fill_matrix.question, _pattern
    ),
    "order_steps": QuestionKind("derivations", "the lines of a derivation in order", order_steps.places, order_steps.question, _pattern),
    "find_wrong_formula": QuestionKind(
        "errors", "one of several formulas is wrong", find_wrong_formula.places, find_wrong_formula.question, _formulas
    ),
    "find_wrong_matrix": QuestionKind(
        "errors", "the same in matrix notation", find_wrong_matrix.places, find_wrong_matrix.question, _matrices
    ),
    "find_wrong_code": QuestionKind(
        "code", "one of several lines of the module is wrong", find_wrong_code.places, find_wrong_code.question, _code
    ),
    "find_wrong_step": QuestionKind(
        "errors", "one step of a derivation is wrong", find_wrong_step.places, find_wrong_step.question, _pattern
    ),
    "predict_sign": QuestionKind(
        "thought", "which way a weight must go, by the signs of the factors", predict_sign.places, predict_sign.question, _slope
    ),
    "vanishing": QuestionKind(
        "thought", "which gradients are 0 where an input is 0, or a unit dead or saturated", vanishing.places, vanishing.question, _scene
    ),
    "compare_slopes": QuestionKind(
        "thought", "how many times as large a gradient is at a steep place", compare_slopes.places, compare_slopes.question, _pattern
    ),
    "change_batch": QuestionKind("thought", "what every example taken twice changes", change_batch.places, change_batch.question, _batch),
    "count_operations": QuestionKind(
        "shapes", "how many parameters and multiplications", count_operations.places, count_operations.question, _count
    ),
    "gradient_check": QuestionKind(
        "errors", "which of two numbers differences of the cost agree with", gradient_check.places, gradient_check.question, _slope
    ),
    "convolution_shape": QuestionKind(
        "layers",
        "the output's shape for another stride and padding",
        convolution_counts.places,
        convolution_counts.shape_question,
        _windows,
    ),
    "convolution_uses": QuestionKind(
        "layers",
        "how many terms the gradient of an entry of the kernel has",
        convolution_counts.places,
        convolution_counts.uses_question,
        _kernels,
    ),
    "convolution_numbers": QuestionKind(
        "layers",
        "an entry of the output or of the kernel's gradient, by numbers",
        convolution_numbers.places,
        convolution_numbers.question,
        _convolution,
    ),
    "recurrent_sum": QuestionKind(
        "layers",
        "the gradient of a shared parameter over three steps",
        recurrent_steps.shared_places,
        recurrent_steps.shared_question,
        _steps,
    ),
    "recurrent_paths": QuestionKind(
        "layers", "what comes back from the next step", recurrent_steps.state_places, recurrent_steps.state_question, _state
    ),
    "recurrent_factor": QuestionKind(
        "layers", "what many steps make of a factor", recurrent_steps.state_places, recurrent_steps.factor_question, _factors
    ),
    "attention": QuestionKind(
        "layers", "weights and scores of a row, a mask, how scores grow", attention_rows.places, attention_rows.question, _attention
    ),
    "calculate_forward": QuestionKind("numbers", "a number of the forward pass", calculate.forward_places, calculate.question, _value),
    "calculate_gradient": QuestionKind("numbers", "an entry of a gradient", calculate.gradient_places, calculate.question, _slope),
    "calculate_update": QuestionKind(
        "numbers", "a weight after a step", calculate_update.entry_places, calculate_update.entry_question, _slope
    ),
    "calculate_new_cost": QuestionKind(
        "numbers", "the cost after a step", calculate_update.array_places, calculate_update.cost_question, _step
    ),
    "changed_network": QuestionKind(
        "derivations", "the gradient of a changed network", changed_network.places, changed_network.question, _change
    ),
}
