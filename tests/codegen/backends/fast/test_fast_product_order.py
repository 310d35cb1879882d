"""The order of factors and terms: few entries first, or as written."""

from __future__ import annotations

from sympy import Symbol, symbols

from chainrule import Network, derive
from chainrule.codegen.backends.fast.compilation import Fast
from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Scalar
from chainrule.codegen.backends.fast.ir.product_order import AsWritten, FewFirst
from chainrule.codegen.backends.fast.pipeline import fast

n, j, k = symbols("n j k")


def array(name: str, *letters: Symbol) -> ArrayOperand:
    return ArrayOperand(name, letters)


def test_terms_come_from_few_letters_to_many() -> None:
    letters = [(n, j), (), (j,), (n, j, k), (k,)]
    assert FewFirst().terms(letters) == [1, 2, 4, 0, 3]
    assert AsWritten().terms(letters) == [0, 1, 2, 3, 4]


def test_factors_of_the_same_letters_meet_first() -> None:
    x, y, s, g = array("x", n, j), array("y", j, n), array("s", n), array("g", j)
    assert FewFirst().factors([x, s, y, g]) == [[s], [g], [x, y]]
    assert AsWritten().factors([x, s, y, g]) == [[x], [s], [y], [g]]


def test_divisors_with_fewer_entries_are_inverted() -> None:
    s, z = array("s", n), array("z", n, j)
    assert FewFirst().inverted([s, z], {n, j}) == [s]
    assert AsWritten().inverted([s, z], {n, j}) == []


def test_a_number_goes_to_the_factor_with_fewest_entries() -> None:
    x, s = array("x", n, j), array("s", n)
    assert FewFirst().scaled([x, s], {n, j}) == s
    assert FewFirst().scaled([x], {n, j}) is None
    assert AsWritten().scaled([x, s], {n, j}) is None


def quotient(*without: str) -> Fast:
    network = Network.from_equations("u[n,j] = 3*x[n,j]*r[n]/s[n]\nC = sum(n, j, u[n,j]*w[j])", ["w[j]"], ["x[n,j]", "r[n]", "s[n]"], [])
    return fast(derive(network), without=without)


def test_a_quotient_is_one_pass_over_the_large_array() -> None:
    def steps(made: Fast) -> list[tuple[str, int]]:
        return [
            (operation.function, len(operation.result.letters))
            for operation in made.operations
            if operation.equation == "u" and operation.function != "copy"
        ]

    assert steps(quotient()).count(("multiply", 2)) == 1
    assert ("divide", 2) not in steps(quotient())
    assert sum(letters == 2 for _, letters in steps(quotient("product-order"))) == 3
    numbers = [
        operation.result.letters for operation in quotient().operations if any(isinstance(each, Scalar) for each in operation.operands)
    ]
    assert all(len(letters) < 2 for letters in numbers)
