"""The letters of a document, each with the one thing that it stands for: a general rule takes letters that the network leaves free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chainrule.codegen.document.node_walk import first_leaf
from chainrule.codegen.document.nodes import Letter, Node
from chainrule.codegen.formulas.letters import name_as_letter
from chainrule.codegen.formulas.notation import Notation
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.system.system import System

#: Where all letters that are usual are taken.
GREEK_LETTERS = "αβγζηκλμνξπρτυφχψω"
#: What letters of the network stand for, whichever of its quantities that is: the table of symbols says it.
OF_THE_NETWORK = "the network"


@dataclass
class Ledger:
    """What each letter stands for; z with an index, a layer or a prime is the letter z."""

    meanings: dict[Node, str] = field(default_factory=dict)

    def enter(self, letter: Node, meaning: str) -> Node:
        """The letter itself.

        Raises:
            CheckFailed: where it stands for something else in this document.
        """
        before = self.meanings.setdefault(first_leaf(letter), meaning)
        if before != meaning:
            raise CheckFailed(f"a letter would stand for two things, {before} and {meaning}: {letter}")
        return letter

    @property
    def step(self) -> Letter:
        """Of numeric gradients."""
        return self.free("a small step", "hετωϕ")

    @property
    def direction(self) -> Letter:
        """Along which parameters are moved together."""
        return self.free("a random direction", "vdqξρ")

    def free(self, meaning: str, candidates: Iterable[str]) -> Letter:
        """The first of these letters, or of all Greek ones, that stands for nothing else.

        Raises:
            CheckFailed: where there is none.
        """
        for letter in map(Letter, (*candidates, *GREEK_LETTERS)):
            if self.meanings.get(letter, meaning) == meaning:
                self.meanings[letter] = meaning
                return letter
        raise CheckFailed(f"no letter is left for {meaning}")


def ledger_of(system: System, notation: Notation, indices: Iterable[Node]) -> Ledger:
    """The letters that a network has in a notation: of its quantities, its indices and constants, and what the notation adds."""
    ledger = Ledger()
    symbols = [notation.symbol(name, whole).letter for name in system.tensors for whole in (False, True)]
    constants = map(name_as_letter, system.constants)
    added = (notation.activation, notation.learning_rate, notation.kronecker, notation.error_letter, notation.output)
    for letter in (*symbols, *indices, *constants, Letter("N"), *(letter for letter in added if letter is not None)):
        ledger.enter(letter, OF_THE_NETWORK)
    return ledger
