"""The schema of [[layers]] and of inputs: what each kind of layer lets one set, from the kinds' own tables."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.symbolic.index.limits import MOST_AXES, MOST_FEATURES
from chainrule.symbolic.layers import KINDS
from chainrule.symbolic.layers.options import Option

from .schema_parts import ACTIVATION, KINK, LAYER_NAME, Schema, one_of, table, whole_number

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
        case "word" | "function":
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
    properties |= {"kink": KINK} if definition.takes_activation or "function" in definition.options else {}
    required = [key for key, option in definition.options.items() if option.is_required]
    return table(properties, "a table, written [[layers]]", [*required, *(["from"] if definition.sources[0] > 1 else [])])


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


def schema_of_layer(layer: object) -> Schema:
    """What one table may be; where its kind is none, only that is said of it."""
    kind = layer.get("kind", "dense") if isinstance(layer, Mapping) else "dense"
    if isinstance(kind, str) and kind in KINDS:
        return layer_schema(kind)
    return {"type": "object", "properties": {"kind": one_of(KINDS)}, "description": "a table, written [[layers]]"}


def schema_of_input(value: object) -> Schema:
    return LABELS if isinstance(value, Mapping) else SHAPE
