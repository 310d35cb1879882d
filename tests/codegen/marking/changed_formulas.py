"""One change in a formula that the tool printed in LaTeX: a sign, a factor, an index, a transpose or a sum."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ROW = re.compile(r"(?P<left>.*?) &= (?P<right>.*?)(?P<end> \\\\)?$")
#: Two letters below one of the weights, of which the order is that of rows and columns.
INDICES = re.compile(r"(?P<name>[wW]\^(?:\{[^{}]*\}|\d))_\{(?P<first>[a-z]'*)(?P<second>[a-z]'*)\}")
TRANSPOSED = re.compile(r"(?<=[\]\)])\\top|\^\{\\top\}")
#: A sum over the examples, which is all that makes a gradient of a sum: by index, of ones, along an axis.
SUM = re.compile(r"\\sum_\{n\} ")
ONES = re.compile(r" \\, \\mathbf\{1\}_\{[^{}]*\}$")
AXIS = re.compile(r"axis\} = (?P<axis>[01])")


@dataclass(frozen=True)
class ChangedFormula:
    """A text with a change in one line, and what the mistake may be called."""

    text: str
    line: int
    kinds: frozenset[str]
    formula: str


def changed_formulas(text: str) -> Iterator[ChangedFormula]:
    """A change at every place of the equations that have a line of their own, behind the forward pass."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        match = ROW.fullmatch(line)
        goes_on = number + 1 < len(lines) and lines[number + 1].startswith(" & ")
        if match is None or goes_on or not match["left"].strip() or "{cases}" in line:
            continue
        for kinds, right in _changes(match["right"]):
            formula = f"{match['left']} &= {right}{match['end'] or ''}"
            yield ChangedFormula("\n".join([*lines[:number], formula, *lines[number + 1 :]]), number + 1, frozenset(kinds.split()), formula)


def _changes(right: str) -> Iterator[tuple[str, str]]:
    yield "sign", rf"-\left({right}\right)"
    yield "factor", rf"2 \, \left({right}\right)"
    yield "mean", rf"\frac{{1}}{{N}} \, \left({right}\right)"
    for found in INDICES.finditer(right):
        if found["first"] != found["second"]:
            turned = f"{found['name']}_{{{found['second']}{found['first']}}}"
            yield "transpose", right[: found.start()] + turned + right[found.end() :]
    for found in TRANSPOSED.finditer(right):
        yield "transpose order shape", right[: found.start()] + right[found.end() :]
    for found in SUM.finditer(right):
        if not right[found.end() :].startswith(r"\sum"):
            yield "sum", right[: found.start()] + right[found.end() :]
    for found in ONES.finditer(right):
        yield "sum shape", right[: found.start()]
    for found in AXIS.finditer(right):
        yield "sum", f"{right[: found.start('axis')]}{1 - int(found['axis'])}{right[found.end('axis') :]}"
