"""Whether a document agrees with the schema: for those that do, the package that says where one does not is much to import."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

from chainrule.symbolic.index.limits import LARGEST_VALUE

from .schema_parts import Schema


def is_finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_VALUE


#: JSON's integer would take 2.0, its number nan, and it knows no dates.
OWN_TYPES: Mapping[str, Callable[[object], bool]] = {
    "integer": lambda value: isinstance(value, int) and is_finite(value),
    "number": is_finite,
    "date": lambda value: isinstance(value, datetime.date | datetime.time),
}
TYPES: Mapping[str, Callable[[object], bool]] = {
    **OWN_TYPES,
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
#: For a keyword that speaks of values of one type: the type, and whether such a value is right, by what the keyword says and the schema
#: that it stands in.
KEYWORDS: Mapping[str, tuple[str, Callable[[Any, Any, Schema], bool]]] = {
    "minimum": ("number", lambda value, least, _: value >= least),
    "maximum": ("number", lambda value, most, _: value <= most),
    "exclusiveMinimum": ("number", lambda value, limit, _: value > limit),
    "exclusiveMaximum": ("number", lambda value, limit, _: value < limit),
    "pattern": ("string", lambda value, pattern, _: re.search(pattern, value) is not None),
    "minLength": ("string", lambda value, least, _: len(value) >= least),
    "maxLength": ("string", lambda value, most, _: len(value) <= most),
    "minItems": ("array", lambda value, least, _: len(value) >= least),
    "maxItems": ("array", lambda value, most, _: len(value) <= most),
    "prefixItems": ("array", lambda value, each, _: all(map(is_accepted, value, each))),
    "items": ("array", lambda value, rest, own: all(is_accepted(item, rest) for item in value[len(own.get("prefixItems", ())) :])),
    "minProperties": ("object", lambda value, least, _: len(value) >= least),
    "required": ("object", lambda value, keys, _: all(key in value for key in keys)),
    "properties": ("object", lambda value, own, _: all(is_accepted(value[key], own[key]) for key in own if key in value)),
    "additionalProperties": (
        "object",
        lambda value, other, own: all(is_accepted(value[key], other) for key in value if key not in own.get("properties", ())),
    ),
}
#: Those that speak of any value.
OF_ANY: Mapping[str, Callable[[Any, Any, Schema], bool]] = {
    "type": lambda value, names, _: any(TYPES[name](value) for name in ([names] if isinstance(names, str) else names)),
    "enum": lambda value, words, _: value in words and not isinstance(value, bool | int | float),
    "allOf": lambda value, schemas, _: all(is_accepted(value, schema) for schema in schemas),
    "oneOf": lambda value, schemas, _: sum(is_accepted(value, schema) for schema in schemas) == 1,
    "if": lambda value, schema, own: not is_accepted(value, schema) or is_accepted(value, own["then"]),
    "then": lambda *_: True,
    "description": lambda *_: True,
    "beside": lambda *_: True,
}


def is_accepted(value: object, schema: Schema | bool) -> bool:
    """Whether a value agrees with a schema of the keywords above."""
    if isinstance(schema, bool):
        return schema
    for keyword, said in schema.items():
        if keyword in OF_ANY:
            if not OF_ANY[keyword](value, said, schema):
                return False
            continue
        name, is_right = KEYWORDS[keyword]
        if TYPES[name](value) and not is_right(value, said, schema):
            return False
    return True
