"""What sections on a simpler network leave out: they say so, since the letters are those of the whole."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Math, Paragraph, Sentence
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.sentences import say, together
from chainrule.symbolic.index.tensors import Values


def simplified(material: Material) -> list[Block]:
    """A sentence for the penalty, one for targets that are labels, and one for weights that are stored the other way round."""
    network = material.layers
    if network is None:
        return []
    said: list[Sentence] = []
    if network.regularisation:
        said.append(say("views.penalty", R=Math(material.bare("R"))))
    if network.chosen_cost.targets is Values.LABELS:
        said.append(say("views.labels"))
    if network.layout.weights != "out-in":
        said.append(say("views.weights", W=Math(material.matrices.name(f"W{network.suffixes[0]}"))))
    return [Paragraph(together(*said))] if said else []
