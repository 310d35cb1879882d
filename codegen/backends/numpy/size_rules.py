"""Sizes that follow from others, as lines of a module: N_u = (N_l - N_p) // 2 + 1."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Max, Min, Mul, Symbol, floor

from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.system.system import System


def rule_lines(axis: str, rule: Expr, system: System) -> list[str]:
    """The assignment, and a ValueError where it leaves no position."""
    name = size_name(axis)
    written = size_source(rule.xreplace(system.known_sizes))
    sizes = sorted(sizes_in(rule, system))
    found = ", ".join(f"{size} = {{{size}}}" for size in sizes)
    return [
        f"{name} = {written}",
        f"if {name} < 1:",
        f'    raise ValueError(f"{name} = {written} is {{{name}}} for {found}, expected at least 1")',
    ]


def sizes_in(rule: Expr, system: System) -> set[str]:
    """The names of the sizes that a rule reads from arrays or from other rules."""
    return {str(symbol) for symbol in rule.xreplace(system.known_sizes).free_symbols}


def size_source(rule: Expr) -> str:
    """A formula in sizes as Python writes it, with // for a division rounded down."""
    match rule:
        case Symbol() | Integer():
            return str(rule)
        case Max() | Min():
            return f"{'max' if isinstance(rule, Max) else 'min'}({', '.join(sorted(map(size_source, rule.args)))})"
        case floor():
            above, below = rule.args[0].as_numer_denom()
            return f"{_bracketed(above)} // {below}"
        case Mul():
            factor, rest = rule.as_coeff_Mul()
            return f"-{_bracketed(rest)}" if factor == -1 else f"{factor} * {_bracketed(rest)}"
        case Add():
            return _terms(rule)
        case _:
            raise NotExpressible(f"there is no rule to write a size as {type(rule).__name__}: {rule}")


def _bracketed(part: Expr) -> str:
    return size_source(part) if isinstance(part, Symbol | Integer | Max | Min) else f"({size_source(part)})"


def _terms(rule: Add) -> str:
    """Positive terms first, numbers last: (N_l - N_p) // 2 + 1."""
    ordered = sorted(rule.args, key=lambda term: (bool(term.is_number), term.could_extract_minus_sign(), str(term)))
    written = ""
    for term in ordered:
        negative = term.could_extract_minus_sign()
        text = size_source(-term if negative else term)
        written += (f" - {text}" if negative else f" + {text}") if written else (f"-{text}" if negative else text)
    return written
