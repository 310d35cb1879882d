"""Pieces of the schema of descriptions: names, numbers, formulas and tables.

`description` says what is expected in place of a wrong value; `beside` marks a table's named constants, and names its other keys.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from typing import Any

from chainrule.codegen.words.translation import LANGUAGES
from chainrule.symbolic.index.kink import Kink
from chainrule.symbolic.index.limits import LONGEST_NAME, MOST_AXES
from chainrule.symbolic.layers.activations import ACTIVATIONS

Schema = dict[str, Any]

IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_]*\Z"
NOT_A_KEYWORD = rf"^(?!(?:{'|'.join(keyword.kwlist)})\Z)"
#: A layer called `s` would own the tensor `as`.
ENDS_OF_KEYWORDS = [word[1:] for word in keyword.kwlist if word[0] in "Wbza"]
NOT_THE_END_OF_A_KEYWORD = rf"^(?!(?:{'|'.join(ENDS_OF_KEYWORDS)})\Z)"
NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f-\x9f]*\Z"


def whole_number(most: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most, "description": "a whole number of at least 1"}


def one_of(words: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(words), "description": "one of " + ", ".join(words)}


def table(properties: Schema, description: str, required: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        "description": description,
    }


def formula_or_kind(properties: Schema, description: str) -> Schema:
    """A table with either `kind` or `expression`; further keys are constants."""
    constant = {"type": "number", "description": "a finite number (the value of a constant)", "beside": list(properties)}
    either = {"oneOf": [{"required": ["kind"]}, {"required": ["expression"]}]}
    return table(properties, description) | {"additionalProperties": constant, "if": {"type": "object"}, "then": either}


NUMBER: Schema = {"type": "number", "description": "a finite number"}
KINK: Schema = one_of([kink.value for kink in Kink])
SWITCH: Schema = {"type": "boolean", "description": "true or false"}
AXIS: Schema = {
    "type": ["integer", "string"],
    "minimum": 0,
    "maximum": MOST_AXES,
    "description": 'the axis of one example: a whole number, counted from 0, or a word such as "steps"',
}
LETTER: Schema = {"type": "string", "description": "a letter in quotes"}
LIST: Schema = {"type": ["array", "number"], "description": "a list of numbers, or a list of such rows, one an example"}
FORMULA: Schema = {"type": "string", "minLength": 1, "description": "a formula in quotes"}
LINES: Schema = {"type": "string", "pattern": r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*\Z", "description": "text in quotes"}
TEXT: Schema = {"type": "string", "pattern": NO_CONTROL_CHARACTERS, "description": "one line of text in quotes"}


def by_language(text: Schema) -> Schema:
    """A text for documents in all languages, or a table of one for each."""
    description = f'{text["description"]}, or a table with one for each language: {{ en = "…", zh-TW = "…" }}'
    of_each = {"properties": dict.fromkeys(LANGUAGES, text), "additionalProperties": False, "minProperties": 1}
    return text | of_each | {"type": ["string", "object"], "description": description}


NAME: Schema = {
    "type": "string",
    "pattern": IDENTIFIER,
    "maxLength": LONGEST_NAME,
    "description": f"an identifier in quotes (letters, digits, underscores; at most {LONGEST_NAME})",
}

LAYER_NAME: Schema = NAME | {
    "allOf": [
        {
            "pattern": NOT_THE_END_OF_A_KEYWORD,
            "description": f"another name (with {', '.join(ENDS_OF_KEYWORDS)} a tensor is a keyword)",
        }
    ],
}

ACTIVATION: Schema = formula_or_kind(
    {"kind": one_of(ACTIVATIONS), "expression": FORMULA, "axis": AXIS},
    'a name or formula in quotes, or a table such as { kind = "leaky_relu", alpha = 0.01 }',
) | {"type": ["string", "object"], "minLength": 1}
