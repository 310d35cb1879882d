"""Adjoints in one line: the published formulas, reached by steps that hold, and rewrites that fire only where their condition holds."""

from __future__ import annotations

import re
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sympy
from equation_networks import NETWORKS
from sympy import Add, Expr, Integer, KroneckerDelta, Piecewise, S, Sum, exp, sqrt

from chainrule import CheckFailed, Dense, Derivation, InvalidDescription, Layer, Network, derive
from chainrule.codegen.formulas.plain_text import PlainText
from chainrule.symbolic.checking import verification
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.checking.verification import Trial, random_numbers, step_error, verify
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.index.axes import index, size_symbol
from chainrule.symbolic.index.index_letters import bound_sum, names_read
from chainrule.symbolic.index.named_functions import arg_max
from chainrule.symbolic.index.tensors import entry, scalar
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.collecting_rewrites import COLLECTING, multiply_out, own_definition
from chainrule.symbolic.rewriting.factoring import with_common_front
from chainrule.symbolic.rewriting.known_sums import totals
from chainrule.symbolic.rewriting.rewrites import REWRITES
from chainrule.symbolic.rewriting.rule import Facts, Rule

n, n_, j, j_, k, k_, v, v_, t, t_, t__ = (index(name) for name in ("n", "n_", "j", "j_", "k", "k_", "v", "v_", "t", "t_", "t__"))
N, N_j, N_k = size_symbol("n"), size_symbol("j"), size_symbol("k")

#: Networks as equations; the corpus has others.
WRITTEN: dict[str, dict[str, Any]] = {
    "softmax in three equations": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,k]"],
        "parameters": ["W[k,i]"],
        "equations": """
            z[n,k] = sum(i, W[k,i]*x[n,i])
            e[n,k] = exp(z[n,k])
            s[n] = sum(k, e[n,k])
            p[n,k] = e[n,k]/s[n]
            L = mean(n, sum(k, (p[n,k] - T[n,k])**2))
        """,
    },
    "softmax of labels with the maximum subtracted": {
        "inputs": ["x[n,i]"],
        "targets": ["Y[n] in k"],
        "parameters": ["W[k,i]"],
        "equations": """
            z[n,k] = sum(i, W[k,i]*x[n,i])
            m[n] = max(k, z[n,k])
            e[n,k] = exp(z[n,k] - m[n])
            s[n] = sum(k, e[n,k])
            p[n,k] = e[n,k]/s[n]
            L = -mean(n, log(p[n,Y[n]]))
        """,
    },
    "attention": {
        "inputs": ["x[n,t,e]"],
        "targets": ["T[n,t,f]"],
        "parameters": ["Q[d,e]", "K[d,e]", "V[f,e]"],
        "equations": """
            q[n,t,d] = sum(e, Q[d,e]*x[n,t,e])
            k[n,t,d] = sum(e, K[d,e]*x[n,t,e])
            v[n,t,f] = sum(e, V[f,e]*x[n,t,e])
            s[n,t,u] = sum(d, q[n,t,d]*k[n,u,d])/sqrt(2)
            m[n,t] = max(u, s[n,t,u])
            c[n,t,u] = exp(s[n,t,u] - m[n,t])
            r[n,t] = sum(u, c[n,t,u])**(-1)
            p[n,t,u] = c[n,t,u]*r[n,t]
            o[n,t,f] = sum(u, p[n,t,u]*v[n,u,f])
            L = mean(n, sum(t, f, (o[n,t,f] - T[n,t,f])**2))
        """,
        "sizes": {"t": 4, "e": 3, "d": 2, "f": 7},
    },
    "batch norm": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,i]", "g[j]", "b[j]"],
        "equations": """
            z[n,j] = sum(i, W[j,i]*x[n,i])
            m[j] = mean(n, z[n,j])
            u[n,j] = z[n,j] - m[j]
            q[n,j] = u[n,j]**2
            v[j] = mean(n, q[n,j])
            r[j] = (v[j] + eps)**(-1/2)
            h[n,j] = u[n,j]*r[j]
            y[n,j] = g[j]*h[n,j] + b[j]
            L = mean(n, sum(j, (tanh(y[n,j]) - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
        "batch": "n",
    },
    "layer norm": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,i]", "g[j]", "b[j]"],
        "equations": """
            z[n,j] = sum(i, W[j,i]*x[n,i])
            m[n] = mean(j, z[n,j])
            u[n,j] = z[n,j] - m[n]
            v[n] = mean(j, u[n,j]**2)
            r[n] = (v[n] + eps)**(-1/2)
            h[n,j] = u[n,j]*r[n]
            y[n,j] = g[j]*h[n,j] + b[j]
            L = mean(n, sum(j, (y[n,j] - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
    },
    "RMS norm": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,i]", "g[j]"],
        "equations": """
            z[n,j] = sum(i, W[j,i]*x[n,i])
            v[n] = mean(j, z[n,j]**2)
            r[n] = (v[n] + eps)**(-1/2)
            h[n,j] = z[n,j]*r[n]
            y[n,j] = g[j]*h[n,j]
            L = mean(n, sum(j, (y[n,j] - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
    },
    "a residual around a norm": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,k]"],
        "parameters": ["V[k,i]", "g[k]", "b[k]", "W[j,k]", "U[k,j]"],
        "equations": """
            z[n,k] = sum(i, V[k,i]*x[n,i])
            m[n] = mean(k, z[n,k])
            u[n,k] = z[n,k] - m[n]
            v[n] = mean(k, u[n,k]**2)
            r[n] = (v[n] + eps)**(-1/2)
            h[n,k] = u[n,k]*r[n]
            y[n,k] = g[k]*h[n,k] + b[k]
            a[n,j] = tanh(sum(k, W[j,k]*y[n,k]))
            o[n,k] = z[n,k] + sum(j, U[k,j]*a[n,j])
            L = mean(n, sum(k, (o[n,k] - T[n,k])**2))
        """,
        "constants": {"eps": 1e-5},
    },
    "squares of a normalised value": {
        "inputs": ["x[n,i]"],
        "parameters": ["W[k,i]"],
        "equations": """
            z[n,k] = sum(i, W[k,i]*x[n,i])
            m[n] = mean(k, z[n,k])
            u[n,k] = z[n,k] - m[n]
            v[n] = mean(k, u[n,k]**2)
            r[n] = (v[n] + eps)**(-1/2)
            h[n,k] = u[n,k]*r[n]
            L = sum(n, k, h[n,k]**2)
        """,
        "constants": {"eps": 1e-5},
    },
}


@cache
def derivation(name: str) -> Derivation:
    return derive(system_from_equations(**(WRITTEN.get(name) or NETWORKS[name])))


def plain(name: str, form: Collected) -> str:
    return PlainText(derivation(name).system).equation(form.equation)


def rules(form: Collected) -> list[str]:
    return [step.rule for step in form.steps]


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


def of(name: str, *indices: Expr) -> Expr:
    return entry(name, indices)


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
        assert plain(name, form) == "dz[n,k] = 2 r[n] h[n,k] (1 - r[n]² v[n])"
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


class TestNoForm:
    def refused(self, name: str, tensor: str, through: str | None, *words: str) -> None:
        with pytest.raises(InvalidDescription) as caught:
            derivation(name).collected(tensor, through)
        for word in words:
            assert word in str(caught.value)

    def test_a_path_beside_it(self) -> None:
        self.refused("a residual around a norm", "z", "y", "'z'", "'y'", "z → o → L", "a path beside it")

    def test_no_path_through_it(self) -> None:
        self.refused("batch norm", "y", "z", "no path from 'y' to the cost leads through 'z'")
        self.refused("batch norm", "y", "y", "no path from 'y' to the cost leads through 'y'")

    def test_unknown_tensors(self) -> None:
        self.refused("batch norm", "zz", None, "no gradient of 'zz'", "'z'")
        self.refused("batch norm", "z", "yy", "no gradient of 'yy'", "'y'")
        self.refused("batch norm", "z", "x", "no gradient of 'x'")

    def test_nothing_gets_shorter(self) -> None:
        self.refused("logistic_regression", "w", None, "'w' has no collected form")
        deep = derive(Network(3, [Dense(5, "sigmoid"), Dense(7, "tanh")]))
        for name in ("W1", "z1", "a1", "W2"):
            with pytest.raises(InvalidDescription, match="has no collected form"):
                deep.collected(name)

    def test_a_recurrence(self) -> None:
        recurrent = derive(
            system_from_equations(
                inputs=["x[n,t,i]"],
                parameters=["W[j,i]", "U[j,k]"],
                equations="""
                    z[n,t,j] = sum(i, W[j,i]*x[n,t,i])
                    h[n,t,j] = tanh(z[n,t,j] + sum(k, U[j,k]*h[n,t-1,k]))
                    o[n,t,j] = h[n,t,j]**2
                    L = sum(n, t, j, o[n,t,j])
                """,
                sizes={"t": 4, "j": 3},
            )
        )
        with pytest.raises(InvalidDescription, match="'z' has no collected form: h depends on an earlier step"):
            recurrent.collected("z", "o")
        assert recurrent.collected_forms == ()


class TestWhichAreShown:
    def test_none_in_a_stack_of_layers(self) -> None:
        assert derive(Network(3, [Dense(5, "sigmoid"), Dense(7, "softmax")], "cross_entropy")).collected_forms == ()

    def test_none_in_hundreds_of_layers_and_soon_known(self) -> None:
        deep = derive(Network(3, [Dense(5, "tanh") for _ in range(300)]))
        start = time.process_time()
        assert deep.collected_forms == ()
        assert time.process_time() - start < 3

    def test_the_outermost_of_nested_ones(self) -> None:
        """bndiff, dlogits' counts, … have forms too, inside of these two."""
        assert [form.tensor.name for form in derivation("character_model").collected_forms] == ["logits", "hprebn"]
        assert len(derivation("character_model").collected("bndiff").put_in) >= 2

    def test_what_a_form_gains_nothing_for_is_left(self) -> None:
        """tanh before the softmax: dz stands there already, and dy = dz (1 − z²) is as long with the form put in."""
        softmax = WRITTEN["softmax in three equations"]
        before = softmax["equations"].replace("z[n,k] = sum(i, W[k,i]*x[n,i])", "y[n,k] = sum(i, W[k,i]*x[n,i])\nz[n,k] = tanh(y[n,k])")
        found = derive(system_from_equations(**{**softmax, "equations": before})).collected_forms
        assert [form.tensor.name for form in found] == ["z"]

    def test_equal_layers_once(self) -> None:
        layer = """
            z{l}[n,j{l}] = sum(j{k}, W{l}[j{l},j{k}]*h{k}[n,j{k}])
            e{l}[n,j{l}] = exp(z{l}[n,j{l}])
            s{l}[n] = sum(j{l}, e{l}[n,j{l}])
            h{l}[n,j{l}] = e{l}[n,j{l}]/s{l}[n]
        """
        layers = [layer.format(l=number, k=number - 1) for number in range(1, 5)]
        found = derive(
            system_from_equations(
                inputs=["h0[n,j0]"],
                parameters=[f"W{number}[j{number},j{number - 1}]" for number in range(1, 5)],
                equations="\n".join([*layers, "L = sum(n, j4, h4[n,j4]**3)"]),
            )
        ).collected_forms
        # The last layer's adjoint is that of the cost, the others' come through a matrix.
        assert [form.tensor.name for form in found] in (["z4"], ["z4", "z3"])

    def test_steps_of_the_forms_are_verified_with_the_rest(self) -> None:
        forms = derivation("layer norm").collected_forms
        without = verify(derivation("layer norm"), forms=()).equations
        assert verify(derivation("layer norm")).equations == without + sum(len(form.steps) for form in forms)


def test_time() -> None:
    fresh = derive(system_from_equations(**NETWORKS["character_model"]))
    start = time.process_time()
    assert len(fresh.collected_forms) == 2
    assert time.process_time() - start < 2


# Each rewrite by itself, and with its condition broken.

REWRITE = {rewrite.rule: rewrite for rewrite in COLLECTING}


def facts(name: str, *outside: Expr) -> Facts:
    system = derivation(name).system
    adjoints = frozenset(f"d{tensor}" for tensor in derivation(name).adjoints)
    return Facts(system, frozenset(outside or (n, j, k)), system.equations[:-1], adjoints)


def after(rule: str, expression: Expr, known: Facts) -> Expr:
    return REWRITE[rule].apply(expression, known)


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


# What is printed and written.

DESCRIPTION = """
name = "norm"
inputs = ["x[n,i]"]
targets = ["T[n,j]"]
parameters = ["W[j,i]", "g[j]", "b[j]"]
equations = '''
z[n,j] = sum(i, W[j,i]*x[n,i])
m[j] = mean(n, z[n,j])
u[n,j] = z[n,j] - m[j]
v[j] = mean(n, u[n,j]**2)
r[j] = (v[j] + eps)**(-1/2)
h[n,j] = u[n,j]*r[j]
y[n,j] = g[j]*h[n,j] + b[j]
L = mean(n, sum(j, (tanh(y[n,j]) - T[n,j])**2))
'''
batch = "n"
sizes = { i = 3, j = 5 }
[constants]
eps = 1e-5
"""
LINE = "r[j] g[j] (N dy[n,j] - h[n,j] Σ_n′ dy[n′,j] h[n′,j] - Σ_n′ dy[n′,j]) / N"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("norm") / "norm.toml"
    path.write_text(DESCRIPTION, encoding="utf-8")
    return path


def chainrule(*arguments: str) -> str:
    from click.testing import CliRunner

    from chainrule.codegen.cli.main import main_group

    result = CliRunner().invoke(main_group, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


class TestPrinted:
    def test_behind_the_steps(self, spec: Path) -> None:
        printed = chainrule("derive", str(spec), "--wrt", "z")
        steps, line = printed.split("∂C/∂z in one line")
        assert "chain rule" in steps
        assert LINE in line
        assert "∂C/∂m put in" in line
        assert "differences from a mean add up to 0" in line

    def test_not_where_there_is_none(self, spec: Path) -> None:
        assert "in one line" not in chainrule("derive", str(spec), "--wrt", "W")

    def test_all_of_them(self, spec: Path) -> None:
        assert chainrule("derive", str(spec)).count("in one line") == 1

    def test_as_latex(self, spec: Path) -> None:
        printed = chainrule("derive", str(spec), "--wrt", "z", "--latex")
        assert "% z in one line" in printed
        assert r"put in" in printed

    def test_every_rule_has_its_reason(self) -> None:
        from chainrule.codegen.words.sentences import ENGLISH

        rules = {*Rule, *(rewrite.rule for rewrite in (*REWRITES, *COLLECTING))} - {Rule.STATED}
        assert {f"reason.{rule}" for rule in rules} <= set(ENGLISH)

    def test_in_every_document(self, spec: Path, tmp_path: Path) -> None:
        chainrule("build", str(spec), "-o", str(tmp_path / "out"))
        page = (tmp_path / "out" / "norm.html").read_text(encoding="utf-8")
        assert re.search(r'<h3 id="collected-z">(<span[^>]*>[^<]*</span>\s*)?In one line: ', page)
        for name in ("norm.md", "norm.tex", "norm.html"):
            text = (tmp_path / "out" / name).read_text(encoding="utf-8")
            assert text.count("In one line") >= 1
            assert "differences from a mean add up to 0" in text
            assert "common factors and the division by a size in front" in text


def test_a_case_distinction_is_not_divided_by() -> None:
    """Of relu before batch normalisation: where z > 0, and 0 elsewhere, in front of the bracket."""
    network = Network([2, 6, 4], [Layer("conv2d", {"channels": 3, "kernel": 3}, "relu"), Layer("batch_norm")])
    form = derive(network).collected("z1")
    assert form.expression.atoms(Piecewise)
    assert not form.expression.has(sympy.zoo, sympy.nan)
    numbers = random_numbers(derive(network))
    for step in form.steps:
        step_error("z1", step, numbers)
