"""Notations as files of choices: those that come with the tool, in `notations` beside this file, and a user's own in the same form.

name = "mine"
sections = ["network", "forward", "chain_rule", "derivation"]
[letters]            # of single entries, by the names of the module
W = "w"
[array_letters]      # of whole arrays
W = "W"
[writing]
layer = "[]"         # what stands around a layer's number
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from chainrule.codegen.document.nodes import Letter, Node
from chainrule.codegen.files.read import read_text
from chainrule.codegen.files.toml_file import TomlFile
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, located, shown
from chainrule.symbolic.index.limits import MOST_BYTES_OF_NOTATION

from .letters import DRESSED_LETTER, GREEK_LETTER, letter_of, upright
from .notation import Notation
from .notation_names import NOTATION_FILES

Table: TypeAlias = Mapping[str, Any]

STEMS = ("W", "b", "z", "a", "x", "y", "C", "R")
#: What a letter may be: one with an accent or in another script, a Greek one, or up to three of ours. It ends up in formulas, so nothing
#: else gets through.
LETTER = re.compile(rf"{DRESSED_LETTER}|{GREEK_LETTER}|[A-Za-z]{{1,3}}")
LAYER_MARKS = {"()": "()", "[]": "[]", "": ""}
ENTRYWISE = {"odot": "⊙", "*": "*", "circ": "∘"}
ASSIGNMENTS = {":=": ":=", "arrow": "←", "=": "="}
#: Keys of [writing]: the field of `Notation`, and what each may be; None stands for a letter.
WRITING: Mapping[str, tuple[str, Mapping[Any, Any] | None]] = {
    "layer": ("layer_marks", LAYER_MARKS),
    "entry_gradients": ("entry_gradients", {"partial": "partial", "d": "d"}),
    "array_gradients": ("array_gradients", {"partial": "partial", "d": "d"}),
    "gradient_mark": ("gradient_mark", {"d": Letter("d"), "upright d": upright("d")}),
    "error": ("error_letter", None),
    "chain": ("chain_from_cost", {"from the cost": True, "from the parameter": False}),
    "local_factor_first": ("local_factor_first", {True: True, False: False}),
    "entrywise_product": ("entrywise_product", ENTRYWISE),
    "sums_over_examples": ("sums_over_examples", {"ones": "ones", "sum": "sum"}),
    "examples": ("examples", {"rows": "rows", "columns": "columns"}),
    "kronecker": ("kronecker", None),
    "activation": ("activation", None),
    "output": ("output", None),
    "learning_rate": ("learning_rate", None),
    "assignment": ("assignment", ASSIGNMENTS),
}
KEYS = ("name", "meaning", "source", "sections", "short", "letters", "array_letters", "writing")


def read_notation(name_or_path: str, sections: Collection[str]) -> Notation:
    """The notation of that name, or the one in a user's file, which ends in .toml and chooses among `sections`.

    Raises:
        InvalidDescription: where there is none, or the file holds something else than choices.
    """
    if name_or_path in NOTATIONS:
        return NOTATIONS[name_or_path]
    if not name_or_path.endswith(".toml"):
        expected = expected_one_of(name_or_path, NOTATIONS)
        raise InvalidDescription(f"unknown notation {name_or_path!r}, which is no file such as own.toml either; {expected}")
    words = "the notation cannot be read: "
    text = read_text(Path(name_or_path), name_or_path, "a notation", MOST_BYTES_OF_NOTATION, otherwise="", words=words)
    return notation_of(text, name_or_path, sections)


def notation_of(text: str, where: str, sections: Collection[str] | None = None) -> Notation:
    """The notation in a text; with `sections`, those that it names have to be among them.

    Raises:
        InvalidDescription: naming the file, its line, the key, what was found and what was expected.
    """
    file = TomlFile(where, text)
    document = file.tables()
    with file.places():
        return _notation(document, sections)


def _notation(document: Table, sections: Collection[str] | None) -> Notation:
    _known(document, KEYS)
    name = document.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,30}", name):
        raise _refusal(name, "a word of letters and digits", "name")
    meaning, source = (_words(document, key) for key in ("meaning", "source"))
    letters = {**LETTERS_OF_THE_MODULE[0], **_letters(document, "letters")}
    arrays = {**LETTERS_OF_THE_MODULE[1], **_letters(document, "array_letters")}
    short = _sections(document, "short", sections) if "short" in document else ()
    return Notation(
        name,
        letters,
        arrays,
        meaning=meaning,
        source=source,
        sections=_sections(document, "sections", sections),
        short=short,
        **_writing(document),
    )


def _words(document: Table, key: str) -> str:
    written = document.get(key, "")
    if not isinstance(written, str) or len(written) > 200 or not written.isprintable():
        raise _refusal(written, "one line of text", key)
    return written


def _sections(document: Table, key: str, known: Collection[str] | None) -> tuple[str, ...]:
    chosen = document.get(key)
    if not isinstance(chosen, list) or not chosen:
        raise _refusal(chosen, f"a list of sections: {', '.join(known or ())}", key)
    for section in chosen:
        if not isinstance(section, str):
            raise _refusal(section, f"in quotes one of {', '.join(known or ())}", key)
        with located((key,), f"{key}: "):
            if known is not None and section not in known:
                raise InvalidDescription(f"found {shown(section)}; {expected_one_of(section, known)}")
            if chosen.count(section) > 1:
                raise InvalidDescription(f"{section!r} stands there twice")
    return tuple(chosen)


def _letters(document: Table, key: str) -> dict[str, Node]:
    table = _table(document, key)
    _known(table, STEMS, key)
    return {stem: _letter(letter, key, stem) for stem, letter in table.items()}


def _letter(letter: Any, *at: str) -> Node:
    if not isinstance(letter, str) or not LETTER.fullmatch(letter):
        raise _refusal(letter, r"a letter, a Greek letter such as \delta, or a letter with an accent such as \hat{y}", *at)
    return letter_of(letter)


def _writing(document: Table) -> dict[str, Any]:
    table = _table(document, "writing")
    _known(table, WRITING, "writing")
    found: dict[str, Any] = {}
    for key, value in table.items():
        field, choices = WRITING[key]
        if choices is None:
            found[field] = _letter(value, "writing", key)
        elif isinstance(value, str | bool) and value in choices:
            found[field] = choices[value]
        else:
            raise _refusal(value, " or ".join(repr(choice) for choice in choices), "writing", key)
    return found


def _table(document: Table, key: str) -> Table:
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise _refusal(table, f"a table: a line [{key}] and choices below it", key)
    return table


def _known(table: Table, keys: Collection[str], *at: str) -> None:
    for key in table:
        if key not in keys:
            raise InvalidDescription(f"unknown key {'.'.join((*at, key))!r}; {expected_one_of(key, keys)}", (*at, key))


def _refusal(found: object, expected: str, *at: str) -> InvalidDescription:
    return InvalidDescription(f"{'.'.join(at)}: found {'none' if found is None else shown(found)}, expected {expected}", at)


#: What letters a notation has that names none: those of the module.
LETTERS_OF_THE_MODULE: tuple[Mapping[str, Node], Mapping[str, Node]] = (
    {stem: Letter(stem) for stem in STEMS} | {"W": Letter("w")},
    {stem: Letter(stem) for stem in STEMS},
)


def _shipped() -> dict[str, Notation]:
    """One for each file of the folder."""
    return {name: notation_of(file.read_text(encoding="utf-8"), file.name) for name, file in NOTATION_FILES.items()}


NOTATIONS: Mapping[str, Notation] = _shipped()
