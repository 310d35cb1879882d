"""An optimiser's ε is written as its number beside an ε of the network: no letter of a document means two things."""

from __future__ import annotations

import pytest
from places import CASES

from chainrule.codegen.build import document_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.formats.registry import TEXTS
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.chain_rule import derive


@pytest.mark.parametrize(
    ("notation", "right"),
    [
        ("superscript", r"\theta - \frac{\eta \, g}{10^{-8} + \sqrt{s}}"),
        ("brackets", r"W^{[l]} - \frac{\alpha \, dW^{[l]}}{10^{-8} + \sqrt{s_{W^{[l]}}}}"),
    ],
)
def test_smoothing_of_labels(notation: str, right: str) -> None:
    description = read_description(CASES / "smoothed_labels.toml")
    derivation = derive(description.network)
    written = TEXTS["tex"].render(
        document_of(description, derivation, verify(derivation), checked_module(derivation), notation, length="full")
    )
    assert right in written
    assert r"\varepsilon = 0.1" in written
    assert r"+ \varepsilon}" not in written


def test_a_small_number_is_a_power_of_ten() -> None:
    description = read_description(CASES / "triplet_margin.toml")
    derivation = derive(description.network)
    written = TEXTS["tex"].render(
        document_of(description, derivation, verify(derivation), checked_module(derivation), "superscript", length="full")
    )
    assert r"\sqrt{\sum_{j} \left(a_{nj} - b_{nj} + 10^{-6}\right)^{2}}" in written
    assert r"\frac{1}{1000000}" not in written
