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
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from chainrule.codegen.files.read import read_text
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, shown
from chainrule.symbolic.index.limits import MOST_BYTES_OF_NOTATION

from .notation import Notation
from .section_names import SECTION_NAMES

STEMS = ("W", "b", "z", "a", "x", "y", "C", "R")
#: Commands of Greek letters, and what a letter may be: one of these, or up to three of ours, or one with an accent or in another script.
#: It ends up in formulas, so nothing else gets through.
GREEK_NAMES = (
    r"\\(?:alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|(?:var)?pi|(?:var)?rho|(?:var)?sigma"
    r"|tau|upsilon|(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|ell)"
)
GREEK = re.compile(GREEK_NAMES)
LETTER = re.compile(rf"(\\(hat|bar|tilde|dot|mathcal|mathbf|mathrm|boldsymbol)\{{(?:[A-Za-z]|{GREEK_NAMES})\}}|[A-Za-z]{{1,3}})")
LAYER_MARKS = {"()": ("(", ")"), "[]": ("[", "]"), "": ("", "")}
ENTRYWISE = {"odot": r"\odot", "*": "*", "circ": r"\circ"}
ASSIGNMENTS = {":=": ":=", "arrow": r"\leftarrow", "=": "="}
#: Keys of [writing]: the field of `Notation`, and what each may be; None stands for a letter.
WRITING: Mapping[str, tuple[str, Mapping[Any, Any] | None]] = {
    "layer": ("layer_marks", LAYER_MARKS),
    "entry_gradients": ("entry_gradients", {"partial": "partial", "d": "d"}),
    "array_gradients": ("array_gradients", {"partial": "partial", "d": "d"}),
    "gradient_mark": ("gradient_mark", {"d": "d", "upright d": r"\mathrm{d}"}),
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
KEYS = ("name", "meaning", "sections", "letters", "array_letters", "writing")


def read_notation(name_or_path: str) -> Notation:
    """The notation of that name, or the one in a user's file, which ends in .toml.

    Raises:
        InvalidDescription: where there is none, or the file holds something else than choices.
    """
    if name_or_path in NOTATIONS:
        return NOTATIONS[name_or_path]
    if not name_or_path.endswith(".toml"):
        expected = expected_one_of(name_or_path, NOTATIONS)
        raise InvalidDescription(f"unknown notation {name_or_path!r}, which is no file such as own.toml either; {expected}")
    try:
        text = read_text(Path(name_or_path), name_or_path, "a notation", MOST_BYTES_OF_NOTATION, otherwise="")
    except InvalidDescription as problem:
        reason = str(problem).removeprefix(f"{name_or_path}: ")
        raise InvalidDescription(f"{name_or_path}: the notation cannot be read: {reason}") from None
    return notation_of(text, name_or_path)


def notation_of(text: str, where: str) -> Notation:
    """The notation in a text.

    Raises:
        InvalidDescription: naming the file, the key, what was found and what was expected.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as problem:
        raise InvalidDescription(f"{where}: not TOML: {problem}") from None
    return _Reader(where).notation(document)


class _Reader:
    def __init__(self, where: str) -> None:
        self.where = where

    def notation(self, document: Mapping[str, Any]) -> Notation:
        self.known(document, KEYS, "")
        name = document.get("name")
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,30}", name):
            raise self.refusal("name", name, "a word of letters and digits")
        meaning = document.get("meaning", "")
        if not isinstance(meaning, str) or len(meaning) > 200 or not meaning.isprintable():
            raise self.refusal("meaning", meaning, "one line of text")
        letters = {**LETTERS_OF_THE_MODULE[0], **self.letters(document, "letters")}
        arrays = {**LETTERS_OF_THE_MODULE[1], **self.letters(document, "array_letters")}
        return Notation(name, letters, arrays, meaning=meaning, sections=self.sections(document), **self.writing(document))

    def sections(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        chosen = document.get("sections")
        if not isinstance(chosen, list) or not chosen:
            raise self.refusal("sections", chosen, f"a list of sections: {', '.join(SECTION_NAMES)}")
        for section in chosen:
            if not isinstance(section, str):
                raise self.refusal("sections", section, f"in quotes one of {', '.join(SECTION_NAMES)}")
            if section not in SECTION_NAMES:
                raise InvalidDescription(f"{self.where}: sections: found {shown(section)}; {expected_one_of(section, SECTION_NAMES)}")
            if chosen.count(section) > 1:
                raise InvalidDescription(f"{self.where}: sections: {section!r} stands there twice")
        return tuple(chosen)

    def letters(self, document: Mapping[str, Any], key: str) -> dict[str, str]:
        table = self.table(document, key)
        self.known(table, STEMS, f"{key}.")
        return {stem: self.letter(letter, f"{key}.{stem}") for stem, letter in table.items()}

    def letter(self, letter: Any, key: str) -> str:
        if not isinstance(letter, str) or not (LETTER.fullmatch(letter) or GREEK.fullmatch(letter)):
            raise self.refusal(key, letter, r"a letter, a Greek letter such as \delta, or a letter with an accent such as \hat{y}")
        return letter

    def writing(self, document: Mapping[str, Any]) -> dict[str, Any]:
        table = self.table(document, "writing")
        self.known(table, WRITING, "writing.")
        found: dict[str, Any] = {}
        for key, value in table.items():
            field, choices = WRITING[key]
            if choices is None:
                found[field] = self.letter(value, f"writing.{key}")
            elif isinstance(value, str | bool) and value in choices:
                found[field] = choices[value]
            else:
                raise self.refusal(f"writing.{key}", value, " or ".join(repr(choice) for choice in choices))
        return found

    def table(self, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        table = document.get(key, {})
        if not isinstance(table, dict):
            raise self.refusal(key, table, f"a table: a line [{key}] and choices below it")
        return table

    def known(self, table: Mapping[str, Any], keys: Mapping[str, Any] | tuple[str, ...], before: str) -> None:
        for key in table:
            if key not in keys:
                raise InvalidDescription(f"{self.where}: unknown key {before + key!r}; {expected_one_of(key, keys)}")

    def refusal(self, key: str, found: object, expected: str) -> InvalidDescription:
        what = "none" if found is None else shown(found)
        return InvalidDescription(f"{self.where}: {key}: found {what}, expected {expected}")


#: What letters a notation has that names none: those of the module.
LETTERS_OF_THE_MODULE = ({stem: stem for stem in STEMS} | {"W": "w"}, {stem: stem for stem in STEMS})


def _shipped() -> dict[str, Notation]:
    """One for each file of the folder."""
    files = [file for file in resources.files(__package__).joinpath("notations").iterdir() if file.name.endswith(".toml")]
    found = [notation_of(file.read_text(encoding="utf-8"), file.name) for file in sorted(files, key=lambda file: file.name)]
    return {notation.name: notation for notation in found}


NOTATIONS: Mapping[str, Notation] = _shipped()
