"""Operands that are written out in full: which ones, in which type, and that the others stay."""

from __future__ import annotations

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ElementType, Operation, Scalar, Value
from chainrule.codegen.backends.fast.passes.array_layout import Layouts
from chainrule.codegen.backends.fast.passes.full_operands import with_full_operands
from chainrule.symbolic.forms.arrays import Number

N, J = Symbol("n"), Symbol("j")
VALUES = {
    "z": Value("z", ("n", "j")),
    "b": Value("b", ("j",)),
    "test": Value("test", ("n", "j"), ElementType.TEST),
    "label": Value("label", ("n",), ElementType.INTEGER),
    "place": Value("place", ("j",), ElementType.INTEGER),
    "c": Value("c", ()),
    "r": Value("r", ("n", "j")),
}
LAYOUTS = Layouts({name: tuple(range(len(value.axes))) for name, value in VALUES.items()} | {"r": (1, 0)})
Z, B, TEST, C, R = (
    ArrayOperand("z", (N, J)),
    ArrayOperand("b", (J,)),
    ArrayOperand("test", (N, J)),
    ArrayOperand("c", ()),
    ArrayOperand("r", (N, J)),
)


def written_out(*operations: Operation) -> tuple[list[tuple[str, list[str]]], dict[str, Value], Layouts]:
    found, values, layouts = with_full_operands(operations, VALUES, LAYOUTS)
    return [(each.function, [entry.name for entry in each.entries]) for each in found], values, layouts


def test_an_operand_that_lacks_a_dimension_is_copied_as_the_result_lies() -> None:
    found, values, layouts = written_out(Operation("add", (Z, B), R, "r"))
    assert found == [("copy", ["b"]), ("add", ["z", "r_filled"])]
    assert values["r_filled"] == Value("r_filled", ("n", "j"))
    assert layouts.stored(ArrayOperand("r_filled", (N, J))) == (J, N)


def test_a_test_becomes_numbers_where_it_is_multiplied() -> None:
    found, values, _ = written_out(Operation("multiply", (Z, TEST), R, "r"))
    assert found == [("copy", ["test"]), ("multiply", ["z", "r_filled"])]
    assert values["r_filled"].kind is ElementType.FLOAT


def test_integers_that_are_compared_stay_integers() -> None:
    label, place = ArrayOperand("label", (N,)), ArrayOperand("place", (J,))
    found, values, _ = written_out(Operation("equal", (place, label), TEST, "r"))
    assert found == [("copy", ["place"]), ("copy", ["label"]), ("equal", ["test_filled", "test_filled_"])]
    assert values["test_filled"].kind is values["test_filled_"].kind is ElementType.INTEGER


def test_single_numbers_full_operands_and_other_operations_stay() -> None:
    operations = (
        Operation("add", (Z, C), R, "r"),
        Operation("multiply", (Z, Scalar(Number(2))), R, "r"),
        Operation("add", (Z, Z), R, "r"),
        Operation("product", (Z, B), ArrayOperand("x", (N,)), "r", (J,)),
    )
    found, values, _ = with_full_operands(operations, VALUES, LAYOUTS)
    assert found == operations
    assert values == VALUES
