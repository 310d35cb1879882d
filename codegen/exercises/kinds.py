"""The kinds of questions, as a table: which places of a network a kind can ask about, and how it makes a question of one of them.

A kind that does not suit a network has no places in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import (
    calculate,
    calculate_update,
    changed_network,
    fill_entry,
    fill_formula,
    fill_matrix,
    find_wrong_formula,
    find_wrong_matrix,
    find_wrong_step,
    order_steps,
    products,
    shapes,
    true_or_false,
    zero_or_not,
)
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """`question` is None at a place where it would be none: where its answer stands on the sheet, or is a plain 0.

    A sheet takes families in turn, so that it has some of each. `meaning` says in a few words what is asked.
    """

    family: str
    meaning: str
    places: Callable[[QuestionSource], Sequence[Any]]
    question: Callable[[QuestionSource, Any, QuestionDraw], Question | None]


KINDS: dict[str, QuestionKind] = {
    "shapes": QuestionKind("shapes", "what shape an array has", shapes.places, shapes.question),
    "products": QuestionKind("shapes", "which of several products is possible", products.places, products.question),
    "true_or_false": QuestionKind("reasons", "is a formula right, and why", true_or_false.places, true_or_false.question),
    "zero_or_not": QuestionKind("reasons", "what becomes of a gradient where an array is 0", zero_or_not.places, zero_or_not.question),
    "fill_entry": QuestionKind("gaps", "a gap in the derivative by a single weight", fill_entry.places, fill_entry.question),
    "fill_formula": QuestionKind(
        "gaps", "a gap in a formula: a factor, an index, the letter of a sum", fill_formula.places, fill_formula.question
    ),
    "fill_matrix": QuestionKind("gaps", "a gap in matrix notation: an array, transposed or not", fill_matrix.places, fill_matrix.question),
    "order_steps": QuestionKind("derivations", "the lines of a derivation in order", order_steps.places, order_steps.question),
    "find_wrong_formula": QuestionKind(
        "errors", "one of several formulas is wrong", find_wrong_formula.places, find_wrong_formula.question
    ),
    "find_wrong_matrix": QuestionKind("errors", "the same in matrix notation", find_wrong_matrix.places, find_wrong_matrix.question),
    "find_wrong_step": QuestionKind("errors", "one step of a derivation is wrong", find_wrong_step.places, find_wrong_step.question),
    "calculate_forward": QuestionKind("numbers", "a number of the forward pass", calculate.forward_places, calculate.question),
    "calculate_gradient": QuestionKind("numbers", "an entry of a gradient", calculate.gradient_places, calculate.question),
    "calculate_update": QuestionKind("numbers", "a weight after a step", calculate_update.entry_places, calculate_update.entry_question),
    "calculate_new_cost": QuestionKind("numbers", "the cost after a step", calculate_update.array_places, calculate_update.cost_question),
    "changed_network": QuestionKind("derivations", "the gradient of a changed network", changed_network.places, changed_network.question),
}
