"""Steps of a derivation as a Python tuple, which a notebook shows as the derivation itself, each step with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from chainrule.symbolic.derivation.adjoint import Step

if TYPE_CHECKING:
    # Where steps are only counted, nothing is loaded that writes documents.
    from chainrule.codegen.document.document import Block, Document


class TypesetSteps(tuple[Step, ...]):
    """The steps; `document` makes the derivation that they are of, verified, in a language."""

    document: Callable[[], Document]
    language: str

    @classmethod
    def of(cls, steps: Iterable[Step], document: Callable[[], Document], language: str) -> TypesetSteps:
        found = cls(steps)
        found.document, found.language = document, language
        return found

    def _repr_markdown_(self) -> str:
        from chainrule.codegen.formats.markdown import JUPYTER, markdown_block
        from chainrule.codegen.words.translation import speaking

        with speaking(self.language):
            return "\n\n".join(markdown_block(block, JUPYTER) for block in map(_spaced, self.document().blocks) if block)

    def __reduce__(self) -> tuple[type[tuple[Step, ...]], tuple[list[Step]]]:
        """Kept in a file, they are a tuple."""
        return tuple, (list(self),)


def _spaced(block: Block) -> Block | None:
    """Of a document for terminals: a heading has its shape apart, and blank lines are not needed."""
    from chainrule.codegen.document.document import BlankLines, Heading, Words

    if isinstance(block, BlankLines):
        return None
    if isinstance(block, Heading):
        name, *shape = block.title
        return replace(block, title=(name, Words(" "), *shape) if shape else block.title)
    return block
