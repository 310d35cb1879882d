"""Mistakes put into derivations, into this project's own functions, into generated modules and into documents, each as a change of text.

A mutation says what is replaced by what. The text that is replaced must be there: a table that no longer fits fails.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import sympy
from sympy import Expr

from chainrule import derive
from chainrule.codegen.backends.registry import BACKENDS, NUMPY, module_source
from chainrule.codegen.checking.loading import load_source
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.system.system import System

from .expressions import expression_from_text
from .mutated_networks import NETWORKS

#: Of modules in Python, whose source these change.
STYLES = tuple(BACKENDS[NUMPY].styles)


@dataclass(frozen=True)
class Formula:
    """The adjoint of `tensor`, changed in its last step and in everything that is made of it."""

    tensor: str
    old: str
    new: str


@dataclass(frozen=True)
class StepOnly:
    """One step of a derivation, the one by this rule, changed on the page alone: what follows is right again."""

    tensor: str
    rule: str
    old: str
    new: str


@dataclass(frozen=True)
class Function:
    """A function or method of this project, "chainrule.symbolic.rewriting.rewrites:_is_one_hot", with other text."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Module:
    """A generated module of one style, its first such lines changed."""

    style: str
    old: str
    new: str


@dataclass(frozen=True)
class Document:
    """A document in Markdown, its first such text changed."""

    old: str
    new: str


Change = Formula | StepOnly | Function | Module | Document


@dataclass(frozen=True)
class Mutant:
    """A derivation and its modules, something in them wrong."""

    derivation: Derivation
    modules: dict[str, ModuleType]


class DoesNotFit(Exception):
    """The text that a mutation replaces is not there."""


def mutant(network: str, change: Change) -> Mutant:
    """A network's derivation and modules with one mistake."""
    match change:
        case Formula():
            wrong = with_formula(right(network), change)
            return Mutant(wrong, _modules(wrong))
        case StepOnly():
            return Mutant(with_step(right(network), change), unchanged(network).modules)
        case Function():
            with changed_function(change):
                wrong = derive(NETWORKS[network]())
                _ = wrong.collected_forms
                return Mutant(wrong, _modules(wrong))
        case Module():
            name = f"{network}_{change.style}".replace(" ", "_").replace("-", "_")
            source = replaced(sources(network)[change.style], change.old, change.new)
            return Mutant(right(network), {**unchanged(network).modules, change.style: load_source(source, name)})
    raise TypeError(f"a {type(change).__name__} is not a change of a derivation or a module")


@functools.cache
def right(network: str) -> Derivation:
    """A network's derivation as it is."""
    return derive(NETWORKS[network]())


@functools.cache
def sources(network: str) -> dict[str, str]:
    """The sources of its modules in both styles."""
    return {style: module_source(right(network), style=style) for style in STYLES}


def unchanged(network: str) -> Mutant:
    """The same without a mistake; the modules are new ones, with nothing in their memory."""
    return Mutant(right(network), {style: load_source(source, f"{network}_{style}") for style, source in sources(network).items()})


def _modules(derivation: Derivation) -> dict[str, ModuleType]:
    return {style: load_source(module_source(derivation, style=style), f"{derivation.system.name}_{style}") for style in STYLES}


def replaced(text: str, old: str, new: str) -> str:
    """The first occurrence of `old`."""
    if old not in text or old == new:
        raise DoesNotFit(f"{old!r} is not there, or is not changed:\n{text}")
    return text.replace(old, new, 1)


def with_formula(derivation: Derivation, change: Formula) -> Derivation:
    """The last step ends in the changed formula, and the adjoint is that."""
    adjoint = derivation.adjoints[change.tensor]
    wrong = changed_expression(derivation.system, adjoint.expression, change.old, change.new)
    steps = (*adjoint.derived_steps[:-1], replace(adjoint.derived_steps[-1], after=wrong))
    adjoints = {**derivation.adjoints, change.tensor: replace(adjoint, expression=wrong, derived_steps=steps)}
    return Derivation(derivation.system, adjoints, derivation.network)


def with_step(derivation: Derivation, change: StepOnly) -> Derivation:
    """One step ends in the changed formula, of the tensor's own steps or else of those of its local derivatives."""
    adjoint = derivation.adjoints[change.tensor]

    def wrong(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        place = next(number for number, step in enumerate(steps) if step.rule == change.rule)
        after = changed_expression(derivation.system, steps[place].after, change.old, change.new)
        return (*steps[:place], replace(steps[place], after=after), *steps[place + 1 :])

    if any(step.rule == change.rule for step in adjoint.derived_steps):
        changed = replace(adjoint, derived_steps=wrong(adjoint.derived_steps))
    else:
        first, *others = adjoint.derived_paths
        changed = replace(adjoint, derived_paths=(replace(first, steps=wrong(first.steps)), *others))
    return Derivation(derivation.system, {**derivation.adjoints, change.tensor: changed}, derivation.network)


def changed_expression(system: System, expression: Expr, old: str, new: str) -> Expr:
    """An expression with another text."""
    return expression_from_text(replaced(str(expression), old, new), system)


@contextlib.contextmanager
def changed_function(change: Function) -> Iterator[None]:
    """The function with other text wherever it is imported; what was remembered of earlier calls is forgotten before and after."""
    module_name, _, path = change.name.partition(":")
    module = importlib.import_module(module_name)
    *holders, name = path.split(".")
    holder: Any = functools.reduce(getattr, holders, module)
    original = inspect.unwrap(getattr(holder, name))
    source = replaced(textwrap.dedent(inspect.getsource(original)), change.old, change.new)
    # Without decorators: what is remembered of calls of the right one must not be found.
    source = source[source.index("def ") :]
    made: dict[str, Any] = {}
    exec(compile(f"from __future__ import annotations\n{source}", f"<{change.name}, changed>", "exec"), original.__globals__, made)
    wrong = made[name]
    places = [holder] if holders else [other for other in _own_modules() if getattr(other, name, None) is getattr(module, name)]
    kept = getattr(holder, name)
    _forget()
    for place in places:
        setattr(place, name, wrong)
    with _in_tables(kept, wrong):
        try:
            yield
        finally:
            for place in places:
                setattr(place, name, kept)
            _forget()


@contextlib.contextmanager
def _in_tables(right: Callable[..., Any], wrong: Callable[..., Any]) -> Iterator[None]:
    """Rules hold their functions; those that hold this one hold the other for a while."""
    rules = [rule for module in _own_modules() for table in vars(module).values() if isinstance(table, tuple) for rule in table]
    fields = ("apply", "rewrite")
    holding = [(rule, field) for rule in rules for field in fields if getattr(rule, field, None) is right]
    for rule, field in holding:
        object.__setattr__(rule, field, wrong)
    try:
        yield
    finally:
        for rule, field in holding:
            object.__setattr__(rule, field, right)


def _own_modules() -> list[ModuleType]:
    return [module for name, module in sorted(sys.modules.items()) if name.split(".")[0] == "chainrule" and module is not None]


def _forget() -> None:
    """Empties the caches of this project and of SymPy."""
    for module in _own_modules():
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear") and getattr(value, "__module__", "").split(".")[0] == "chainrule":
                value.cache_clear()
    sympy.core.cache.clear_cache()
