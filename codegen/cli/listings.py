"""What can be chosen, with a line on each, for `chainrule list` and for shells that complete a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainrule.symbolic.layers.costs import Cost

#: Words, each with what it means.
Meanings = Mapping[str, str]
LEVELS = {
    "scalar": "each entry by itself",
    "index": "by index, every step with its reason",
    "matrix": "as matrices",
    "graph": "node by node of the computational graph",
}


def _activations() -> Meanings:
    from chainrule.symbolic.layers.activations import ACTIVATIONS

    return {name: _with_constants(entry.expression, entry.constants) for name, entry in ACTIVATIONS.items()}


def _costs() -> Meanings:
    from chainrule.symbolic.layers.costs import COSTS, LABEL_COSTS

    labels = dict.fromkeys(LABEL_COSTS, ', or with targets = "labels" whole numbers')
    return {
        name: f"{_with_constants(entry.expression, entry.constants)}; {_targets(entry)}{labels.get(name, '')}"
        for name, entry in COSTS.items()
    }


def _layers() -> Meanings:
    """What a kind of layer does, and its keys: those in brackets may be left out."""
    from chainrule.symbolic.layers import KINDS

    meanings = {}
    for name, kind in KINDS.items():
        keys = [key if option.is_required else f"[{key}]" for key, option in kind.options.items()]
        keys += ["[activation]"] if kind.takes_activation else []
        meanings[name] = f"{kind.meaning}; {', '.join(keys)}" if keys else kind.meaning
    return meanings


def _optimisers() -> Meanings:
    from chainrule.symbolic.layers.optimisers import OPTIMISERS

    return {name: entry.title for name, entry in OPTIMISERS.items()}


def _notations() -> Meanings:
    from chainrule.codegen.formulas.notation_file import NOTATIONS

    return {name: notation.meaning for name, notation in NOTATIONS.items()}


def _dialects() -> Meanings:
    from chainrule.codegen.formats.markdown import DIALECTS

    return {name: dialect.meaning for name, dialect in DIALECTS.items()}


def _lengths() -> Meanings:
    from chainrule.codegen.formulas.notation import LENGTHS

    return LENGTHS


def _languages() -> Meanings:
    from chainrule.codegen.words.translation import LANGUAGES

    return {tag: language.name for tag, language in LANGUAGES.items()}


def _derivatives() -> Meanings:
    from chainrule.codegen.program.derivative_kinds import DERIVATIVES

    return DERIVATIVES


def _passes() -> Meanings:
    from chainrule.codegen.backends.fast.pass_table import OPTIONAL

    return {entry.name: entry.does for entry in OPTIONAL}


def _formats() -> Meanings:
    from chainrule.codegen.courses.registry import COURSE_FORMATS
    from chainrule.codegen.formats.registry import FORMATS

    return FORMATS | {name: entry.meaning for name, entry in COURSE_FORMATS.items()}


def _pieces() -> Meanings:
    from chainrule.codegen.formats.pieces import PIECE_FORMATS

    return {name: piece.meaning for name, piece in PIECE_FORMATS.items()}


def _limits() -> Meanings:
    from chainrule.symbolic.index.limits import LIMITS

    return LIMITS


#: Every list by its name. Each imports what it lists when it is asked for.
LISTS: Mapping[str, Callable[[], Meanings]] = {
    "activations": _activations,
    "costs": _costs,
    "layers": _layers,
    "optimisers": _optimisers,
    "notations": _notations,
    "languages": _languages,
    "lengths": _lengths,
    "dialects": _dialects,
    "derivatives": _derivatives,
    "passes": _passes,
    "formats": _formats,
    "pieces": _pieces,
    "limits": _limits,
}


def _targets(cost: Cost) -> str:
    of = "" if len(cost.layers) == 1 else f"from = {' and '.join('abc'[: len(cost.layers)])}: {', '.join(cost.layers)}; "
    return of + (f"targets are {cost.targets.value}" if cost.has_target else "no targets")


def _with_constants(expression: str, constants: Mapping[str, float]) -> str:
    values = ", ".join(f"{name} = {value:g}" for name, value in constants.items())
    return f"{expression} ({values})" if values else expression
