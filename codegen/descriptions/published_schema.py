"""The schema of all descriptions as one document, for editors: JSON Schema 2020-12 and no word that only this project knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chainrule.symbolic.layers import KINDS

from .layer_schema import LABELS, SHAPE, layer_schema
from .schema import EQUATIONS_SCHEMA, SCHEMA
from .schema_parts import ACTIVATION, Schema, one_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "A description of a neural network for chainrule"
#: What is written once, and referred to where it stands.
SHARED: Mapping[str, Schema] = {"activation": ACTIVATION, "input": {"anyOf": [SHAPE, LABELS], "description": SHAPE["description"]}}
#: What only the messages of this project's own check are made of.
OWN_WORDS = {"beside"}
#: TOML's dates, which schemas for JSON take for texts.
TYPES = {"date": "string"}


def published_schema() -> Schema:
    """What a description may hold: equations, or layers of the kinds that there are with one input or several.

    The keys of all stand at the top, for completion; conditions then say which go together, so that a mistake is at its own place.
    """
    documents = {"layers": _layered("input"), "layers_of_inputs": _layered("inputs"), "equations": EQUATIONS_SCHEMA}
    of_layers = _chosen("inputs", _reference("layers_of_inputs"), _reference("layers"))
    definitions = {**SHARED, "layer": _any_layer(), **{f"layer_{kind}": _layer(kind) for kind in KINDS}, **documents}
    return {
        "$schema": DIALECT,
        "title": TITLE,
        "type": "object",
        "properties": _keys(documents.values()),
        **_chosen("equations", _reference("equations"), of_layers),
        "$defs": {name: _published(part, name) for name, part in definitions.items()},
    }


def _chosen(key: str, where_given: Schema, otherwise: Schema) -> Schema:
    return {"if": {"required": [key]}, "then": where_given, "else": otherwise}


def _keys(tables: Iterable[Schema]) -> Schema:
    """The keys of several tables, each with what it is in the first table that has it."""
    found: Schema = {}
    for each in tables:
        for key, part in each["properties"].items():
            found.setdefault(key, {"description": part["description"]} if "description" in part else {})
    return found


def _layered(given: str) -> Schema:
    """A description of layers with `input` or `inputs`, one of the two."""
    layers = SCHEMA["properties"]["layers"] | {"items": _reference("layer")}
    inputs = {"input": SHARED["input"], "inputs": SCHEMA["properties"]["inputs"] | {"additionalProperties": SHARED["input"]}}
    properties = {key: part for key, part in SCHEMA["properties"].items() if key not in inputs}
    required = [given if key == "input" else key for key in SCHEMA["required"]]
    return SCHEMA | {"properties": properties | {"layers": layers, given: inputs[given]}, "required": required}


def _any_layer() -> Schema:
    """A table of [[layers]]: its kind says which keys it has, and a table without one is a dense layer."""
    by_kind = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": _reference(f"layer_{kind}")} for kind in KINDS
    ]
    without = {"if": {"not": {"required": ["kind"]}}, "then": _reference("layer_dense")}
    keys = _keys(_layer(kind) for kind in KINDS) | {"kind": one_of(KINDS)}
    return {"type": "object", "properties": keys, "allOf": [*by_kind, without], "description": "a table, written [[layers]]"}


def _layer(kind: str) -> Schema:
    """A table of one kind, whose keys say what they mean."""
    schema = layer_schema(kind)
    meanings = {
        key: schema["properties"][key] | {"description": f"{option.meaning}: {option.expected}"}
        for key, option in KINDS[kind].options.items()
    }
    return schema | {"properties": schema["properties"] | meanings, "description": KINDS[kind].meaning}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _published(part: Any, name: str = "") -> Any:
    """A part with what is shared referred to, in words and patterns that every reader of schemas has."""
    shared = next((known for known, schema in SHARED.items() if part == schema and known != name), None)
    if shared:
        return _reference(shared)
    if isinstance(part, Mapping):
        return {key: _PUBLISHED.get(key, _published)(value) for key, value in part.items() if key not in OWN_WORDS}
    return [_published(each) for each in part] if isinstance(part, list) else part


def _pattern(pattern: str) -> str:
    r"""Python's \Z is the end of a text, which `$` is in the other languages' expressions."""
    return pattern.replace(r"\Z", "$")


def _types(types: str | Sequence[str]) -> str | list[str]:
    known = dict.fromkeys(TYPES.get(each, each) for each in ([types] if isinstance(types, str) else types))
    return next(iter(known)) if len(known) == 1 else list(known)


#: Keys whose values are no schemas.
_PUBLISHED: Mapping[str, Callable[[Any], Any]] = {
    "pattern": _pattern,
    "type": lambda found: _types(found) if not isinstance(found, Mapping) else _published(found),
}
