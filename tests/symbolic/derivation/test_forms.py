"""The textbook's formulas: found by the steps, each with its rule, and no rule where its condition does not hold."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import sympy
from sympy import Expr, Integer, KroneckerDelta, Mul, Piecewise, Sum, simplify

from chainrule import CheckFailed, Dense, Derivation, Network, derive
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.checking.verification import random_numbers, step_error, verify
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.index.axes import index, size_symbol
from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.real_functions import Abs, sign
from chainrule.symbolic.index.tensors import entry, scalar
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.rewrites import REWRITES
from chainrule.symbolic.rewriting.rule import Facts, Rewrite, Rule

n, n_, i, j, j_ = (index(name) for name in ("n", "n_", "i", "j", "j_"))
N = size_symbol("n")


def a(*letters: Expr) -> Expr:
    return entry("a1", letters)


def z(*letters: Expr) -> Expr:
    return entry("z1", letters)


def y(*letters: Expr) -> Expr:
    return entry("y", letters)


def one_layer(
    activation: str, cost: str, targets: str | None = None, reduction: str = "mean", constants: Mapping[str, float] | None = None
) -> Derivation:
    """x[n,i] with 3 features, one layer of 5 units: tensors x, W1, b1, z1, a1, y; letters n, i, j."""
    return derive(Network(3, [Dense(5, activation, constants=constants or {})], cost, targets=targets, reduction=reduction))


def rules(derivation: Derivation, name: str) -> list[str]:
    return [step.rule for step in derivation.steps(name)]


def slope(activation: str) -> Expr:
    """da1/dz1 as the path of z1 ends: the local derivative without its deltas."""
    (path,) = one_layer(activation, "quadratic").adjoint("z1").paths
    return Mul(*(factor for factor in Mul.make_args(path.local_derivative) if not isinstance(factor, KroneckerDelta)))


def same(left: Expr, right: Expr) -> bool:
    return bool(simplify((left - right).expand()) == 0)


class TestOutputAndCostTogether:
    def test_softmax_with_cross_entropy(self) -> None:
        derivation = one_layer("softmax", "cross_entropy")
        assert derivation.gradient("z1") == (a(n, j) - y(n, j)) / N
        found = rules(derivation, "z1")
        assert {"differentiate", "delta", "output form", "chain rule", "local derivative", "put in", "one-hot target"} <= set(found)
        assert found.index("chain rule") < found.index("put in") < found.index("one-hot target")

    def test_softmax_with_cross_entropy_summed(self) -> None:
        assert one_layer("softmax", "cross_entropy", reduction="sum").gradient("z1") == a(n, j) - y(n, j)

    def test_softmax_with_cross_entropy_of_labels(self) -> None:
        derivation = one_layer("softmax", "cross_entropy", "labels")
        label = derivation.system.tensors["y"].own_entry
        assert same(derivation.gradient("z1"), (a(n, j) - KroneckerDelta(j, label)) / N)
        assert {"output form", "put in", "sift"} <= set(rules(derivation, "z1"))
        assert "one-hot target" not in rules(derivation, "z1")

    def test_sigmoid_with_binary_cross_entropy(self) -> None:
        derivation = one_layer("sigmoid", "binary_cross_entropy")
        assert derivation.gradient("z1") == (a(n, j) - y(n, j)) / N
        assert {"output form", "put in"} <= set(rules(derivation, "z1"))

    def test_identity_with_half_the_square(self) -> None:
        derivation = one_layer("identity", "quadratic")
        assert derivation.gradient("z1") == entry("da1", (n, j))
        assert same(derivation.gradient("a1"), (a(n, j) - y(n, j)) / N)

    def test_a_dense_layer(self) -> None:
        derivation = one_layer("tanh", "quadratic")
        dz, x, w = entry("dz1", (n, j)), entry("x", (n, i)), derivation.gradient("W1")
        assert w == bound_sum(dz * x, n)
        assert derivation.gradient("b1") == bound_sum(dz, n)


class TestSlopesThroughTheOutput:
    def test_sigmoid(self) -> None:
        found = slope("sigmoid")
        assert found == a(n_, j_) * (1 - a(n_, j_))
        assert "output form" in rules(one_layer("sigmoid", "quadratic"), "z1")

    def test_tanh(self) -> None:
        assert slope("tanh") == 1 - a(n_, j_) ** 2

    def test_elu(self) -> None:
        found = slope("elu")
        assert isinstance(found, Piecewise)
        assert found.args[0][0] == 1
        assert found.args[1][0] == a(n_, j_) + scalar("alpha")

    def test_selu(self) -> None:
        lower = slope("selu").args[1][0]
        assert same(lower, a(n_, j_) + scalar("alpha") * scalar("scale"))

    def test_relu(self) -> None:
        found = slope("relu")
        assert [value for value, _ in found.args] == [1, 0]

    def test_softplus(self) -> None:
        assert not slope("softplus").has(z(n_, j_)) or "sigmoid" in str(slope("softplus"))

    def test_softmax_jacobian(self) -> None:
        (path,) = one_layer("softmax", "quadratic").adjoint("z1").paths
        jacobian = KroneckerDelta(j, j_) * a(n_, j_) - a(n_, j) * a(n_, j_)
        assert same(path.local_derivative, KroneckerDelta(n, n_) * jacobian)

    def test_one_minus_exponential(self) -> None:
        assert slope("1 - exp(-z)") == 1 - a(n_, j_)

    def test_scaled_sigmoid(self) -> None:
        found = slope("2/(1 + exp(-3*z)) - 1")
        assert found == 3 * (1 - a(n_, j_) ** 2) / 2

    def test_no_division_by_what_may_be_zero(self) -> None:
        """h = o tanh(c): ∂h/∂c is o (1 - tanh² c), not (o² - h²)/o."""
        system = Network.from_equations(
            "h[n] = o[n]*tanh(w*c[n])\nC = sum(n, h[n]**2)", parameters=["w"], inputs=["o[n]", "c[n]"], targets=[]
        )
        assert sympy.denom(sympy.together(derive(system).gradient("w"))).is_number


@pytest.mark.parametrize(
    "formula",
    [
        "1 - exp(-z)",
        "2/(1 + exp(-3*z)) - 1",
        "z/(1+abs(z))",
        "z/(1 + exp(-2*z))",
        "exp(z)/(1 + exp(z))",
        "(exp(z) - exp(-z))/(exp(z) + exp(-z))",
        "(exp(2*z) - 1)/(exp(2*z) + 1)",
        "log(1 + exp(z))/2",
        "tanh(z)**3",
        "sqrt(1 + z**2) - 1",
        "exp(-z**2)",
        "z*tanh(softplus(z))",
        "maximum(z, 0.1*z)",
        "minimum(maximum(z, 0), 6)",
        "maximum(relu(z), 0.5)",
        "where(relu(z) > 1, z, 0)",
        "relu(relu(z))",
        "where(z > 0, z, sum(k, relu(z[k])))",
        "where(z > mean(k, z[k]), z, 0)",
        "where(abs(z) < 1, z, sign(z))",
        "where(z > 1, z, where(z > -1, z**2, exp(z)))",
        "z - mean(k, z[k])",
        "(z - mean(k, z[k]))/sqrt(1 + mean(k, (z[k] - mean(m, z[m]))**2))",
        "z/sqrt(sum(k, z[k]**2))",
        "exp(2*z)/sum(k, exp(2*z[k]))",
        "exp(-z)/sum(k, exp(-z[k]))",
        "z - log(sum(k, exp(z[k])))",
        "exp(z)/(1 + sum(k, exp(z[k])))",
        "sum(k, z[k])*z",
        "sin(z)*cos(z)",
        "arctan(z)",
        "arcsin(tanh(z)/2)",
        "cosh(z)/(1 + sinh(z)**2)",
        "erf(z)",
        "2**z",
        "-z",
        "z**3/(1 + z**4)",
        "1/(1 + exp(-z) + exp(-2*z))",
    ],
)
@pytest.mark.parametrize(("cost", "targets"), [("quadratic", None), ("log(sum(k, exp(a[k]))) - a[y]", "labels")])
def test_any_formula_verifies(formula: str, cost: str, targets: str | None) -> None:
    verify(derive(Network(3, [Dense(5, formula), Dense(7, formula)], cost, targets=targets)))


# Each rewrite by itself.

REWRITE = {rewrite.rule: rewrite for rewrite in REWRITES}


def facts(cost: str = "cross_entropy", targets: str | None = None) -> Facts:
    return Facts(one_layer("softmax", cost, targets).system, frozenset({n, j}))


def applied(rewrite: Rewrite, expression: Expr, known: Facts) -> Expr:
    return rewrite.apply(expression, known)


class TestOneHotTarget:
    rewrite = REWRITE["one-hot target"]

    def test_sums_to_one_over_the_outputs(self) -> None:
        assert applied(self.rewrite, bound_sum(y(n, j_), j_), facts()) == 1

    def test_what_does_not_depend_on_the_letter_stays(self) -> None:
        assert applied(self.rewrite, bound_sum(a(n, j) * y(n, j_), j_), facts()) == a(n, j)

    def test_the_sum_over_examples_stays(self) -> None:
        total = bound_sum(y(n, j), n)
        assert applied(self.rewrite, total, facts()) == total

    def test_both_sums_leave_the_number_of_examples(self) -> None:
        """Σ_n Σ_j y[n,j] = N, not 1."""
        found = applied(self.rewrite, bound_sum(y(n, j), j, n), facts())
        assert found in (N, bound_sum(Integer(1), n), bound_sum(y(n, j), j, n))

    @pytest.mark.parametrize("cost", ["quadratic", "binary_cross_entropy", "hinge"])
    def test_a_target_that_is_not_one_hot_stays(self, cost: str) -> None:
        total = bound_sum(y(n, j_), j_)
        assert applied(self.rewrite, total, facts(cost)) == total

    def test_a_factor_with_the_same_letter_stays(self) -> None:
        total = bound_sum(y(n, j_) * a(n, j_), j_)
        assert applied(self.rewrite, total, facts()) == total

    def test_two_one_hot_factors_stay(self) -> None:
        total = bound_sum(y(n, j_) * y(n_, j_), j_)
        assert applied(self.rewrite, total, facts()) == total

    def test_a_power_and_another_tensor_stay(self) -> None:
        for inside in (y(n, j_) ** 2, a(n, j_), entry("W1", (j_, i)), 1 + y(n, j_)):
            total = bound_sum(inside, j_)
            assert applied(self.rewrite, total, facts()) == total

    def test_a_sum_that_is_not_about_the_target_letter_stays(self) -> None:
        total = bound_sum(y(n, j) * entry("x", (n, i)), i)
        assert applied(self.rewrite, total, facts()) == total


class TestOtherRewrites:
    def test_a_delta_between_free_letters_stays(self) -> None:
        delta = KroneckerDelta(j, j_) * a(n, j_)
        assert applied(REWRITE["sift"], delta, Facts(facts().system, frozenset({n, j, j_}))) == delta

    def test_a_delta_that_fixes_a_summed_letter_is_used_up(self) -> None:
        assert applied(REWRITE["sift"], bound_sum(KroneckerDelta(j, j_) * a(n, j_), j_), facts()) == a(n, j)

    def test_a_delta_of_other_letters_leaves_the_sum(self) -> None:
        found = applied(REWRITE["sift"], bound_sum(KroneckerDelta(n, n_) * a(n_, j_), j_), facts())
        assert found.has(KroneckerDelta)
        assert found.has(Sum)

    def test_a_factor_that_depends_on_the_letter_stays_inside(self) -> None:
        total = bound_sum(a(n, j_) * y(n, j_), j_)
        assert applied(REWRITE["split the sum"], total, facts("quadratic")) == total

    def test_a_factor_that_does_not_depend_on_the_letter_leaves(self) -> None:
        total = bound_sum(a(n, j) * y(n, j_), j_)
        assert applied(REWRITE["split the sum"], total, facts("quadratic")) == a(n, j) * bound_sum(y(n, j_), j_)

    def test_a_letter_that_nothing_reads_counts_its_range(self) -> None:
        found = applied(REWRITE["split the sum"], bound_sum(a(n, j), j_), facts("quadratic"))
        assert found in (size_symbol("j") * a(n, j), bound_sum(a(n, j), j_))

    def test_different_entries_do_not_cancel(self) -> None:
        for fraction in (a(n, j) / a(n, j_), a(n, j) / z(n, j), a(n, j) / a(n_, j)):
            assert applied(REWRITE["cancel"], fraction, facts()) == fraction

    def test_the_same_entry_cancels(self) -> None:
        assert applied(REWRITE["cancel"], (a(n, j) ** 2 - a(n, j) * y(n, j)) / a(n, j), facts()) == a(n, j) - y(n, j)

    def test_terms_without_a_common_factor_stay(self) -> None:
        terms = a(n, j) * y(n, j) + a(n, j_) * y(n, j_)
        assert applied(REWRITE["common factor"], terms, facts()) == terms

    def test_a_common_factor_goes_in_front(self) -> None:
        found = applied(REWRITE["common factor"], a(n, j) * y(n, j) - a(n, j) * z(n, j), facts())
        assert found == a(n, j) * (y(n, j) - z(n, j))

    def test_every_rewrite_has_a_rule_of_its_own(self) -> None:
        assert len(REWRITE) == len(REWRITES)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("z/(1 + abs(z))", "da1[n,j] / (1 + |z1[n,j]|)²"),
        ("abs(z)*z", "2 da1[n,j] |z1[n,j]|"),
        ("2/(1 + exp(-3*z)) - 1", "3 da1[n,j] (1 - a1[n,j]²) / 2"),
        ("2*sigmoid(2*z) - 1", "da1[n,j] (1 - a1[n,j]²)"),
        ("3*tanh(z/2)", "da1[n,j] (9 - a1[n,j]²) / 6"),
    ],
)
def test_results_as_they_are_written_by_hand(activation: str, expected: str) -> None:
    derivation = one_layer(activation, "quadratic")
    verify(derivation)
    assert PlainPrinter(derivation.system).text(derivation.gradient("z1")) == expected


def test_a_number_times_its_sign() -> None:
    u = z(n, j)
    assert applied(REWRITE["absolute value"], u * sign(u) * a(n, j) + Abs(u), facts("quadratic")) == Abs(u) * a(n, j) + Abs(u)
    assert applied(REWRITE["absolute value"], a(n, j) * sign(u) + Abs(u), facts("quadratic")) == a(n, j) * sign(u) + Abs(u)


class TestWrongStepsAreFound:
    """A step made wrong on purpose raises `CheckFailed`; as it was, it passes."""

    @staticmethod
    def check(before: Expr, after: Expr, wrong: Expr, derivation: Derivation | None = None) -> None:
        numbers = random_numbers(derivation or one_layer("softmax", "cross_entropy"))
        assert step_error("z1", Step(Rule.STATED, before, after), numbers) < 1e-12
        with pytest.raises(CheckFailed, match="a step for z1 does not hold"):
            step_error("z1", Step(Rule.STATED, before, wrong), numbers)

    def test_a_wrong_sign(self) -> None:
        right = (a(n, j) - y(n, j)) / N
        self.check(entry("dz1", (n, j)), right, -right)
        self.check(entry("dz1", (n, j)), right, (a(n, j) + y(n, j)) / N)

    def test_a_lost_term(self) -> None:
        self.check(entry("dz1", (n, j)), (a(n, j) - y(n, j)) / N, a(n, j) / N)

    def test_swapped_letters(self) -> None:
        derivation = one_layer("tanh", "quadratic")
        delta, x = entry("dz1", (n, j)), entry("x", (n, i))
        before = entry("dW1", (j, i))
        self.check(before, bound_sum(delta * x, n), bound_sum(entry("dz1", (i, j)) * x, n), derivation)
        self.check(before, bound_sum(delta * x, n), bound_sum(delta * entry("x", (n, j)), n), derivation)

    def test_a_transposed_matrix(self) -> None:
        derivation = one_layer("tanh", "quadratic")
        affine = bound_sum(entry("W1", (j, i)) * entry("x", (n, i)), i) + entry("b1", (j,))
        transposed = bound_sum(entry("W1", (i, j)) * entry("x", (n, i)), i) + entry("b1", (j,))
        self.check(z(n, j), affine, transposed, derivation)

    def test_a_lost_factor(self) -> None:
        self.check(entry("dz1", (n, j)), (a(n, j) - y(n, j)) / N, a(n, j) - y(n, j))

    def test_a_lost_delta(self) -> None:
        derivation = one_layer("softmax", "quadratic")
        (path,) = derivation.adjoint("z1").paths
        first = path.steps[0]
        self.check(first.before, path.local_derivative, path.local_derivative.subs(KroneckerDelta(n, n_), 1), derivation)

    def test_every_step_of_a_derivation_with_its_sign_turned(self) -> None:
        derivation = derive(Network(2, [Dense(5, "tanh"), Dense(3, "softmax")], "cross_entropy"))
        numbers = random_numbers(derivation)
        for name, step in derivation.all_steps:
            step_error(name, step, numbers)
            with pytest.raises(CheckFailed):
                step_error(name, Step(step.rule, step.before, -step.after), numbers)


def test_a_softmax_of_scores_that_have_no_name_is_written_through_its_output() -> None:
    """p[k] = exp(s[k])/Σ_k exp(s[k]) with s[k] = Σ_j q[j] V[k,j] written out: ∂p[k′]/∂V[k,j] = q[j] p[k′] (δ(k,k′) − p[k])."""
    lines = "p[n,k] = softmax(k, sum(j, Q[n,j]*V[k,j]))\nC = -mean(n, sum(k, y[n,k]*log(p[n,k])))"
    derivation = derive(system_from_equations(lines, name="scores", inputs=["Q[n,j]"], targets=["y[n,k]"], parameters=["V[k,j]"]))
    (path,) = derivation.adjoint("V").paths
    assert not path.local_derivative.has(sympy.exp)
    assert verify(derivation)


@pytest.mark.parametrize(
    ("equation", "written"),
    [
        ("g[n,k] = exp(-(X[n] - m[k])**2/(2*s[k]**2))/s[k]", {"s": "Σ_n dg[n,k] g[n,k] ((X[n] - m[k])² - s[k]²) / s[k]³"}),
        ("g[n,k] = exp(-abs(X[n] - m[k])/s[k])/(2*s[k])", {"m": "Σ_n dg[n,k] g[n,k] sign(X[n] - m[k]) / s[k]"}),
        ("g[n,k] = m[k] - tanh(m[k]) + 0*s[k]*X[n]", {"m": "tanh(m[k])² Σ_n dg[n,k]"}),
        ("g[n,k] = (m[k] + s[k]*X[n])*exp(m[k])", {"m": "exp(m[k]) (Σ_n dg[n,k] (m[k] + s[k] X[n]) + Σ_n dg[n,k])"}),
    ],
)
def test_a_density_is_written_through_its_own_value(equation: str, written: dict[str, str]) -> None:
    """So is a function times what it reads, but not one beside what it reads, nor times what may be 0."""
    lines = f"{equation}\nC = sum(n, k, Y[n,k]*g[n,k]**2)"
    derivation = derive(system_from_equations(lines, name="density", inputs=["X[n]", "Y[n,k]"], parameters=["m[k]", "s[k]"]))
    assert verify(derivation)
    printer = PlainPrinter(derivation.system)
    assert {name: printer.text(derivation.gradient(name)) for name in written} == written
