"""Every array of every kind of layer is said in words, in each language, and no two of a layer in the same ones."""

from __future__ import annotations

from collections import Counter

import pytest
from layer_networks import ALONE

from chainrule import Network
from chainrule.codegen.document.sentence import Words
from chainrule.codegen.lesson.layer_table import layer_tensors
from chainrule.codegen.words.quantities import quantity_said
from chainrule.codegen.words.translation import LANGUAGES, speaking


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("name", ALONE)
def test_every_array_of_a_layer_has_words_of_its_own(name: str, tag: str) -> None:
    network = Network(**{"cost": "quadratic", **ALONE[name]})
    found: Counter[str] = Counter()
    with speaking(tag):
        for tensor, (placed, own) in layer_tensors(network).items():
            if tensor in network.system.tensors:
                said = quantity_said(placed.layer.kind, own, placed.suffix, placed.layer.has_activation)
                assert said is not None, (tensor, own)
                found["".join(part.text for part in said if isinstance(part, Words))] += 1
    assert [words for words, count in found.items() if count > 1] == []
