"""What a description may hold, as a JSON schema, and the first thing in a document that does not agree with it, in words.

`description` says what is expected in place of a wrong value; `beside` marks a table's named constants, and names its other keys.
"""

from __future__ import annotations

import datetime
import keyword
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from symbolic.activations import ACTIVATIONS
from symbolic.costs import COSTS
from symbolic.failures import expected_one_of
from symbolic.layers import KINDS
from symbolic.layers.options import Option
from symbolic.network import MOST_AXES, MOST_FEATURES, REDUCTIONS, TARGETS
from symbolic.penalties import PENALTIES

from .toml_positions import Path, line_of

Schema = dict[str, Any]

MOST_LAYERS = 100_000
LONGEST_NAME = 100
#: A document with very many mistakes is judged by its first ones.
MOST_PROBLEMS = 1000

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
LETTER: Schema = {"type": "string", "description": "a letter in quotes"}
LIST: Schema = {"type": "array", "description": "a list of numbers, or a list of such rows, one an example"}
FORMULA: Schema = {"type": "string", "minLength": 1, "description": "a formula in quotes"}
TEXT: Schema = {"type": "string", "pattern": NO_CONTROL_CHARACTERS, "description": "one line of text in quotes"}
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
    {"kind": one_of(ACTIVATIONS), "expression": FORMULA},
    'a name or formula in quotes, or a table such as { kind = "leaky_relu", alpha = 0.01 }',
) | {"type": ["string", "object"], "minLength": 1}

OUTPUTS: Schema = {
    "type": ["string", "array"],
    "items": {"type": "string", "description": "the name of a layer's output in quotes"},
    "minItems": 1,
    "description": 'the name of a layer\'s output such as "a1", or a list of them',
}


def option_schema(option: Option) -> Schema:
    """What one key of a layer may be."""
    whole: Schema = {"minimum": option.least, "maximum": option.most, "description": option.expected}
    match option.kind:
        case "whole":
            return {"type": "integer"} | whole
        case "pair":
            items = {"type": "integer"} | whole
            return {"type": ["integer", "array"], "items": items, "minItems": 2, "maxItems": 2} | whole
        case "number":
            return {"type": "number", "minimum": option.least, "exclusiveMaximum": option.most, "description": option.expected}
        case "word":
            return one_of(option.words)
        case _:
            return {"type": "boolean", "description": option.expected}


def layer_schema(kind: str) -> Schema:
    """A table of [[layers]] of one kind."""
    definition = KINDS[kind]
    properties = {"kind": one_of(KINDS)} | {key: option_schema(option) for key, option in definition.options.items()}
    properties |= {"activation": ACTIVATION} if definition.takes_activation else {}
    properties |= {
        "name": LAYER_NAME,
        "from": OUTPUTS,
        "weights_of": {"type": ["string", "integer"], "description": "a layer's number or name"},
    }
    required = [key for key, option in definition.options.items() if option.is_required]
    return table(properties, "a table, written [[layers]]", [*required, *(["from"] if definition.sources[0] > 1 else [])])


LAYER_SCHEMAS = {kind: layer_schema(kind) for kind in KINDS}
#: A table whose kind is none: only that is said of it.
UNKNOWN_LAYER: Schema = {"type": "object", "properties": {"kind": one_of(KINDS)}, "description": "a table, written [[layers]]"}

SHAPE: Schema = whole_number(MOST_FEATURES) | {
    "type": ["integer", "array"],
    "items": whole_number(MOST_FEATURES),
    "minItems": 1,
    "maxItems": MOST_AXES,
    "description": "a whole number of at least 1: the features of one example, or a shape such as [1, 28, 28]",
}
LABELS = table(
    {
        "shape": SHAPE | {"minItems": 0},
        "vocabulary": whole_number(MOST_FEATURES) | {"description": "a whole number of at least 1: how many labels there are"},
    },
    "a table such as { shape = [8], vocabulary = 27 }",
    required=["shape"],
)
INPUT: Schema = {"type": ["integer", "array", "object"], "description": SHAPE["description"]}

SCHEMA: Schema = table(
    {
        "name": NAME
        | {
            "allOf": [{"pattern": NOT_A_KEYWORD, "description": "an identifier that is not a keyword of Python"}],
        },
        "title": TEXT,
        "author": TEXT,
        "course": TEXT,
        "date": TEXT | {"type": ["string", "date"], "description": "a date, or one line of text in quotes"},
        "input": INPUT,
        "inputs": {"type": "object", "minProperties": 1, "description": "a table: a line [inputs] and below it x = 3"},
        "layers": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_LAYERS,
            "items": LAYER_SCHEMAS["dense"],
            "description": "tables, one a layer, each under a line [[layers]] with two brackets",
        },
        "cost": formula_or_kind(
            {"kind": one_of(COSTS), "expression": FORMULA, "targets": one_of(TARGETS), "reduction": one_of(REDUCTIONS)}
            | {"from": OUTPUTS, "mask": {"type": "boolean", "description": "true or false"}},
            'a table: a line [cost] with one pair of brackets and below it kind = "quadratic"',
        ),
        "regularisation": table(dict.fromkeys(PENALTIES, NUMBER), "a table: a line [regularisation] and below it l2 = 0.05"),
        "layout": table(
            {"examples": one_of(["rows", "columns"]), "weights": one_of(["out-in", "in-out"])},
            'a table: a line [layout] and below it examples = "columns"',
        ),
        "symbols": {"type": "object", "additionalProperties": LETTER, "description": 'a table: a line [symbols] and below it a1 = "h"'},
        "example": table(
            {
                "x": LIST,
                "y": LIST | {"type": ["array", "number"]},
                "parameters": {"type": "object", "description": "a table of arrays, such as b1 = [0.1, 0.2]"},
                "learning_rate": {"type": "number", "exclusiveMinimum": 0, "description": "a finite number above 0"},
                "note": {"type": "string", "pattern": r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*\Z", "description": "text in quotes"},
            },
            "a table: a line [example] and below it x = [1.0, 2.0]",
        ),
    },
    "a table",
    required=["name", "input", "layers", "cost"],
)


TEXTS: Schema = {"type": "array", "items": {"type": "string"}, "description": 'a list of tensors in quotes, such as ["X[n,k]"]'}
POSITION = {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "description": "a whole number of at least 1"}

EQUATIONS_SCHEMA: Schema = table(
    {key: SCHEMA["properties"][key] for key in ("name", "title", "author", "course", "date", "symbols")}
    | {
        "inputs": TEXTS,
        "targets": TEXTS,
        "parameters": TEXTS | {"minItems": 1},
        "equations": {"type": "string", "minLength": 1, "description": "equations in three quotation marks, one a line"},
        "batch": {"type": "string", "description": "the index of the examples in quotes"},
        "sizes": {"type": "object", "additionalProperties": POSITION, "description": "a table such as { k = 3 }"},
        "constants": {
            "type": "object",
            "additionalProperties": NUMBER,
            "description": "a table: a line [constants] and below it eps = 1e-5",
        },
    },
    "a table",
    required=["name", "parameters", "equations"],
)


def schema_of(document: Mapping[str, object]) -> Schema:
    """What this document may hold: equations or layers, each layer as its kind asks."""
    if "equations" in document:
        return EQUATIONS_SCHEMA
    properties = dict(SCHEMA["properties"])
    layers = document.get("layers")
    if isinstance(layers, list):
        properties["layers"] = properties["layers"] | {"prefixItems": [_layer_schema(layer) for layer in layers], "items": True}
    required = SCHEMA["required"]
    if "inputs" in document:
        given = document["inputs"]
        del properties["input"]
        required = [key for key in required if key != "input"]
        if isinstance(given, Mapping):
            properties["inputs"] = properties["inputs"] | {"properties": {name: _input_schema(value) for name, value in given.items()}}
    else:
        properties["input"] = _input_schema(document.get("input"))
    return SCHEMA | {"properties": properties, "required": required}


def _layer_schema(layer: object) -> Schema:
    kind = layer.get("kind", "dense") if isinstance(layer, Mapping) else "dense"
    return LAYER_SCHEMAS[kind] if isinstance(kind, str) and kind in LAYER_SCHEMAS else UNKNOWN_LAYER


def _input_schema(value: object) -> Schema:
    return LABELS if isinstance(value, Mapping) else SHAPE


def is_finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def first_problem(document: Mapping[str, object], text: str) -> tuple[Path, str] | None:
    """Where a document disagrees with the schema, and what to say about it; None where it agrees. `text` is the document's."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # JSON's integer would take 2.0, its number nan, and it knows no dates.
    types = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: isinstance(value, int) and is_finite(value),
            "number": lambda _, value: is_finite(value),
            "date": lambda _, value: isinstance(value, datetime.date | datetime.time),
        }
    )
    validator = extend(Draft202012Validator, type_checker=types)(schema_of(document))
    ranked = []
    for problem in islice(validator.iter_errors(document), MOST_PROBLEMS):
        path, message = _in_words(problem)
        # A misspelled key is also the reason why the right one is missing, so what is missing goes last.
        ranked.append((problem.validator in ("required", "oneOf"), line_of(text, path) or 0, path, message))
    return min(ranked, key=lambda entry: entry[:2])[2:] if ranked else None


def _in_words(problem: Any) -> tuple[Path, str]:
    path: Path = tuple(problem.absolute_path)
    value, schema, limit = problem.instance, problem.schema, problem.validator_value
    match problem.validator:
        case "additionalProperties":
            key = next(key for key in value if key not in schema["properties"])
            return (*path, key), _unknown_key(path, key, schema["properties"])
        case "type" if "beside" in schema and not isinstance(value, bool | int | float):
            return path, _unknown_key(path[:-1], str(path[-1]), [*schema["beside"], "a constant with a number"])
        case "required":
            key = next(key for key in limit if key not in value)
            # A constant may have any name, so a key of the top that slipped into [cost] is not unknown there.
            moved = next((section for section in value if isinstance(value[section], dict) and key in value[section]), None)
            remedy = f"; move it from [{moved}] to above the first [table]" if moved and not path else ""
            return path, f"{_start(path)}{key} is missing; expected {schema['properties'][key]['description']}{remedy}"
        case "oneOf":
            found = "both kind and expression" if "kind" in value else "neither kind nor expression"
            return path, f"{place(path)}: found {found}, expected one of the two"
        case "enum":
            return path, f"{place(path)}: found {shown(value)}, {expected_one_of(str(value), limit)}"
        case "maximum":
            return path, f"{place(path)}: found {shown(value)}, expected at most {limit}"
        case "maxItems":
            return path, f"{place(path)}: found {len(value)}, expected at most {limit}"
        case _:
            return path, f"{place(path)}: found {shown(value)}, expected {schema['description']}"


def _unknown_key(path: Path, key: str, allowed: Iterable[str]) -> str:
    inside = f" in {place(path)}" if path else ""
    elsewhere = f"; {key!r} stands above the first [table]" if path and key in SCHEMA["properties"] else ""
    return f"unknown key {key!r}{inside}; {expected_one_of(key, allowed)}{elsewhere}"


def _start(path: Path) -> str:
    return f"{place(path)}: " if path else ""


def place(path: Path) -> str:
    """A path as people say it: units of [[layers]] 2."""
    match path:
        case ("layers", int(number)):
            return f"[[layers]] {number + 1}"
        case ("layers", int(number), key, *rest):
            return " of ".join([*map(str, reversed(rest)), f"{key} of [[layers]] {number + 1}"])
        case ("layers",):
            return "[[layers]]"
        case (("cost" | "constants" | "sizes" | "regularisation" | "layout" | "symbols" | "example") as section, *rest):
            return " of ".join([*map(str, reversed(rest)), f"[{section}]"])
        case _:
            return str(path[0]) if path else "the description"


def shown(value: object) -> str:
    """A value of a document in a message, in TOML's words, never long."""
    match value:
        case bool():
            return str(value).lower()
        case int() if abs(value) >= 10**20:
            return "a number of more than 20 digits"
        case str():
            return repr(value) if len(value) <= 60 else f"{value[:60]!r}… ({len(value)} characters)"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case dict():
            return "a table"
        case _:
            return str(value)
