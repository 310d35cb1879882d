"""Random systems whose values depend on where axes end: boundaries that are formulas, recurrences over two axes, first entries by equations
of their own, placements, labels that are shifted, divisions by what is shifted. All sizes are open.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

#: What stands before the first step, a formula in the letter s.
BOUNDARIES = (
    "1",
    "exp(tanh(g[s]))",
    "where(s > 0, 0, v)",
    "0.5*s + g[s+1]",
    "g[s]/(1 + s)",
    "v*p[0,s]",
    "sum(t, x[t,s-1])*v",
    "cos(g[s-2])",
)
ADDED = ("x[t,s]", "x[t-1,s]*v", "q[t-1]*g[s]", "tanh(x[t+1,s-1])", "g[s+1]*x[t,s]", "x[t,s-2]*x[t,s+1]")
COSTS = (
    "sum(t, s, a[t,s]**2)",
    "sum(t, s, a[t,s]**2*g[s-1])",
    "mean(t, s, tanh(a[t,s+1])*x[t-1,s])",
    "sum(s, a[0,s]**2) + sum(t, a[t,0])",
    "sum(t, s, a[t-2,s]*a[t,s-1])",
)
MORE = (
    "",
    "y[1*s] = g[s+1]*v\ny[2+t] = q[t]\nz = sum(k, y[k]**2) + sum(k, y[k-1]*sin(y[k]))",
    "y[s+2*t] = g[s-1]*x[t+1,s]\nz = sum(k, y[k]**2)",
    "z = sum(t, E[lab[t+1]]*q[t]) + sum(t, E[lab[t-2]]**2)",
    "r[t,s] = x[t-1,s]/p[t-1,s]*g[s]\nz = sum(t, s, r[t+1,s-1]**2)",
    "r[t] = v**2*log(p[t,0])*q[t+1]\nz = sum(t, r[t-1]/p[t,0])",
)
#: The length of the axis k that placements make up.
LENGTHS = {"y[1*s]": lambda t, s: max(s, t + 2), "y[s+2*t]": lambda t, s: s + 2 * (t - 1)}


@dataclass(frozen=True)
class RandomRanges:
    """What `system_from_equations` takes."""

    equations: str
    parameters: tuple[str, ...]
    inputs: tuple[str, ...]

    @property
    def description(self) -> dict[str, Any]:
        return {"equations": self.equations, "parameters": self.parameters, "inputs": self.inputs}

    def sizes(self, steps: int, width: int) -> dict[str, int]:
        """The range of every letter."""
        length = next((length(steps, width) for left, length in LENGTHS.items() if left in self.equations), 1)
        return {"t": steps, "s": width, "m": 4, "k": length}


def random_ranges(number: int) -> RandomRanges:
    """The system with this number; always the same one."""
    rng = random.Random(number)
    steps = rng.choice(([1], [1], [1, 2], [2]))
    first = rng.choice(("boundary", "boundary", "boundary", "start", "none"))
    states = []
    for step in steps:
        beside = rng.choice((0, -1, 1, -2, 2))
        places = f"t-{step},s{beside:+d}" if beside else f"t-{step},s"
        # Where the state is out of range so is what it is divided by, but before the first step, where it has a value.
        below = f"p[t{'' if first == 'boundary' else f'-{step}'},{places.partition(',')[2]}]"
        form = rng.choice(("v*{0}", "tanh({0})", "{0}/{1}", "w*{0}*log({1})", "{0}**2/(1 + {1})", "{0}/(1 + {0}**2)"))
        states.append(form.format(f"a[{places}]", below))
    lines = [f"a[t,s] = {' + '.join([*states, rng.choice(ADDED)])}"]
    if first == "boundary":
        lines += [f"a[-{step},s] = {rng.choice(BOUNDARIES)}" for step in range(1, max(steps) + 1) if rng.random() < 0.8]
    if first == "start":
        lines += [f"a[{place},s] = {rng.choice(BOUNDARIES)}" for place in range(max(steps))]
    more = rng.choice(MORE)
    lines += more.splitlines()
    lines.append(f"C = {rng.choice(COSTS)} + v*w{' + z' if more else ''} + sum(s, g[s])")
    text = "\n".join(lines)
    inputs = ["x[t,s]", "p[t,s] in unit", "q[t]", *(["lab[t] in m"] if "lab[" in text else [])]
    parameters = ["v", "w", "g[s]", *(["E[m]"] if "E[" in text else [])]
    return RandomRanges(text, tuple(parameters), tuple(inputs))
