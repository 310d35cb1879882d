"""A document from a derivation: the sections that the notation asks for, in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chainrule.codegen.document.document import Block, Document, Listing
from chainrule.codegen.document.equation_references import with_numbers
from chainrule.codegen.document.evidence_required import evidenced
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.translation import speaking, written_date

from .chain_rule_cases import chain_rule_cases_section
from .collected import collected_section
from .columns import columns_section
from .derivation import chain_section, derivation_section
from .descent import descent_section, mean_of_examples_section, total_cost_section
from .errors import errors_section
from .layer_by_layer import layer_by_layer_section
from .many_neurons import many_neurons_section
from .network import forward_section, network_section
from .nodes import composition_section, nodes_section
from .numbers import check_section, code_section, numbers_section, trust_section
from .one_neuron import one_neuron_section
from .operations import operations_section
from .second import second_section
from .simplified import simplified
from .single_chain import one_neuron_per_layer_section
from .summary import scalar_section, summary_section, update_section
from .update_code import update_code_section

#: By the names of codegen/formulas/section_names.py.
SECTIONS: dict[str, Callable[[Material], list[Block]]] = {
    "network": network_section,
    "one_neuron_per_layer": one_neuron_per_layer_section,
    "many_neurons": many_neurons_section,
    "mean_of_examples": mean_of_examples_section,
    "total_cost": total_cost_section,
    "one_neuron": one_neuron_section,
    "layer_by_layer": layer_by_layer_section,
    "chain_rule_cases": chain_rule_cases_section,
    "errors": errors_section,
    "columns": columns_section,
    "composition": composition_section,
    "operations": operations_section,
    "nodes": nodes_section,
    "forward": forward_section,
    "chain_rule": chain_section,
    "derivation": derivation_section,
    "collected": collected_section,
    "summary": summary_section,
    "second": second_section,
    "descent": descent_section,
    "updates": update_section,
    "update_code": update_code_section,
    "single_entries": scalar_section,
    "numbers": numbers_section,
    "check": check_section,
    "trust": trust_section,
    "code": code_section,
}


#: Sections on a simpler network of the same layers, which may differ from the one that is described.
OF_VIEWS = frozenset(
    "one_neuron_per_layer many_neurons mean_of_examples total_cost one_neuron layer_by_layer errors columns composition nodes".split()
)


def handout(material: Material, language: str) -> Document:
    """The whole document in a language.

    Raises:
        CheckFailed: where an equation of it does not hold, or was not evaluated.
    """
    blocks: list[Block] = []
    with speaking(language):
        for section in material.notation.sections:
            made = SECTIONS[section](material)
            blocks += [*made[:1], *simplified(material), *made[1:]] if made and section in OF_VIEWS else made
        front = material.description.front
        dated = replace(front, date=written_date(front.date))
        numbered = (with_numbers(block, material.numbering.of) if isinstance(block, Listing) else block for block in blocks)
        return evidenced(Document(dated, tuple(numbered), language, material.levels.of_document()))
