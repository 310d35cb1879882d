"""The sentence beside a step says what was done in it."""

from __future__ import annotations

import pytest
from test_printed_formulas import described

from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.formulas.reasons import rule_said
from chainrule.codegen.words.sentences import ENGLISH
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation

#: Of a network, the tensor whose derivation has a step of a rule, how the step begins, and the reason that it is given.
CASES = [
    ("mazur", "a1", "delta", "Σ_j′ δ(j,j′)", "delta"),
    ("residual", "z2", "delta", "(δ(j,j′) δ(n,n′) if", "common factor"),
    ("convolution", "z4", "cancel", "da4[n,m] a4[n,m] - ", "common factor"),
    ("convolution", "z4", "cancel", "a4[n,m] (1 / N - ", "cancel"),
    ("convolution", "a1", "delta", "δ(d,d′) δ(n,n′) [i = argmax_p2", "renamed"),
    ("gru", "q", "delta", "δ(j,k) δ(n,n′) δ(t,t′) (h", "multiply out"),
    ("gru", "Uu", "delta", "Σ_n,j′,t du[n,t,j′]", "delta"),
    ("gru", "q", "cancel", "dh[n,t,j] [t = 0]", "common factor"),
    ("block", "m2", "delta", "Σ_d (-2 δ(n,n′)", "split the sum"),
    ("language_model", "z", "sift", "p[n,t,v] (-[v = next", "delta"),
]


def derivation(spec: str) -> Derivation:
    return derive(described(spec).network)


@pytest.mark.parametrize(("spec", "name", "rule", "beginning", "expected"), CASES)
def test_the_reason_is_what_was_done(spec: str, name: str, rule: str, beginning: str, expected: str) -> None:
    own = derivation(spec)
    write = PlainPrinter(own.system).text
    found = [step for step in own.steps(name) if step.rule == rule and write(step.before).startswith(beginning)]
    assert found, [(step.rule, write(step.before)) for step in own.steps(name)]
    assert rule_said(found[0]) == expected


@pytest.mark.parametrize("spec", ["mazur", "residual", "convolution", "gru", "block", "character_model", "language_model"])
def test_every_step_has_a_sentence(spec: str) -> None:
    own = derivation(spec)
    for _, step in own.all_steps:
        assert f"reason.{rule_said(step)}" in ENGLISH
    for form in own.collected_forms:
        for step in form.steps:
            assert f"reason.{rule_said(step)}" in ENGLISH
