"""Works with a mistake that is known: the lines of generated modules as a person would write them, one of them changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chainrule import Dense, Derivation, Layout, Network
from chainrule.codegen.backends.registry import module_source

SKIPPED = re.compile(r"_expect|_as_floats|return|= cache\.|= params\.|^\s*#|float\(")


def networks() -> dict[str, Network]:
    """Stacks of many kinds, in rows and columns, by name."""
    found = {}
    for rows in ("rows", "columns"):
        for weights in ("out-in", "in-out"):
            layout = Layout(rows, weights)  # type: ignore[arg-type]
            for activation in ("sigmoid", "tanh", "relu", "softplus"):
                name = f"{activation} {rows} {weights}"
                found[f"{name} quadratic"] = Network(3, [Dense(4, activation), Dense(2, activation)], "quadratic", layout=layout)
            found[f"softmax {rows} {weights}"] = Network(
                3, [Dense(5, "tanh"), Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy", layout=layout
            )
            found[f"labels {rows} {weights}"] = Network(
                3, [Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy", targets="labels", layout=layout
            )
            found[f"binary {rows} {weights}"] = Network(3, [Dense(4, "tanh"), Dense(2, "sigmoid")], "binary_cross_entropy", layout=layout)
            found[f"penalty {rows} {weights}"] = Network(
                3, [Dense(4, "sigmoid"), Dense(2)], "squared_error", layout=layout, regularisation={"l2": 0.1}
            )
    return found


def work_text(derivation: Derivation) -> str:
    """Forward pass, cost and backward pass of the plain module as one function, with the functions that they call."""
    source = module_source(derivation)
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    lines = source.split("\n")
    body = ["    N = x.shape[0]" if "N = x.shape[0]" in source else "    N = x.shape[1]"]
    for name in ("forward", "_cost_of", "backward"):
        node = functions[name]
        body += [line for line in lines[node.body[1].lineno - 1 : node.end_lineno] if line.strip() and not SKIPPED.search(line)]
    body = [line for place, line in enumerate(body) if line not in body[:place]]
    constants = [line for line in lines if re.match(r"[a-z]\w* = [\d.e-]+", line)]
    called = [name for name in functions if not name.startswith("_") and any(f"{name}(" in line for line in body)]
    helpers = ["\n".join(lines[functions[name].lineno - 1 : functions[name].end_lineno]) for name in called]
    arguments = ", ".join(tensor.name for tensor in (*derivation.system.inputs, *derivation.system.targets, *derivation.system.parameters))
    return "\n".join(["import numpy as np", "", *constants, *helpers, f"def gradients({arguments}):", *body, ""])


@dataclass(frozen=True)
class Planted:
    """A work with a mistake, the line that it is in, and its kind."""

    text: str
    line: int
    kinds: frozenset[str]
    what: str


def planted(text: str) -> Iterator[Planted]:
    """One mistake in each place of the gradients where it can be made."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        match = re.match(r"    (d\w+) = (.*)$", line)
        if match is None or "[" in match[1]:
            continue
        for kinds, changed, what in changes(match[1], match[2]):
            if changed != match[2]:
                yield Planted(
                    "\n".join([*lines[:place], f"    {match[1]} = {changed}", *lines[place + 1 :]]),
                    place + 1,
                    frozenset(kinds.split()),
                    f"{match[1]} = {match[2]} -> {changed} ({what})",
                )


def changes(name: str, right: str) -> Iterator[tuple[str, str, str]]:
    """The kinds of a mistake, the right side with it, and what was done."""
    yield "sign", f"-({right})", "sign"
    yield "factor", f"2 * ({right})", "twice"
    yield "factor", f"0.5 * ({right})", "half"
    yield "factor", f"3 * ({right})", "three times"
    if right.endswith(" / N"):
        yield "mean", right.removesuffix(" / N"), "no mean"
        yield "mean", f"{right} / N", "mean twice"
    if "@" in right and "+" not in right:
        left, _, other = right.partition(" @ ")
        yield "transpose", right.replace(".T", "", 1), "lost transpose"
        yield "transpose order", f"({right}).T", "transpose"
        yield "order transpose shape", f"{other} @ {left}", "order"
    if ".sum(axis=" in right:
        yield "sum", re.sub(r"axis=(\d)", lambda match: f"axis={1 - int(match[1])}", right), "axis"
        yield "sum", re.sub(r"\.sum\(axis=\d\)", "", right), "not summed"
        yield "mean", right.replace(".sum(", ".mean("), "mean in place of sum"
    if name.startswith("dz") and " * " in right:
        yield "factor", right.split(" * ")[0], "slope left out"
    for layer in re.findall(r"a(\d)", right):
        if name == f"dz{layer}":
            yield "place", re.sub(rf"\ba{layer}\b", f"z{layer}", right), "slope at z"
    if ">" in right:
        yield "mask", right.replace(">", "<"), "mask"
    if " + " in right and "W" in right:
        yield "penalty", right.split(" + ")[0], "no penalty"
        yield "penalty", f"{right} + {right.split(' + ')[1]}", "penalty twice"
