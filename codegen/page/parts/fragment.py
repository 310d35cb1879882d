"""Pieces of HTML that the page puts into its panels."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Document
from chainrule.codegen.formats.html import html_block, page_parts
from chainrule.codegen.formats.html_sentence import anchors_behind
from chainrule.codegen.templating.environments import html_template
from chainrule.codegen.words.translation import speaking


def document_fragment(document: Document, beginning: str = "") -> str:
    """A whole document: contents, the switch of its levels, and its blocks. All of its anchors have the `beginning`."""
    with speaking(document.language) as language, anchors_behind(beginning):
        parts = page_parts(document)
        return html_template("page_document.html.jinja", language.tag).render(
            contents=parts.contents, levels=parts.levels, blocks=parts.blocks, numbered=document.numbered, title=document.front.title
        )


def blocks_fragment(blocks: list[Block], beginning: str = "") -> str:
    """Blocks one after the other, in the language that is spoken."""
    with anchors_behind(beginning):
        return "\n".join(html_block(block, "") for block in blocks)
