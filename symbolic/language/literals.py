"""Numbers of a text, exactly as they are written, and within limits: no text, however short, can make the reader work for long."""

from __future__ import annotations

import ast
import re

import sympy
from sympy import Expr, Indexed, Integer, Rational, Sum, Symbol

from chainrule.symbolic.index.limits import (
    LARGEST_DECIMAL,
    LARGEST_EXPONENT,
    LARGEST_NUMBER,
    LONGEST_NUMBER,
    SMALLEST_DECIMAL,
    SMALLEST_NUMBER,
)
from chainrule.symbolic.index.real_functions import of_real_numbers

from .syntax import Syntax

LARGEST_BITS = 4 * LONGEST_NUMBER
NUMBER = re.compile(r"[0-9_]*\.?[0-9_]*([eE][+-]?[0-9_]+)?(?<=[0-9.])")
NO_NUMBERS = (Symbol, Indexed, Sum)


def number(node: ast.Constant, syntax: Syntax) -> Expr:
    """A number exactly as it is written: 0.01 is 1/100."""
    value = node.value
    if isinstance(value, int):
        if abs(value) < 10**LONGEST_NUMBER:
            return Integer(value)
        raise syntax.at(node, f"a number of more than {LONGEST_NUMBER} digits")
    written = ast.get_source_segment(syntax.text, node) or ""
    # What a shorthand is written out with stands nowhere in the text.
    written = written if NUMBER.fullmatch(written) and float(written) == value else repr(value)
    exponent = re.search(r"[eE]([+-]?\d+)$", written)
    if not (exponent and abs(int(exponent.group(1))) > LONGEST_NUMBER):
        exact = Rational(written.replace("_", ""))
        if exact == 0 or SMALLEST_DECIMAL < abs(exact) < LARGEST_DECIMAL:
            return exact
    raise syntax.at(node, f"the number {written[:50]} is outside {SMALLEST_DECIMAL:.0e} … {LARGEST_DECIMAL:.0e}")


def power(value: Expr, exponent: Expr, node: ast.BinOp, syntax: Syntax) -> Expr:
    """value**exponent, refused before it is worked out where that would take long or is no real number."""
    if exponent.is_number and abs(exponent) > LARGEST_EXPONENT:
        raise syntax.at(node.right, f"the exponent {exponent} is beyond ±{LARGEST_EXPONENT}")
    if exponent.is_number and exponent.is_negative and value.is_number and value.is_zero:
        raise syntax.at(node.left, "a division by zero")
    if value.is_number and value.is_negative and exponent.is_number and exponent.is_integer is False:
        # To find out how it is complex takes long where the exponent is a fraction of many digits.
        raise syntax.at(node, "this power has no real value here")
    result = of_real_numbers(value**exponent)
    if result.is_Rational and max(abs(result.p), result.q).bit_length() > LARGEST_BITS:
        raise syntax.at(node, f"a number of more than {LONGEST_NUMBER} digits")
    if not exponent.is_Integer:
        check_real(result, node, syntax, "this power")
    return result


def check_real(result: Expr, node: ast.AST, syntax: Syntax, what: str) -> None:
    """Refuses what SymPy has found to be infinite or complex."""
    if result.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I):
        raise syntax.at(node, f"{what} has no real value here")


def check_moderate(result: Expr, node: ast.AST, syntax: Syntax) -> None:
    """Refuses a number that does not exist, that a float cannot hold, or that cannot be told from 0, by which one must not divide."""
    # Most expressions show at a glance that they are no numbers; to find out is slow where there are sums.
    if isinstance(result, NO_NUMBERS) or any(isinstance(part, NO_NUMBERS) for part in result.args):
        return
    if not result.is_number or result == 0 or (result.is_Rational and SMALLEST_NUMBER < abs(result) < LARGEST_NUMBER):
        return
    # The parts have passed already, so that nothing here takes long to evaluate.
    try:
        value = complex(result)
    except (OverflowError, TypeError, ValueError, ZeroDivisionError):
        value = complex("inf")
    if value.imag != 0 or not SMALLEST_NUMBER < abs(value.real) < LARGEST_NUMBER:
        raise syntax.at(node, f"this has no real value between {SMALLEST_NUMBER:.0e} and {LARGEST_NUMBER:.0e}")
