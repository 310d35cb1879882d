"""Pieces for a lecturer's own material: gradients, a Jacobian, the forward pass or the update, in a format to paste."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from chainrule.codegen.descriptions.reader import Description
from chainrule.codegen.document.document import BlankLines, Block, Display, Document, Heading
from chainrule.codegen.files.write import write_all
from chainrule.codegen.formats.pieces import PIECE_FORMATS
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.formulas.printers import PLAIN, Printers, in_notation
from chainrule.codegen.lesson.derivation_document import derivation_document
from chainrule.codegen.lesson.jacobian_document import jacobian_document
from chainrule.codegen.lesson.network_document import forward_document, update_document
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.jacobian import derive_jacobian
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .build import letters_of

GRADIENTS = "gradients"
#: What a piece can be of.
PARTS = {
    GRADIENTS: "gradients with their derivation, or with --of a Jacobian",
    "forward": "the equations of the network",
    "update": "a step of gradient descent",
}


@dataclass(frozen=True)
class Pieces:
    """Of one description, which is called `source` in comments; raise as `derivation_document` does.

    `of` is the tensor that is differentiated, where it is not the cost. Without a notation and a language the description's are taken.
    `with_steps` shows how a result came about, `with_reasons` why each step holds.
    """

    description: Description
    source: str
    format: str = "latex"
    level: str = "index"
    of: str | None = None
    notation: str | None = None
    language: str | None = None
    with_steps: bool = True
    with_reasons: bool = True

    def __post_init__(self) -> None:
        if self.format not in PIECE_FORMATS:
            raise InvalidDescription(f"unknown format {self.format!r}; {expected_one_of(self.format, PIECE_FORMATS)}")

    def piece(self, part: str, names: Sequence[str] = ()) -> str:
        """The text of one; `names` are those that gradients are by, without any the parameters."""
        if part not in PARTS:
            raise InvalidDescription(f"unknown part {part!r}; {expected_one_of(part, PARTS)}")
        names = names or [parameter.name for parameter in self.description.system.parameters]
        with speaking(self.language or self.description.language):
            blocks = [block for document in self._documents(part, names) for block in document.blocks]
        return PIECE_FORMATS[self.format].render(list(self._shown(blocks)), f"{self._what(part, names)}, from {self.source}")

    def write_every(self, directory: Path, force: bool) -> list[Path]:
        """Every part, and every gradient by a parameter, as a file of its own."""
        ending = PIECE_FORMATS[self.format].ending
        name = self.description.network.name
        contents = {f"{name}_{part}{ending}": self.piece(part) for part in PARTS if part != GRADIENTS}
        for parameter in self.description.system.parameters:
            contents[f"{name}_{self.derivation.system.adjoint_name(parameter.name)}{ending}"] = self.piece(GRADIENTS, [parameter.name])
        return write_all(directory, contents, force)

    def _documents(self, part: str, names: Sequence[str]) -> Iterator[Document]:
        derivation = self.derivation
        match part:
            case "forward":
                yield forward_document(derivation, self.level, self._printers)
            case "update":
                yield update_document(derivation, self.level, self._printers, self._letters)
            case _ if self.of is not None:
                yield from (jacobian_document(derive_jacobian(derivation, self.of, name), self.level, self._printers) for name in names)
            case _:
                # By inputs and targets the cost is differentiated where that is asked for.
                wanted = derive(self.description.network, names) if set(names) - set(derivation.adjoints) else derivation
                yield derivation_document(wanted, names, self.level, self._printers, self.with_steps)

    def _shown(self, blocks: Sequence[Block]) -> Iterator[Block]:
        """What says no more than the comment above is left out."""
        has_one = sum(isinstance(block, Heading) for block in blocks) == 1
        for block in blocks:
            if isinstance(block, Display) and not self.with_reasons:
                yield replace(block, lines=tuple(replace(line, reason=()) for line in block.lines))
            elif not isinstance(block, BlankLines) and not (has_one and isinstance(block, Heading)):
                yield block

    def _what(self, part: str, names: Sequence[str]) -> str:
        cost = self.description.system.cost.tensor.name
        derivatives = ", ".join(f"d{self.of or cost}/d{name}" for name in names)
        what = {GRADIENTS: derivatives, "forward": "the forward pass", "update": "the update"}[part]
        return f"{self.description.network.name}: {what}"

    @cached_property
    def derivation(self) -> Derivation:
        return derive(self.description.network, self.description.wrt)

    @cached_property
    def _letters(self) -> Notation:
        return letters_of(self.description, self.notation)

    @property
    def _printers(self) -> Printers:
        has_notation = PIECE_FORMATS[self.format].has_notation or self.notation is not None
        return in_notation(self._letters, self.description.system) if has_notation else PLAIN


def write_piece(path: Path, text: str, force: bool) -> Path:
    """One piece as a file; raises `InvalidDescription` where it was edited by hand and `force` is not given."""
    return write_all(path.parent, {path.name: text}, force)[0]
