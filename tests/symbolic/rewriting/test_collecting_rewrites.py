"""Rewrites of formulas that are collected: each fires only where its condition holds."""

from __future__ import annotations

from collected_networks import WRITTEN, N, N_j, N_k, after, derivation, facts, j, j_, k, k_, n, n_, of
from sympy import Expr, Integer, KroneckerDelta, S, Sum, exp, sqrt

from chainrule import derive
from chainrule.symbolic.checking.verification import random_numbers, step_error
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.named_functions import arg_max
from chainrule.symbolic.index.tensors import scalar
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.collecting_rewrites import COLLECTING, own_definition
from chainrule.symbolic.rewriting.factoring import with_common_front
from chainrule.symbolic.rewriting.known_sums import totals
from chainrule.symbolic.rewriting.rule import Facts, Rule


def stays(rule: str, expression: Expr, known: Facts) -> None:
    assert after(rule, expression, known) == expression


BATCH, SOFTMAX = "batch norm", "softmax in three equations"


class TestOwnDefinition:
    def test_a_product_by_its_name(self) -> None:
        assert after("own definition", of("u", n, j) * of("r", j), facts(BATCH)) == of("h", n, j)

    def test_a_power(self) -> None:
        written = (of("v", j) + scalar("eps")) ** (-S(3) / 2)
        assert after("own definition", written, facts(BATCH)) == of("r", j) ** 3

    def test_a_factor_before_a_sum_and_one_inside(self) -> None:
        found = after("own definition", of("r", j) * bound_sum(of("dy", n_, j) * of("u", n_, j), n_), facts(BATCH))
        assert found == bound_sum(of("dy", n_, j) * of("h", n_, j), n_)

    def test_at_other_indices(self) -> None:
        assert after("own definition", of("u", n_, j_) * of("r", j_), facts(BATCH, n_, j_)) == of("h", n_, j_)

    def test_a_total(self) -> None:
        assert after("own definition", bound_sum(of("z", n_, j), n_), facts(BATCH)) == N * of("m", j)
        assert after("own definition", bound_sum(of("e", n, k_), k_), facts(SOFTMAX)) == of("s", n)

    def test_a_bracket(self) -> None:
        assert after("own definition", of("dy", n, j) * (of("z", n, j) - of("m", j)), facts(BATCH)) == of("dy", n, j) * of("u", n, j)
        assert after("own definition", of("dy", n, j) * (of("m", j) - of("z", n, j)), facts(BATCH)) == -of("dy", n, j) * of("u", n, j)

    def test_a_function(self) -> None:
        assert after("own definition", exp(of("z", n, k)) * of("de", n, k), facts(SOFTMAX)) == of("e", n, k) * of("de", n, k)

    def test_indices_that_do_not_fit(self) -> None:
        stays("own definition", of("u", n, j) * of("r", j_), facts(BATCH, n, j, j_))
        stays("own definition", of("z", n, j) - of("m", j_), facts(BATCH, n, j, j_))

    def test_a_sum_over_another_letter(self) -> None:
        stays("own definition", bound_sum(of("z", n, j_), j_), facts(BATCH))
        stays("own definition", bound_sum(of("e", n_, k), n_), facts(SOFTMAX))

    def test_a_sum_with_another_factor(self) -> None:
        stays("own definition", bound_sum(of("z", n_, j) * of("dy", n_, j), n_), facts(BATCH))

    def test_a_power_that_is_too_small(self) -> None:
        stays("own definition", sqrt(of("v", j) + scalar("eps")), facts(BATCH))

    def test_a_shifted_index_may_be_out_of_range(self) -> None:
        stays("own definition", of("u", n - 1, j) * of("r", j), facts(BATCH))
        stays("own definition", exp(of("z", n, k + 1)), facts(SOFTMAX))

    def test_a_label_is_in_range(self) -> None:
        name = "softmax of labels with the maximum subtracted"
        label = derivation(name).system.tensors["Y"].own_entry
        found = after("own definition", of("e", n, label) / of("s", n), facts(name))
        assert found == of("p", n, label)

    def test_an_equation_that_is_not_given(self) -> None:
        known = facts(BATCH)
        others = tuple(equation for equation in known.equations if equation.tensor.name != "h")
        few = Facts(known.system, known.outside, others, known.adjoints)
        assert own_definition(of("u", n, j) * of("r", j), few) == of("u", n, j) * of("r", j)

    def test_a_root_of_a_mean(self) -> None:
        """r = (mean z² + ε)^(−1/2) in one equation."""
        text = """
            z[n,j] = sum(i, W[j,i]*x[n,i])
            r[n] = (mean(j, z[n,j]**2) + eps)**(-1/2)
            y[n,j] = z[n,j]*r[n]
            L = sum(n, j, y[n,j]**3)
        """
        found = derive(system_from_equations(inputs=["x[n,i]"], parameters=["W[j,i]"], equations=text, constants={"eps": 1e-5})).collected(
            "z", "y"
        )
        d, y = of("dy", n, j), of("y", n, j)
        assert found.expression == of("r", n) * (N_j * d - y * bound_sum((d * y).xreplace({j: j_}), j_)) / N_j


class TestDeviations:
    def test_the_sum_of_deviations(self) -> None:
        assert after("deviations sum to 0", bound_sum(of("u", n_, j), n_), facts(BATCH)) == 0
        assert after("deviations sum to 0", bound_sum(of("h", n_, j), n_), facts(BATCH)) == 0

    def test_a_factor_that_does_not_depend_on_the_letter(self) -> None:
        assert after("deviations sum to 0", bound_sum(of("u", n_, j) * of("dv", j), n_), facts(BATCH)) == 0

    def test_written_as_a_bracket(self) -> None:
        assert after("deviations sum to 0", of("dv", j) * (bound_sum(of("z", n_, j), n_) - N * of("m", j)), facts(BATCH)) == 0
        assert after("deviations sum to 0", bound_sum(of("z", n_, j) - of("m", j), n_) * of("dv", j), facts(BATCH)) == 0

    def test_the_same_term_beside_others(self) -> None:
        found = after("deviations sum to 0", of("dy", n, j) + of("dv", j) * bound_sum(of("u", n_, j), n_), facts(BATCH))
        assert found == of("dy", n, j)

    def test_over_another_letter(self) -> None:
        stays("deviations sum to 0", bound_sum(of("u", n, j_), j_), facts(BATCH))
        assert ("u", 1, 1) not in totals(facts(BATCH).equations)

    def test_with_a_factor_of_the_same_letter(self) -> None:
        stays("deviations sum to 0", bound_sum(of("u", n_, j) * of("dy", n_, j), n_), facts(BATCH))
        stays("deviations sum to 0", bound_sum(of("u", n_, j) ** 2, n_), facts(BATCH))

    def test_values_that_are_no_deviations(self) -> None:
        for tensor in ("z", "y", "q", "dy"):
            stays("deviations sum to 0", bound_sum(of(tensor, n_, j), n_), facts(BATCH))
        stays("deviations sum to 0", bound_sum(of("h", n, j_), j_), facts("RMS norm"))

    def test_a_bracket_of_another_size(self) -> None:
        for wrong in (bound_sum(of("z", n_, j), n_) - of("m", j), bound_sum(of("z", n_, j), n_) + N * of("m", j)):
            stays("deviations sum to 0", wrong, facts(BATCH))

    def test_a_variance_with_another_mean(self) -> None:
        other = {**WRITTEN[BATCH], "equations": WRITTEN[BATCH]["equations"].replace("m[j] = mean(n, z[n,j])", "m[j] = mean(n, z[n,j])/2")}
        system = system_from_equations(**other)
        assert not [axis for axis, total in totals(system.equations).items() if total.value == 0]


class TestNormalised:
    def test_probabilities_sum_to_1(self) -> None:
        assert after("normalised", bound_sum(of("p", n, k_), k_), facts(SOFTMAX)) == 1
        assert after("normalised", of("ds", n) * bound_sum(of("p", n, k_), k_), facts(SOFTMAX)) == of("ds", n)

    def test_written_as_one_equation(self) -> None:
        found = totals(derivation("softmax_one_hot").system.equations)
        assert {axis: total.value for axis, total in found.items()} == {("p", 1, 1): 1}

    def test_over_another_letter(self) -> None:
        stays("normalised", bound_sum(of("p", n_, k), n_), facts(SOFTMAX))

    def test_with_a_factor_of_the_same_letter(self) -> None:
        stays("normalised", bound_sum(of("p", n, k_) * of("dp", n, k_), k_), facts(SOFTMAX))
        stays("normalised", bound_sum(of("p", n, k_) ** 2, k_), facts(SOFTMAX))

    def test_values_before_the_division(self) -> None:
        stays("normalised", bound_sum(of("e", n, k_), k_), facts(SOFTMAX))

    def test_a_shifted_index_may_be_out_of_range(self) -> None:
        """Before the first example there are no probabilities, and what is not there adds up to 0."""
        stays("normalised", bound_sum(of("p", n - 1, k_), k_), facts(SOFTMAX))
        assert after("deviations sum to 0", bound_sum(of("u", n_, j - 1), n_), facts(BATCH)) == 0

    def test_another_denominator(self) -> None:
        text = WRITTEN[SOFTMAX]["equations"].replace("e[n,k]/s[n]", "e[n,k]/(1 + s[n])")
        assert not totals(system_from_equations(**{**WRITTEN[SOFTMAX], "equations": text}).equations)


class TestSquares:
    name = "squares of a normalised value"

    def test_the_squares_of_deviations_are_the_variance(self) -> None:
        found = after("squares sum", bound_sum(of("u", n, k_) ** 2, k_), facts(self.name))
        assert found == N_k * of("v", n)

    def test_and_of_normalised_values(self) -> None:
        found = after("squares sum", bound_sum(of("h", n, k_) ** 2, k_), facts(self.name))
        assert found == N_k * of("r", n) ** 2 * of("v", n)

    def test_with_bessels_correction(self) -> None:
        found = after("squares sum", bound_sum(of("bndiff", n_, j) ** 2, n_), facts("character_model"))
        assert found == Integer(31) / 32 * N * of("bnvar", j)

    def test_other_powers_letters_and_factors(self) -> None:
        for inside in (of("u", n, k_), of("u", n, k_) ** 3, of("u", n, k_) ** 2 * of("du", n, k_), of("z", n, k_) ** 2):
            stays("squares sum", bound_sum(inside, k_), facts(self.name))
        stays("squares sum", bound_sum(of("u", n_, k) ** 2, n_), facts(self.name))


class TestMaximum:
    name = "softmax of labels with the maximum subtracted"

    def at_maximum(self) -> Expr:
        return KroneckerDelta(k, arg_max(of("z", n, k_), k_))

    def test_terms_that_cancel(self) -> None:
        inside = bound_sum(of("dp", n, k_) * of("p", n, k_), k_)
        other = bound_sum(of("dp", n, k_) * of("e", n, k_), k_) / of("s", n)
        found = after("maximum", of("dz", n, k) + self.at_maximum() * inside - self.at_maximum() * other, facts(self.name))
        assert found == of("dz", n, k)

    def test_terms_that_do_not(self) -> None:
        inside = bound_sum(of("dp", n, k_) * of("p", n, k_), k_)
        stays("maximum", of("dz", n, k) + self.at_maximum() * inside, facts(self.name))
        stays("maximum", self.at_maximum() * inside + self.at_maximum() * inside, facts(self.name))

    def test_a_label_is_no_maximum(self) -> None:
        label = KroneckerDelta(k, derivation(self.name).system.tensors["Y"].own_entry)
        stays("maximum", label * of("p", n, k) - label * of("e", n, k) / of("s", n), facts(self.name))


class TestMultiplyOut:
    def test_brackets_with_adjoints(self) -> None:
        found = after("multiply out", of("r", j) * (of("dy", n, j) - bound_sum(of("dy", n_, j) * of("g", j), n_)), facts(BATCH))
        assert found == of("r", j) * of("dy", n, j) - of("r", j) * of("g", j) * bound_sum(of("dy", n_, j), n_)

    def test_other_brackets_stay(self) -> None:
        stays("multiply out", of("dy", n, j) * (1 - of("y", n, j) ** 2), facts(BATCH))

    def test_letters_that_nothing_ties_have_sums_of_their_own(self) -> None:
        found = after("multiply out", bound_sum(of("u", n_, j) * bound_sum(of("dy", n_, j_) * of("r", j_), j_), n_), facts(BATCH))
        assert len(found.atoms(Sum)) == 1
        apart = after("multiply out", bound_sum(of("u", n_, j) * of("dv", j_), n_, j_), facts(BATCH))
        assert apart == bound_sum(of("u", n_, j), n_) * bound_sum(of("dv", j_), j_)

    def test_the_same_letter_in_two_sums_and_free(self) -> None:
        """Σ_k′ dp is multiplied by 1/Σ_k′ e and by e[n,k], none of which may be caught by it."""
        inside = of("e", n, k) * bound_sum(of("dp", n, k_), k_) / bound_sum(exp(of("z", n, k_)), k_)
        total = bound_sum((of("dp", n, k) - inside) * of("s", n), n)
        numbers = random_numbers(derivation(SOFTMAX))
        assert step_error("z", Step(Rule.MULTIPLY_OUT, total, after("multiply out", total, facts(SOFTMAX, k))), numbers) < 1e-12


class TestCommonFront:
    adjoints = frozenset({"dy", "do"})

    def test_factors_and_the_size(self) -> None:
        d, h = of("dy", n, j), of("h", n, j)
        terms = of("r", j) * d - of("r", j) * bound_sum(of("dy", n_, j), n_) / N
        assert with_common_front(terms, self.adjoints) == of("r", j) * (N * d - bound_sum(of("dy", n_, j), n_)) / N
        assert with_common_front(d * h, self.adjoints) == d * h

    def test_nothing_shared(self) -> None:
        terms = of("r", j) * of("dy", n, j) + of("g", j) * of("h", n, j)
        assert with_common_front(terms, self.adjoints) == terms

    def test_one_product_for_each_adjoint(self) -> None:
        d = of("dy", n, j)
        terms = of("do", n, j) + of("r", j) * d - of("r", j) * of("h", n, j) * bound_sum(of("dy", n_, j), n_)
        assert with_common_front(terms, self.adjoints) == of("do", n, j) + of("r", j) * (d - of("h", n, j) * bound_sum(of("dy", n_, j), n_))

    def test_a_number_where_it_is_shorter(self) -> None:
        d = of("dy", n, j)
        terms = of("r", j) * d / 5 - of("r", j) * bound_sum(of("dy", n_, j), n_) / 5
        assert with_common_front(terms, self.adjoints) == of("r", j) * (d - bound_sum(of("dy", n_, j), n_)) / 5


def test_every_rewrite_has_a_rule_of_its_own() -> None:
    assert len({rewrite.rule for rewrite in COLLECTING}) == len(COLLECTING)
