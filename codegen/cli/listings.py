"""What a description may choose from, with a line on each, for `chainrule list`."""

from __future__ import annotations

from chainrule.codegen.backends.fast.pass_table import PASSES
from chainrule.codegen.formats.registry import FORMATS
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.program.second_program import DERIVATIVES
from chainrule.codegen.words.translation import LANGUAGES
from chainrule.symbolic.index.limits import LIMITS
from chainrule.symbolic.layers import KINDS
from chainrule.symbolic.layers.activations import ACTIVATIONS
from chainrule.symbolic.layers.costs import COSTS, LABEL_COSTS, Cost
from chainrule.symbolic.layers.optimisers import OPTIMISERS

Rows = list[tuple[str, str]]


def choices() -> dict[str, Rows]:
    """Every list by its name."""
    return {
        "activations": [(name, _with_constants(entry.expression, entry.constants)) for name, entry in ACTIVATIONS.items()],
        "costs": [
            (name, f"{_with_constants(entry.expression, entry.constants)}; {_targets(entry)}{_labels(name)}")
            for name, entry in COSTS.items()
        ],
        "layers": [(name, _layer(name)) for name in KINDS],
        "optimisers": [(name, entry.title) for name, entry in OPTIMISERS.items()],
        "notations": [(name, notation.meaning) for name, notation in NOTATIONS.items()],
        "languages": [(tag, language.name) for tag, language in LANGUAGES.items()],
        "derivatives": list(DERIVATIVES.items()),
        "passes": [(entry.name, entry.does) for entry in PASSES],
        "formats": list(FORMATS.items()),
        "limits": list(LIMITS.items()),
    }


def _layer(name: str) -> str:
    """What a kind of layer does, and its keys: those in brackets may be left out."""
    kind = KINDS[name]
    keys = [key if option.is_required else f"[{key}]" for key, option in kind.options.items()]
    keys += ["[activation]"] if kind.takes_activation else []
    return f"{kind.meaning}; {', '.join(keys)}" if keys else kind.meaning


def _targets(cost: Cost) -> str:
    of = "" if len(cost.layers) == 1 else f"from = {' and '.join('abc'[: len(cost.layers)])}: {', '.join(cost.layers)}; "
    return of + (f"targets are {cost.targets.value}" if cost.has_target else "no targets")


def _with_constants(expression: str, constants: object) -> str:
    values = ", ".join(f"{name} = {value:g}" for name, value in dict(constants).items())  # type: ignore[call-overload]
    return f"{expression} ({values})" if values else expression


def _labels(name: str) -> str:
    return ', or with targets = "labels" whole numbers' if name in LABEL_COSTS else ""
