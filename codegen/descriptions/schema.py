"""What a description may hold, as a JSON schema.

`description` says what is expected in place of a wrong value; `beside` marks a table's named constants, and names its other keys.
"""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.codegen.formulas.notation_names import NOTATION_FILES
from chainrule.codegen.words.translation import LANGUAGES
from chainrule.symbolic.index.limits import MOST_FEATURES, MOST_LAYERS
from chainrule.symbolic.layers.costs import COSTS, PENALTIES
from chainrule.symbolic.layers.network import REDUCTIONS, TARGETS

from .layer_schema import INPUT, OUTPUTS, layer_schema, schema_of_input, schema_of_layer
from .schema_parts import (
    AXIS,
    FORMULA,
    KINK,
    LETTER,
    LINES,
    LIST,
    NAME,
    NOT_A_KEYWORD,
    NUMBER,
    SWITCH,
    TEXT,
    Schema,
    by_language,
    formula_or_kind,
    one_of,
    table,
)

INPUT_GRADIENTS: Schema = {
    "type": ["boolean", "array"],
    "items": {"type": "string", "description": 'an input in quotes, such as "x"'},
    "description": 'true, or a list of inputs in quotes, such as ["x"]',
}

SCHEMA: Schema = table(
    {
        "name": NAME
        | {
            "allOf": [{"pattern": NOT_A_KEYWORD, "description": "an identifier that is not a keyword of Python"}],
        },
        "title": by_language(TEXT),
        "author": by_language(TEXT),
        "course": by_language(TEXT),
        "date": TEXT | {"type": ["string", "date"], "description": "a date, or one line of text in quotes"},
        "notation": one_of(NOTATION_FILES),
        "language": one_of(LANGUAGES),
        "input_gradients": INPUT_GRADIENTS,
        "kink": KINK,
        "input": INPUT,
        "inputs": {"type": "object", "minProperties": 1, "description": "a table: a line [inputs] and below it x = 3"},
        "layers": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_LAYERS,
            "items": layer_schema("dense"),
            "description": "tables, one a layer, each under a line [[layers]] with two brackets",
        },
        "cost": formula_or_kind(
            {"kind": one_of(COSTS), "expression": FORMULA, "targets": one_of(TARGETS), "reduction": one_of(REDUCTIONS)}
            | {"from": OUTPUTS, "mask": SWITCH, "axis": AXIS, "from_logits": SWITCH},
            'a table: a line [cost] with one pair of brackets and below it kind = "quadratic"',
        ),
        "regularisation": table(dict.fromkeys(PENALTIES, NUMBER), "a table: a line [regularisation] and below it l2 = 0.05"),
        "layout": table(
            {"examples": one_of(["rows", "columns"]), "weights": one_of(["out-in", "in-out"])},
            'a table: a line [layout] and below it examples = "columns"',
        ),
        "document": table(
            {"logo": TEXT, "header": by_language(TEXT), "preamble": TEXT},
            'a table: a line [document] and below it header = "Course 101, autumn"',
        ),
        "symbols": {"type": "object", "additionalProperties": LETTER, "description": 'a table: a line [symbols] and below it a1 = "h"'},
        "weights": TEXT,
        "initial": {
            "type": "object",
            "additionalProperties": LIST,
            "description": "a table of arrays: a line [initial] and b1 = [0.1]",
        },
        "example": table(
            {
                "parameters": {"type": "object", "description": "a table of arrays, such as b1 = [0.1, 0.2]"},
                "learning_rate": {"type": "number", "exclusiveMinimum": 0, "description": "a finite number above 0"},
                "note": by_language(LINES),
            },
            "a table: a line [example] and below it x = [1.0, 2.0]",
        )
        | {"additionalProperties": LIST},
    },
    "a table",
    required=["name", "input", "layers", "cost"],
)


TEXTS: Schema = {
    "type": "array",
    "items": {"type": "string", "description": 'a tensor in quotes, such as "X[n,k]"'},
    "description": 'a list of tensors in quotes, such as ["X[n,k]"]',
}
TENSOR_NAMES: Schema = {
    "type": ["string", "array"],
    "minItems": 1,
    "items": {"type": "string", "description": 'a tensor in quotes, such as "yhat"'},
    "description": 'the name of a tensor in quotes, such as "yhat", or a list of several',
}
POSITION = {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "description": "a whole number of at least 1"}

EQUATIONS_SCHEMA: Schema = table(
    {
        key: SCHEMA["properties"][key]
        for key in (
            "name",
            "title",
            "author",
            "course",
            "date",
            "notation",
            "language",
            "document",
            "symbols",
            "initial",
            "weights",
            "example",
            "input_gradients",
            "kink",
        )
    }
    | {
        "inputs": TEXTS,
        "targets": TEXTS,
        "parameters": TEXTS | {"minItems": 1},
        "equations": {"type": "string", "minLength": 1, "description": "equations in three quotation marks, one a line"},
        "output": TENSOR_NAMES,
        "batch": {"type": "string", "description": "the index of the examples in quotes"},
        "implicit": {
            "type": "array",
            "items": {"type": "string", "description": 'a name in quotes, such as "z"'},
            "description": 'a list of names in quotes, such as ["z"]',
        },
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
        properties["layers"] = properties["layers"] | {"prefixItems": [schema_of_layer(layer) for layer in layers], "items": True}
    required = SCHEMA["required"]
    if "inputs" in document:
        given = document["inputs"]
        del properties["input"]
        required = [key for key in required if key != "input"]
        if isinstance(given, Mapping):
            properties["inputs"] = properties["inputs"] | {"properties": {name: schema_of_input(value) for name, value in given.items()}}
    else:
        properties["input"] = schema_of_input(document.get("input"))
    return SCHEMA | {"properties": properties, "required": required}
