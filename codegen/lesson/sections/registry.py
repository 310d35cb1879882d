"""A document from a derivation: the sections that the notation asks for, in its order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chainrule.codegen.document.document import Block, Document, Listing
from chainrule.codegen.document.equation_references import with_numbers
from chainrule.codegen.document.evidence_required import evidenced
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.translation import speaking, written_date

from .aims import aims_section, described_section
from .chain_rule import chain_section
from .chain_rule_cases import chain_rule_cases_section
from .collected import collected_section
from .columns import columns_section
from .composition import composition_in_short_section, composition_section
from .derivation import derivation_section
from .derived import derived_section
from .descent import descent_in_short_section, descent_section, mean_of_examples_section, total_cost_section
from .errors import errors_section
from .layer_by_layer import layer_by_layer_section, layers_in_short_section
from .learning import learning_section
from .many_neurons import many_neurons_section
from .many_paths import many_paths_section
from .network import forward_section, network_section
from .nodes import nodes_in_short_section, nodes_section
from .notebook_curves import run_curves_section
from .notebook_passes import run_backward_section, run_forward_section, run_module_section
from .notebook_practice import practice_section
from .numbered_forward import numbered_forward_section
from .numbers import check_section, code_section, numbers_section, trust_section
from .one_neuron import one_neuron_back_section, one_neuron_in_short_section, one_neuron_section
from .one_page import one_page_section
from .one_path import one_path_section
from .operations import operations_in_short_section, operations_section
from .rule import rule_section
from .second import second_section
from .simplified import simplified
from .single_chain import neuron_chain_section, one_neuron_per_layer_section
from .summary import scalar_section, summary_section, update_section
from .training import training_section
from .update_code import update_code_section


@dataclass(frozen=True, slots=True)
class Section:
    """A section of handouts; one `of_views` is on a simpler network of the same layers, which may differ from the one that is described."""

    blocks: Callable[[Material], list[Block]]
    of_views: bool = False


#: By the names that notations choose them by.
SECTIONS: dict[str, Section] = {
    "network": Section(network_section),
    "one_neuron_per_layer": Section(one_neuron_per_layer_section, of_views=True),
    "many_neurons": Section(many_neurons_section, of_views=True),
    "mean_of_examples": Section(mean_of_examples_section, of_views=True),
    "total_cost": Section(total_cost_section, of_views=True),
    "one_neuron": Section(one_neuron_section, of_views=True),
    "layer_by_layer": Section(layer_by_layer_section, of_views=True),
    "chain_rule_cases": Section(chain_rule_cases_section),
    "errors": Section(errors_section, of_views=True),
    "columns": Section(columns_section, of_views=True),
    "composition": Section(composition_section, of_views=True),
    "operations": Section(operations_section),
    "nodes": Section(nodes_section, of_views=True),
    "forward": Section(forward_section),
    "chain_rule": Section(chain_section),
    "derivation": Section(derivation_section),
    "collected": Section(collected_section),
    "summary": Section(summary_section),
    "second": Section(second_section),
    "derived": Section(derived_section),
    "descent": Section(descent_section),
    "updates": Section(update_section),
    "update_code": Section(update_code_section),
    "single_entries": Section(scalar_section),
    "numbers": Section(numbers_section),
    "check": Section(check_section),
    "trust": Section(trust_section),
    "code": Section(code_section),
    # Those of short handouts.
    "aims": Section(aims_section),
    "described": Section(described_section),
    "neuron_chain": Section(neuron_chain_section, of_views=True),
    "one_neuron_in_short": Section(one_neuron_in_short_section, of_views=True),
    "one_neuron_back": Section(one_neuron_back_section, of_views=True),
    "training": Section(training_section),
    "layers_in_short": Section(layers_in_short_section, of_views=True),
    "composition_in_short": Section(composition_in_short_section, of_views=True),
    "operations_in_short": Section(operations_in_short_section),
    "nodes_in_short": Section(nodes_in_short_section, of_views=True),
    "descent_in_short": Section(descent_in_short_section),
    "numbered_forward": Section(numbered_forward_section),
    "one_path": Section(one_path_section),
    "many_paths": Section(many_paths_section),
    "rule": Section(rule_section),
    "learning": Section(learning_section),
    "one_page": Section(one_page_section),
}


#: Those of a notebook, in its order: the network line by line.
NOTEBOOK: dict[str, Section] = {
    "network": SECTIONS["network"],
    "run_module": Section(run_module_section),
    "run_forward": Section(run_forward_section),
    "chain_rule": SECTIONS["chain_rule"],
    "run_backward": Section(run_backward_section),
    "run_curves": Section(run_curves_section),
    "practice": Section(practice_section),
}


def notebook(material: Material, language: str) -> Document:
    """The document to be run, whatever the length of the handout; its equations have numbers of their own. Raises as `document` does."""
    return document(material.with_sections(tuple(NOTEBOOK)), language, NOTEBOOK)


def document(material: Material, language: str, sections: Mapping[str, Section]) -> Document:
    """The sections of a material, in a language.

    Raises:
        CheckFailed: where an equation of it does not hold, or was not evaluated, or a letter is not in the ledger.
    """
    blocks: list[Block] = []
    with speaking(language):
        for name in material.sections:
            made = sections[name].blocks(material)
            blocks += [*made[:1], *simplified(material), *made[1:]] if made and sections[name].of_views else made
        (blocks,) = material.signs.explained(blocks)
        front = material.description.front.in_language(language)
        dated = replace(front, date=written_date(front.date))
        numbered = (with_numbers(block, material.numbering.of) if isinstance(block, Listing) else block for block in blocks)
        made_of = evidenced(Document(dated, tuple(numbered), language, material.levels.of_document()))
        material.ledger.check(blocks)
        return made_of
