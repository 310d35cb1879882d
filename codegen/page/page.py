"""The page itself, in each language; what its scripts say and offer stands in it as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from chainrule.codegen.formulas.notation import LENGTHS
from chainrule.codegen.formulas.notation_names import NOTATION_FILES
from chainrule.codegen.templating.environments import html_template
from chainrule.codegen.words.sentences import text_of
from chainrule.codegen.words.translation import LANGUAGES, speaking

from .examples import examples
from .limits import LIMITS

#: The parts in the order of their tabs.
PARTS = ("derivation", "picture", "numbers", "code", "exercises", "marking", "files")
#: What is there when nothing was written yet.
FIRST = "mazur"
#: What the scripts say.
WORDS = (
    *("working", "done", "earlier", "line", "busy", "away", "copied", "in-address"),
    *(f"stopped.{why}" for why in ("time", "memory", "size", "ended")),
)


@cache
def page(tag: str) -> bytes:
    """The whole page as HTML."""
    with speaking(tag):
        parts = {part: text_of(f"serve.part.{part}") for part in PARTS}
        lengths = {length: text_of(f"serve.length.{length}") for length in LENGTHS}
        words = {key: _filled(text_of(f"serve.{key}")) for key in WORDS}
    known = examples(tag)
    data: Mapping[str, object] = {
        "language": tag,
        "words": words,
        "examples": {example.name: example.text for example in known},
        "first": FIRST,
    }
    return (
        html_template("page.html.jinja", tag)
        .render(
            language=tag,
            languages={tag: language.name for tag, language in LANGUAGES.items()},
            data=data,
            examples=known,
            notations=list(NOTATION_FILES),
            lengths=lengths,
            parts=parts,
        )
        .encode()
    )


def _filled(sentence: str) -> str:
    return sentence.replace("{seconds}", str(LIMITS.seconds)).replace("{command}", "chainrule build")
