"""Index letters inside expressions: which are free, which are bound by a sum, and how to replace them without capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import sympy
from sympy import Basic, Expr, Indexed, Pow, Sum, Symbol

from .axes import axis_name, fresh, limits
from .index_sum import IndexSum
from .named_functions import BINDERS, bound_letters, determinant

#: Expressions of which is kept how they are written and what they read: many formulas have the same parts.
KEPT = 4096
#: Functions that SymPy looks long at.
WELL_KNOWN = (sympy.exp, sympy.tanh)


def nodes(expression: Basic, closed: tuple[type[Basic], ...] = ()) -> Iterator[Basic]:
    """Every node of an expression, parents first; the inside of a tensor's name is no node of ours, nor that of `closed` nodes."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        # Letters and numbers have nothing inside.
        if node.args and not (closed and isinstance(node, closed)):
            stack.extend(reversed(_inside(node)))


def _inside(node: Basic) -> Sequence[Basic]:
    """The nodes right below one."""
    parts: Sequence[Basic] = node.args
    match node:
        case Indexed():
            return parts[1:]
        case Sum():
            return (node.function, *(limit[0] for limit in node.limits))
        case determinant():
            # The entry of the inverse beside it has no part in its value.
            return parts[:3]
        case _:
            return parts


@lru_cache(maxsize=KEPT)
def holds(expression: Basic, *kinds: type[Basic]) -> bool:
    """Whether a node is of one of these kinds. SymPy's `has` takes several times as long, as it also looks inside of tensors' names."""
    return any(isinstance(node, kinds) for node in _one_of_each_kind(expression).values())


@lru_cache(maxsize=KEPT)
def _one_of_each_kind(expression: Basic) -> Mapping[object, Basic]:
    """A node for each type of nodes; a power of e is an exponential too."""
    found: dict[object, Basic] = {(type(expression), isinstance(expression, Pow) and expression.base is sympy.E): expression}
    for part in _inside(expression):
        found |= _one_of_each_kind(part)
    return found


def names_read(expression: Basic, closed: tuple[type[Basic], ...] = ()) -> dict[str, None]:
    """Names of tensors and plain symbols that are read, as an ordered set (index letters are no tensors), those in `closed` nodes not."""
    return dict.fromkeys(_names_read(expression, closed))


@lru_cache(maxsize=KEPT)
def _names_read(expression: Basic, closed: tuple[type[Basic], ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for node in nodes(expression, closed):
        if isinstance(node, Indexed):
            found[node.base.name] = None
        elif isinstance(node, Symbol) and not node.is_integer:
            found[str(node.name)] = None
    return tuple(found)


def names_inside(expression: Basic, kind: type[Basic]) -> dict[str, None]:
    """The names that are read inside of nodes of a kind."""
    return {name: None for node in nodes(expression) if isinstance(node, kind) for name in names_read(node)}


@lru_cache(maxsize=KEPT)
def is_letter(node: Basic) -> bool:
    """Index letters are integers of any sign; sizes (N, N_k) are positive, tensors and constants real."""
    return isinstance(node, Symbol) and bool(node.is_integer) and not node.is_positive


def is_position(place: Basic, letter: Symbol) -> bool:
    """Whether a place is one of the positions over which a letter runs: a letter of the same axis, or a label."""
    if isinstance(place, Indexed):
        return bool(place.base.is_integer) and all(map(is_letter, place.indices))
    return is_letter(place) and axis_name(place) == axis_name(letter)


@lru_cache(maxsize=KEPT)
def letters(expression: Basic) -> frozenset[Symbol]:
    """Every index letter of an expression, bound and free."""
    return frozenset(node for node in nodes(expression) if is_letter(node))


@lru_cache(maxsize=KEPT)
def free_letters(expression: Basic) -> frozenset[Symbol]:
    """The index letters on which an expression's value depends."""
    match expression:
        case Symbol():
            return frozenset((expression,)) if is_letter(expression) else frozenset()
        case Sum():
            inside = free_letters(expression.function)
            return inside - {limit[0] for limit in expression.limits}
        case Indexed():
            return frozenset().union(*(free_letters(part) for part in expression.args[1:]))
        case _ if isinstance(expression, BINDERS):
            return free_letters(expression.args[0]) - set(bound_letters(expression))
        case _:
            return frozenset().union(*(free_letters(part) for part in expression.args))


def bound_sum(expression: Expr, *bound: Symbol) -> Expr:
    """Σ over the letters, in the order of their names so that equal sums are equal objects."""
    ordered = sorted(bound, key=lambda letter: letter.name)
    return IndexSum(expression, *(limits(letter) for letter in ordered)) if ordered else expression


def substitute(expression: Expr, mapping: Mapping[Symbol, Expr]) -> Expr:
    """The expression with letters replaced; a sum whose own letter is in the way gets another one first."""
    if not mapping:
        return expression
    arriving = set().union(*(free_letters(value) for value in mapping.values()))
    return bound_apart(expression, arriving | set(mapping)).xreplace(dict(mapping))


def bound_apart(expression: Expr, taken: set[Symbol]) -> Expr:
    """The expression with bound letters outside of `taken`."""
    if not expression.has(Sum, *BINDERS):
        return expression
    if isinstance(expression, BINDERS):
        parts = [bound_apart(part, taken) for part in expression.args]
        others: dict[Symbol, Expr] = {}
        for letter in bound_letters(expression):
            if letter in taken:
                others[letter] = fresh(letter, taken | letters(parts[0]) | set(others.values()))
        return expression.func(*(part.xreplace(others) for part in parts))
    if isinstance(expression, Sum):
        inside = bound_apart(expression.function, taken)
        own = [limit[0] for limit in expression.limits]
        # A letter that nothing inside reads is one of the sum's own all the same.
        avoid = taken | letters(inside) | set(own)
        renamed = {}
        for letter in own:
            if letter in taken:
                renamed[letter] = fresh(letter, avoid)
                avoid = avoid | {renamed[letter]}
        return bound_sum(inside.xreplace(renamed), *(renamed.get(letter, letter) for letter in own))
    return _of_parts(expression, tuple(bound_apart(part, taken) for part in expression.args))


@lru_cache(maxsize=KEPT)
def tidy(expression: Expr, outside: frozenset[Symbol] | None = None) -> Expr:
    """Bound letters with as few primes as possible, so that the same sum is always written the same."""
    if not expression.has(Sum, *BINDERS):
        return expression
    taken = frozenset(free_letters(expression)) if outside is None else outside
    if isinstance(expression, BINDERS):
        return _tidy_binder(expression, taken)
    if isinstance(expression, Sum):
        return _tidy_sum(expression, taken)
    return _of_parts(expression, tuple(tidy(part, taken) for part in expression.args))


def _tidy_sum(expression: Sum, taken: frozenset[Symbol]) -> Expr:
    own = sorted((limit[0] for limit in expression.limits), key=lambda letter: letter.name)
    avoid = set(taken) | (free_letters(expression.function) - set(own))
    chosen: dict[Symbol, Symbol] = {}
    for letter in own:
        chosen[letter] = fresh(letter, avoid)
        avoid.add(chosen[letter])
    inside = expression.function
    if any(letter != new for letter, new in chosen.items()):
        away = {letter: Symbol(f"{letter.name}@", integer=True) for letter in own}
        inside = substitute(bound_apart(inside, set(own)).xreplace(away), {away[letter]: new for letter, new in chosen.items()})
    written = tidy(inside, taken | frozenset(chosen.values()))
    # A letter that nothing inside reads is another one all the same.
    is_same = written is expression.function and own == [*chosen.values()]
    return expression if is_same else bound_sum(written, *chosen.values())


def renamed(expression: Expr, letters: Mapping[Symbol, Expr]) -> Expr:
    """The expression with letters replaced, different ones by different ones."""
    if expression in letters:
        return letters[expression]
    return _of_parts(expression, tuple(renamed(part, letters) for part in expression.args))


def _of_parts(expression: Expr, parts: tuple[Basic, ...]) -> Expr:
    """The expression with parts that have other letters; nothing else is new, and SymPy need not look whether exp(Σ u) is simpler."""
    if parts == expression.args:
        return expression
    return expression.func(*parts, evaluate=False) if isinstance(expression, WELL_KNOWN) else expression.func(*parts)


def _tidy_binder(expression: Expr, taken: frozenset[Symbol]) -> Expr:
    away = {letter: Symbol(f"{letter.name}@", integer=True) for letter in bound_letters(expression)}
    # A binder inside may use the same letter for its own.
    parts = [bound_apart(part, set(away)).xreplace(away) for part in expression.args]
    chosen: dict[Symbol, Expr] = {}
    for letter, mark in away.items():
        others = free_letters(parts[0]) - set(away.values())
        chosen[mark] = fresh(letter, {*taken, *others, *chosen.values()})
    return expression.func(*(tidy(substitute(part, chosen), taken | frozenset(chosen.values())) for part in parts))
