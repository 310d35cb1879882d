"""What an editor offers while one types: tables, their keys and the values of these, read off the schema that is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chainrule.codegen.descriptions.published_schema import published_schema
from chainrule.symbolic.layers import KINDS

#: A key with what is to be said of it and its values, each with what is to be said of that.
Keys = dict[str, dict[str, Any]]
#: Tables that are written as lists of tables.
LISTS = ("layers",)
#: What a page does not read.
FILES = ("weights", "document")
LAYER = "layer_"


def completion() -> dict[str, Keys]:
    """By the names of tables, "" for the top, "layers.KIND" for those of a kind; under "tables" every header with what it begins."""
    schema = published_schema()
    parts: Mapping[str, Any] = schema["$defs"]
    top = {
        key: {**parts["equations"]["properties"], **parts["layers"]["properties"]}.get(key, described)
        for key, described in schema["properties"].items()
        if key not in FILES
    }
    tables = {key: _resolved(part, parts) for key, part in top.items()}
    found = {"": _keys({key: part for key, part in tables.items() if not _is_table(key, part)}, parts)}
    found["tables"] = {
        (f"[[{key}]]" if key in LISTS else f"[{key}]"): part.get("description", "") for key, part in tables.items() if _is_table(key, part)
    }
    found |= {key: _keys(part.get("properties", {}), parts) for key, part in tables.items() if _is_table(key, part)}
    found["layers"] = _keys(parts["layer"]["properties"], parts)
    kinds = {f'"{kind}"': described.meaning for kind, described in KINDS.items()}
    for name, part in parts.items():
        if name.startswith(LAYER):
            found[f"layers.{name.removeprefix(LAYER)}"] = _keys(
                {key: each for key, each in part["properties"].items() if key != "kind"}, parts
            )
    found["layers"]["kind"]["values"] = kinds
    return found


def _is_table(key: str, part: Mapping[str, Any]) -> bool:
    return key in LISTS or part.get("type") == "object"


def _keys(properties: Mapping[str, Any], parts: Mapping[str, Any]) -> Keys:
    return {
        key: {"says": _resolved(part, parts).get("description", ""), "values": dict.fromkeys(_values(part, parts), "")}
        for key, part in properties.items()
    }


def _values(part: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[str]:
    """Words in quotation marks, true and false, as far as they are all that can stand there."""
    resolved = _resolved(part, parts)
    yield from (f'"{word}"' for word in resolved.get("enum", ()) if isinstance(word, str))
    if resolved.get("type") == "boolean":
        yield from ("true", "false")
    for choices in ("anyOf", "oneOf"):
        for choice in resolved.get(choices, ()):
            yield from _values(choice, parts)


def _resolved(part: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part itself, where a reference to it stands."""
    reference = part.get("$ref", "").removeprefix("#/$defs/")
    return parts[reference] if reference else part
