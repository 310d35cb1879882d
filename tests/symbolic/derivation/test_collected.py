"""Adjoints in one line: the published formulas, reached by steps that hold."""

from __future__ import annotations

import time

import pytest
import sympy
from collected_networks import WRITTEN, N, N_j, N_k, derivation, facts, j, j_, k, k_, n, n_, of, rules, t, t_, t__, v, v_
from equation_networks import NETWORKS
from sympy import Add, Expr, Integer, KroneckerDelta, Piecewise, S, sqrt

from chainrule import CheckFailed, InvalidDescription, Layer, Network, derive
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.checking import verification
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.checking.verification import Trial, random_numbers, step_error
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.index.index_letters import bound_sum, names_read
from chainrule.symbolic.index.tensors import scalar
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.collecting_rewrites import multiply_out
from chainrule.symbolic.rewriting.rule import Rule


def plain(name: str, form: Collected) -> str:
    return PlainPrinter(derivation(name).system).equation(form.equation)


def holds(name: str, form: Collected) -> None:
    """The steps go on from each other, lead to the formula, and hold on random numbers of two shapes."""
    assert form.steps[0].before == derivation(name).adjoint(form.tensor.name).as_tensor.own_entry
    assert form.steps[-1].after == form.expression
    for before, after in zip(form.steps, form.steps[1:], strict=False):
        assert before.after == after.before
    for sizes in ((2, 3, 5, 4, 7, 6), (5, 4, 3, 2, 6, 3)):
        numbers = random_numbers(derivation(name), Trial(sizes=sizes))
        for step in form.steps:
            step_error(form.tensor.name, step, numbers)


def norm(front: Expr, d: Expr, h: Expr, letter: Expr, other: Expr, size: Expr, bessel: Expr = S.One) -> Expr:
    """front/size (size d − Σ d − bessel h Σ d h): the published gradient of a normalised layer, as SymPy writes it."""
    at = {letter: other}
    return front * (size * d - bound_sum(d.xreplace(at), other) - bessel * h * bound_sum((d * h).xreplace(at), other)) / size


class TestPublished:
    """Literally the formulas of papers and lectures: equal SymPy expressions, and equal text."""

    @pytest.mark.parametrize("name", ["character_model", "character_model_with_a_flat_weight_matrix"])
    def test_batch_norm_of_the_character_model(self, name: str) -> None:
        form = derivation(name).collected("hprebn", through="hpreact")
        front = of("bngain", j) * of("bnvar_inv", j)
        expected = norm(front, of("dhpreact", n, j), of("bnraw", n, j), n, n_, N, Integer(32) / 31)
        assert form.expression == expected
        assert plain(name, form) == (
            "dhprebn[n,j] = bnvar_inv[j] bngain[j] (32 dhpreact[n,j] - 32 bnraw[n,j] Σ_n′ dhpreact[n′,j] bnraw[n′,j] / 31"
            " - Σ_n′ dhpreact[n′,j]) / 32"
        )
        assert form.put_in == ("bnmeani", "bndiff", "bndiff2", "bnvar", "bnvar_inv", "bnraw")
        assert {"put in adjoint", "deviations sum to 0", "own definition", "common front"} <= set(rules(form))
        assert derivation(name).collected("hprebn") == form
        holds(name, form)

    @pytest.mark.parametrize("name", ["character_model", "character_model_with_a_flat_weight_matrix"])
    def test_softmax_and_cross_entropy_of_the_character_model(self, name: str) -> None:
        form = derivation(name).collected("logits")
        label = derivation(name).system.tensors["Y"].own_entry
        assert form.expression == (of("probs", n, v) - KroneckerDelta(v, label)) / N
        assert plain(name, form) == "dlogits[n,v] = (probs[n,v] - [v = Y[n]]) / 32"
        assert {"maximum", "own definition", "sift", "common front"} <= set(rules(form))
        assert not set(names_read(form.expression)) & {f"d{tensor}" for tensor in derivation(name).adjoints}
        holds(name, form)

    def test_through_the_probabilities(self) -> None:
        form = derivation("character_model").collected("logits", through="probs")
        p, d = of("probs", n, v), of("dprobs", n, v)
        assert form.expression == p * (d - bound_sum((d * p).xreplace({v: v_}), v_))
        holds("character_model", form)

    def test_softmax_in_three_equations_has_the_jacobian_diag_p_minus_p_p(self) -> None:
        name = "softmax in three equations"
        form = derivation(name).collected("z", through="p")
        p, d = of("p", n, k), of("dp", n, k)
        assert form.expression == p * (d - bound_sum((d * p).xreplace({k: k_}), k_))
        assert plain(name, form) == "dz[n,k] = p[n,k] (dp[n,k] - Σ_k′ dp[n,k′] p[n,k′])"
        # Entry (k, k′) of the Jacobian is what the formula has beside dp[n,k′].
        assert multiply_out(p * d, facts(name)) == p * d
        holds(name, form)
        assert derivation(name).collected("z") == form

    def test_softmax_of_labels(self) -> None:
        name = "softmax of labels with the maximum subtracted"
        form = derivation(name).collected("z")
        assert plain(name, form) == "dz[n,k] = (p[n,k] - [k = Y[n]]) / N"
        assert "maximum" in rules(form)
        holds(name, form)

    def test_attention(self) -> None:
        (form,) = derivation("attention").collected_forms
        p, d = of("p", n, t, t_), of("dp", n, t, t_)
        assert form.expression == p * (d - bound_sum((d * p).xreplace({t_: t__}), t__))
        assert form.put_in == ("m", "c", "r")
        holds("attention", form)

    def test_batch_norm_biased(self) -> None:
        form = derivation("batch norm").collected("z", through="y")
        assert form.expression == norm(of("g", j) * of("r", j), of("dy", n, j), of("h", n, j), n, n_, N)
        assert plain("batch norm", form) == "dz[n,j] = r[j] g[j] (N dy[n,j] - h[n,j] Σ_n′ dy[n′,j] h[n′,j] - Σ_n′ dy[n′,j]) / N"
        holds("batch norm", form)

    def test_batch_norm_in_fewer_equations(self) -> None:
        name = "batch_norm_biased"
        form = derivation(name).collected("z")
        front = of("g", j) / sqrt(of("v", j) + scalar("eps"))
        assert form.expression == norm(front, of("da", n, j), of("zn", n, j), n, n_, N)
        holds(name, form)

    def test_batch_norm_bessel_without_a_name_for_the_normalised_value(self) -> None:
        name = "batch_norm_bessel"
        form = derivation(name).collected("z")
        assert plain(name, form) == (
            "dz[n,j] = g[j] (5 da[n,j] - 5 (z[n,j] - mu[j]) Σ_n′ da[n′,j] (z[n′,j] - mu[j]) / (4 (v[j] + eps)) - Σ_n′ da[n′,j])"
            " / (5 √(v[j] + eps))"
        )
        holds(name, form)

    def test_layer_norm_with_the_gain_inside(self) -> None:
        form = derivation("layer norm").collected("z", through="y")
        d = of("dy", n, j) * of("g", j)
        assert form.expression == norm(of("r", n), d, of("h", n, j), j, j_, N_j)
        holds("layer norm", form)
        through_the_normalised = derivation("layer norm").collected("z", through="h")
        assert through_the_normalised.expression == norm(of("r", n), of("dh", n, j), of("h", n, j), j, j_, N_j)
        holds("layer norm", through_the_normalised)

    def test_rms_norm(self) -> None:
        form = derivation("RMS norm").collected("z", through="y")
        d, h = of("dy", n, j) * of("g", j), of("h", n, j)
        assert form.expression == of("r", n) * (N_j * d - h * bound_sum((d * h).xreplace({j: j_}), j_)) / N_j
        holds("RMS norm", form)

    def test_a_residual_around_a_norm(self) -> None:
        name = "a residual around a norm"
        (form,) = derivation(name).collected_forms
        assert form.expression == of("do", n, k) + norm(of("r", n), of("dh", n, k), of("h", n, k), k, k_, N_k)
        holds(name, form)

    def test_a_residual_with_an_inline_norm(self) -> None:
        (form,) = derivation("transformer_block").collected_forms
        assert form.tensor.name == "r1"
        assert form.put_in == ("mu2", "var2")
        assert {f"d{other}" for other in ("r2", "y2")} <= set(names_read(form.expression))
        holds("transformer_block", form)

    def test_squares_of_a_normalised_value(self) -> None:
        """Σ h² = N r² v: of the three sums none is left."""
        name = "squares of a normalised value"
        form = derivation(name).collected("z")
        assert plain(name, form) == "dz[n,k] = 2 h[n,k] r[n] (1 - r[n]² v[n])"
        assert {"deviations sum to 0", "squares sum"} <= set(rules(form))
        holds(name, form)

    def test_the_formula_is_shorter_than_what_it_stands_for(self) -> None:
        for name in ("character_model", "attention", "layer norm"):
            for form in derivation(name).collected_forms:
                assert form.spared > 0
                assert len(form.put_in) >= 2

    def test_an_equation_as_any_other(self) -> None:
        form = derivation("batch norm").collected("z")
        assert form.equation.tensor == derivation("batch norm").adjoint("z").as_tensor
        assert form.equation.expression == form.expression


@pytest.mark.parametrize("name", ["character_model", "layer norm", "a residual around a norm"])
def test_all_gradients_follow_without_the_adjoints_between(name: str) -> None:
    """The collected equations in place of their adjoints, those between left out: every parameter has the same gradient."""
    system = derivation(name).system
    numbers = random_numbers(derivation(name))
    forms = {form.tensor.name: form for form in derivation(name).collected_forms}
    dropped = {other for form in forms.values() for other in form.put_in}
    assert dropped
    equations = [
        forms[tensor].equation if tensor in forms else adjoint.equation
        for tensor, adjoint in derivation(name).adjoints.items()
        if tensor not in dropped
    ]
    forward = {tensor: array for tensor, array in numbers.arrays.items() if tensor in system.tensors}
    again = solved(equations, Numbers(system, forward, numbers.sizes))
    for parameter in system.parameters:
        assert verification.difference(again.arrays[f"d{parameter.name}"], numbers.arrays[f"d{parameter.name}"]) < 1e-9


def test_a_wrong_coefficient_or_sign_would_be_found() -> None:
    form = derivation("character_model").collected("hprebn")
    numbers = random_numbers(derivation("character_model"))
    own = form.steps[0].before
    step_error("hprebn", Step(Rule.STATED, own, form.expression), numbers)
    inside = form.expression.args[-1]
    for wrong in (form.expression.xreplace({inside: Add(*inside.args[1:])}), -form.expression, form.expression * Integer(31) / 32):
        with pytest.raises(CheckFailed, match="does not hold"):
            step_error("hprebn", Step(Rule.STATED, own, wrong), numbers)


SOME = ["softmax_one_hot", "mixture_density", "kl_of_parameters", "siamese_contrastive", "attention_masked", "rms_norm", "residual"]


@pytest.mark.parametrize("name", [*WRITTEN, *SOME])
def test_every_form_through_every_tensor_holds(name: str) -> None:
    found = 0
    numbers = random_numbers(derivation(name))
    for tensor in derivation(name).adjoints:
        for through in (None, *derivation(name).adjoints):
            try:
                form = derivation(name).collected(tensor, through)
            except InvalidDescription:
                continue
            found += 1
            for step in form.steps:
                step_error(tensor, step, numbers)
            if through is not None:
                read = {other for other in derivation(name).adjoints if f"d{other}" in names_read(form.expression)}
                assert read <= {through}
    assert found


def test_time() -> None:
    fresh = derive(system_from_equations(**NETWORKS["character_model"]))
    start = time.process_time()
    assert len(fresh.collected_forms) == 2
    assert time.process_time() - start < 2


def test_a_case_distinction_is_not_divided_by() -> None:
    """Of relu before batch normalisation: where z > 0, and 0 elsewhere, in front of the bracket."""
    network = Network([2, 6, 4], [Layer("conv2d", {"channels": 3, "kernel": 3}, "relu"), Layer("batch_norm")])
    form = derive(network).collected("z1")
    assert form.expression.atoms(Piecewise)
    assert not form.expression.has(sympy.zoo, sympy.nan)
    numbers = random_numbers(derive(network))
    for step in form.steps:
        step_error("z1", step, numbers)
