"""The first thing in a document that does not agree with the schema, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import Any

from chainrule.codegen.files.toml_positions import line_of
from chainrule.symbolic.index.failures import InvalidDescription, KeyPath, expected_one_of

from .schema import SCHEMA, schema_of
from .schema_acceptance import OWN_TYPES, is_accepted

#: A document with very many mistakes is judged by its first ones.
MOST_PROBLEMS = 1000


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    own = {name: lambda _, value, is_of_type=is_of_type: is_of_type(value) for name, is_of_type in OWN_TYPES.items()}
    return extend(Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(own))


def check_schema(document: Mapping[str, object], text: str) -> None:
    """Refuses a document that disagrees with the schema; `text` is the document's.

    Raises:
        InvalidDescription: at the first place where it does.
    """
    schema = schema_of(document)
    if is_accepted(document, schema):
        return
    validator = _validator()(schema)
    ranked = []
    try:
        for problem in islice(validator.iter_errors(document), MOST_PROBLEMS):
            path, message = _in_words(problem)
            # A misspelled key is also the reason why the right one is missing, so what is missing goes last.
            ranked.append((problem.validator in ("required", "oneOf"), line_of(text, path) or 0, path, message))
    except (RecursionError, ValueError):
        raise InvalidDescription("a number too long or lists too deep, expected neither in a description") from None
    if ranked:
        *_, path, message = min(ranked, key=lambda entry: entry[:2])
        raise InvalidDescription(message, path)


def _in_words(problem: Any) -> tuple[KeyPath, str]:
    path: KeyPath = tuple(problem.absolute_path)
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


def _unknown_key(path: KeyPath, key: str, allowed: Iterable[str]) -> str:
    inside = f" in {place(path)}" if path else ""
    elsewhere = f"; {key!r} stands above the first [table]" if path and key in SCHEMA["properties"] else ""
    return f"unknown key {key!r}{inside}; {expected_one_of(key, allowed)}{elsewhere}"


def _start(path: KeyPath) -> str:
    return f"{place(path)}: " if path else ""


def place(path: KeyPath) -> str:
    """A path as people say it: units of [[layers]] 2."""
    match path:
        case ("layers", int(number)):
            return f"[[layers]] {number + 1}"
        case ("layers", int(number), key, *rest):
            return " of ".join([*map(str, reversed(rest)), f"{key} of [[layers]] {number + 1}"])
        case ("layers",):
            return "[[layers]]"
        case (("cost" | "constants" | "sizes" | "regularisation" | "layout" | "symbols" | "example" | "initial") as section, *rest):
            return " of ".join([*map(str, reversed(rest)), f"[{section}]"])
        case _:
            return " of ".join(key for key in reversed(path) if isinstance(key, str)) or "the description"


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
