"""Random recurrences in the equation language, and the same networks written out step by step, without any recurrence.

    h[n,t,j] = tanh(b[j] + sum(k, U[j,k]*h[n,t-1,k]))        h0[n,j] = tanh(b[j] + sum(k, U[j,k]*0))
                                                             h1[n,j] = tanh(b[j] + sum(k, U[j,k]*h0[n,k])) …

The unrolling knows nothing of this project: it replaces text.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: {before} is the state some steps away, at the unit that stands beside it.
INPUTS = ("sum(i, W[j,i]*x[n,t,i])", "V[j]*x[n,t,0]", "sum(i, W[j,i]*tanh(x[n,t,i]))")
STATES = ("sum(k, U[j,k]*{before_k})", "u[j]*{before_j}", "sum(k, U[j,k]*{before_k}**2)/3")
CELLS = (
    "tanh({0} + {1} + b[j])",
    "sigmoid({0} + b[j])*{before_j} + (1 - sigmoid({0} + b[j]))*tanh({1})",
    "relu({0} + {1} + b[j])/2",
    "{before_j}/2 + sin({0} + {1})*b[j]",
    "tanh({0} + {1})*sigmoid({other_j} + b[j])",
)
COSTS = ("(h[n,t,j] - y[n,t,j])**2", "log(1 + exp(-y[n,t,j]*h[n,t,j]))", "h[n,t,j]*y[n,t,j] + g[n,t,j]**2")
#: The letter j as an index.
UNIT = re.compile(r"(?<=[\[,])j(?=[\],])")
BOUNDARIES = ("s[j]", "tanh(s[j])*x[n,0,1]", "")


@dataclass(frozen=True)
class RandomRecurrence:
    """Keyword arguments of `system_from_equations`, with a recurrence and without."""

    recurrent: dict[str, Any]
    unrolled: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.recurrent['equations']}\n\n{self.unrolled['equations']}"


def random_recurrence(number: int) -> RandomRecurrence:
    """The recurrence with this number; always the same one."""
    rng = random.Random(number)
    steps, sign = 3, rng.choice("---+")
    names = ("h", "g")
    cells = {name: _cell(name, names, rng, sign) for name in names}
    boundaries = {(name, distance): rng.choice(BOUNDARIES) for name in names for distance in (1, 2)}
    cost = rng.choice(COSTS)
    if "g[" not in cost:
        cost = f"{cost} + g[n,t,j]*h[n,t,j]"
    lines = [f"{name}[n,{_boundary(distance, steps, sign)},j] = {value}" for (name, distance), value in boundaries.items() if value]
    lines += [f"{name}[n,t,j] = {cells[name]}" for name in names]
    lines.append(f"C = mean(n, sum(t, j, {cost}))")
    order = range(steps) if sign == "-" else reversed(range(steps))
    plain = [f"{name}{t}[n,j] = {_at(cells[name], t, steps, boundaries)}" for t in order for name in names]
    plain.append("C = " + " + ".join(f"mean(n, sum(j, {_at(cost, t, steps, boundaries)}))" for t in range(steps)))
    return RandomRecurrence(_described(lines, steps), _described(plain, steps))


def _cell(name: str, names: tuple[str, ...], rng: random.Random, sign: str) -> str:
    distance = rng.choice((1, 1, 2))
    state = f"{rng.choice(names)}[n,t{sign}{distance},{{unit}}]"
    # g may read the state of h in the same step, which is computed before it.
    other = "h[n,t,j]" if name == "g" and rng.random() < 0.5 else f"h[n,t{sign}1,j]"
    before = {"before_k": state.format(unit="k"), "before_j": state.format(unit="j"), "other_j": other}
    inputs, states = rng.choice(INPUTS), rng.choice(STATES).format(**before)
    # Each tensor has parameters of its own.
    own = re.sub(r"\b([WVUub])\[", rf"\1{name}[", rng.choice(CELLS).format(inputs, states, **before))
    return own if f"{name}[n,t{sign}" in own else f"{own} + {name}[n,t{sign}1,j]/4"


def _boundary(distance: int, steps: int, sign: str) -> int:
    return -distance if sign == "-" else steps - 1 + distance


def _at(text: str, t: int, steps: int, boundaries: Mapping[tuple[str, int], str]) -> str:
    """The text at one step: states by their own names, the value at the boundary, or 0 beyond it."""

    def state(found: re.Match[str]) -> str:
        name, shift, unit = found.group(1), int(found.group(2) or 0), found.group(3)
        place = t + shift
        if 0 <= place < steps:
            return f"{name}{place}[n,{unit}]"
        value = boundaries.get((name, -place if place < 0 else place - steps + 1), "")
        return f"({UNIT.sub(unit, value)})" if value else "0"

    written = re.sub(r"\b([hg])\[n,t([+-]\d)?,(\w)\]", state, text)
    return re.sub(r"\b([xy])\[n,t,(\w)\]", rf"\1[n,{t},\2]", written)


SHAPES = {"W": "[j,i]", "V": "[j]", "U": "[j,k]", "u": "[j]", "b": "[j]"}


def _described(lines: list[str], steps: int) -> dict[str, Any]:
    text = "\n".join(lines)
    own = [f"{stem}{name}{shape}" for stem, shape in SHAPES.items() for name in "hg" if re.search(rf"\b{stem}{name}\[", text)]
    return {
        "equations": text,
        "parameters": [*own, *(["s[j]"] if re.search(r"\bs\[", text) else [])],
        "inputs": ["x[n,t,i]"],
        "targets": ["y[n,t,j]"],
        "sizes": {"i": 2, "j": 3, "t": steps},
        "batch": "n",
    }
