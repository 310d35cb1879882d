"""Formulas with the raised and lowered letters of Unicode, as people type them into a text."""

from __future__ import annotations

import pytest

from chainrule import Dense, Derivation, Network, derive, mark
from chainrule.codegen.marking.equations.small_letters import in_line
from chainrule.codegen.marking.marked import Verdict

WORKS = {
    "by index": """\
z⁽¹⁾ₙⱼ = Σᵢ W⁽¹⁾ⱼᵢ xₙᵢ + b⁽¹⁾ⱼ
a⁽¹⁾ₙⱼ = σ(z⁽¹⁾ₙⱼ)
z⁽²⁾ₙₖ = ∑ⱼ Wₖⱼ⁽²⁾ aₙ,ⱼ⁽¹⁾ + bₖ⁽²⁾
a⁽²⁾ₙₖ = σ(z⁽²⁾ₙₖ)
∂C/∂z⁽²⁾ₙₖ = (a⁽²⁾ₙₖ − yₙₖ)/N · σ′(z⁽²⁾ₙₖ)
δ⁽²⁾ₙₖ = (a⁽²⁾ₙₖ − yₙₖ) a⁽²⁾ₙₖ (1 − a⁽²⁾ₙₖ)/N
δ⁽¹⁾ₙⱼ = (Σₖ′ δ⁽²⁾ₙₖ′ W⁽²⁾ₖ′ⱼ) a⁽¹⁾ₙⱼ (1 − a⁽¹⁾ₙⱼ)
∂C/∂W⁽²⁾ₖⱼ = Σₙ δ⁽²⁾ₙₖ a⁽¹⁾ₙⱼ
∂C/∂b⁽²⁾ₖ = Σₙ δ⁽²⁾ₙₖ
∂C/∂W⁽¹⁾ⱼᵢ = Σₙ δ⁽¹⁾ₙⱼ xₙᵢ
∂C/∂b⁽¹⁾ⱼ = Σₙ δ⁽¹⁾ₙⱼ
""",
    "matrices": """\
δ⁽²⁾ = (a⁽²⁾ − y) ⊙ σ′(z⁽²⁾) / N
∂C/∂W⁽²⁾ = δ⁽²⁾ᵀ a⁽¹⁾
δ₁ = δ₂ W₂ ⊙ a₁ ⊙ (1 − a₁)
∂C/∂W₁ = δ₁ᵀ x
""",
}
WRONG = {
    "sign": ("δ⁽²⁾ₙₖ = (a⁽²⁾ₙₖ − yₙₖ)", "δ⁽²⁾ₙₖ = −(a⁽²⁾ₙₖ − yₙₖ)"),
    "factor": ("∂C/∂b⁽²⁾ₖ = Σₙ", "∂C/∂b⁽²⁾ₖ = 2 Σₙ"),
    "place": ("σ′(z⁽²⁾ₙₖ)", "σ′(a⁽²⁾ₙₖ)"),
}


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return derive(Network(3, [Dense(2, "sigmoid"), Dense(5, "sigmoid")], "quadratic"))


@pytest.mark.parametrize("name", WORKS)
def test_right_formulas_are_right(name: str, derivation: Derivation) -> None:
    work = mark(derivation, WORKS[name], ending=".txt")
    assert [(line.line, line.verdict) for line in work.lines if line.verdict is not Verdict.RIGHT] == []
    assert len(work.lines) == WORKS[name].count("\n")


@pytest.mark.parametrize("kind", WRONG)
def test_a_mistake_is_named(kind: str, derivation: Derivation) -> None:
    text = WORKS["by index"].replace(*WRONG[kind])
    first = mark(derivation, text, ending=".txt").first_wrong
    assert first is not None
    assert first.mistake == kind


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("W⁽¹²⁾ₖⱼ", "W12[k,j]"),
        ("hₙₜ₋₁ⱼ", "h[n,t-1,j]"),
        ("Σₙ,ₖ′ x²", "Σ_n,k′ x²"),
        ("maxₖ zₙₖ", "max_k z[n,k]"),
        ("h₀ₙ + W₂", "h0[n] + W2"),
        ("δₙₘ σ′(z⁽¹⁾)", "δₙₘ σ′(z1)"),
    ],
)
def test_small_letters_are_layers_and_indices(written: str, read: str) -> None:
    assert in_line(written) == read
