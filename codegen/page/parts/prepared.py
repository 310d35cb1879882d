"""A network whose derivation and module have been made and checked once, for all parts that are asked for of the same text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from chainrule.codegen.backends.registry import module_files
from chainrule.codegen.build import material_of
from chainrule.codegen.checking.gradient_check import CheckedModule, checked_module
from chainrule.codegen.descriptions.reader import Description
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.program.derivative_kinds import GRADIENT
from chainrule.symbolic.checking.verification import Verified, verify
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation

from .description_text import description_of
from .question import Question

#: Networks that a process keeps.
MOST_KEPT = 4


@dataclass(frozen=True)
class Prepared:
    """A description with what all of its parts draw on."""

    description: Description
    derivation: Derivation
    verified: Verified
    checked: CheckedModule

    def material(self, question: Question) -> Material:
        """What the sections of a document draw on, with numbers of equations of its own."""
        return material_of(self.description, self.derivation, self.verified, self.checked, question.notation, question.length)

    @property
    def mark(self) -> str:
        """What tells fields of this network from those of another."""
        return sha256(self.description.source.encode() or self.description.network.name.encode()).hexdigest()[:16]

    def source(self, style: str) -> str:
        """The module in another style, checked as well."""
        if style == "plain":
            return self.checked.source
        return checked_module(self.derivation, self.description.front.title, GRADIENT, style).source

    @property
    def c_source(self) -> str:
        """The module in C, which nothing has compiled.

        Raises:
            InvalidDescription: where there is something in the network that has no C.
        """
        files = module_files(self.derivation, self.description.front.title, style="c").beside
        return files[f"{self.derivation.system.name}.c"]


@lru_cache(MOST_KEPT)
def prepared(text: str) -> Prepared:
    """Raises `InvalidDescription` where the text is no description, `CheckFailed` where an equation does not hold."""
    description = description_of(text)
    derivation = derive(description.network, description.wrt)
    verified = verify(derivation)
    return Prepared(description, derivation, verified, checked_module(derivation, description.front.title, GRADIENT))
