"""An optimiser's formulas as the source of a function, for the template."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.layers.optimisers import Optimiser
from chainrule.symbolic.system.system import System

from .expressions import NumpySource


def state_class(optimiser: Optimiser) -> str:
    """The name of the class of what it remembers."""
    return f"{optimiser.name.capitalize()}State".replace("Rmsprop", "RMSProp")


def own_system(optimiser: Optimiser) -> System:
    """That of its formulas, which know no network."""
    return System(optimiser.name, {}, {}, (), dict.fromkeys([*optimiser.constants, "t"], 0.0))


@cache
def optimiser_text(optimiser: Optimiser) -> Mapping[str, object]:
    """The source of one optimiser, the same in every module: its formulas for every array, and what it remembers."""
    source, text = NumpySource(own_system(optimiser)), PlainPrinter()
    state = optimiser.state
    class_name = state_class(optimiser) if state else None
    defaults = ", ".join(f"{name}={value!r}" for name, value in optimiser.constants.items())
    zeros = "Parameters(*(np.zeros_like(w) for w in params))"
    lines = []
    if state:
        fields = (["0"] if optimiser.counts_steps else []) + ["zeros" for _ in state]
        lines.append("if state is None:")
        lines.append(f"    zeros = {zeros}")
        lines.append(f"    state = {class_name}({', '.join(fields)})")
        lines += ["t = state.t + 1"] if optimiser.counts_steps else []
    lines.append("new = []")
    loop = ", ".join(["w", "g", *state])
    arrays = ", ".join(["params", "gradients", *(f"state.{name}" for name in state)])
    lines.append(f"for {loop} in zip({arrays}):")
    for name, expression in optimiser.expressions:
        lines.append(f"    # {name} := {text.text(expression)}")
        lines.append(f"    {name} = {source.line(array_form(expression), ()).text}")
    if state:
        lines.append(f"    new.append(({', '.join(['w', *state])}))")
        lines.append(f"{', '.join(['w', *state])} = (Parameters(*arrays) for arrays in zip(*new))")
        count = ["t"] if optimiser.counts_steps else []
        lines.append(f"return w, {class_name}({', '.join([*count, *state])})")
        returns, parameters = f"tuple[Parameters, {class_name}]", "params: Parameters, gradients: Parameters, state=None"
        documentation = f"One step of {optimiser.title}: new parameters, and the state to go on with."
    else:
        lines.append("    new.append(w)")
        lines.append("return Parameters(*new)")
        returns, parameters = "Parameters", "params: Parameters, gradients: Parameters"
        documentation = f"One step of {optimiser.title}: new parameters."
    return MappingProxyType(
        {
            "title": optimiser.title,
            "state_class": class_name,
            "fields": (["t: int"] if optimiser.counts_steps else []) + [f"{name}: Parameters" for name in state],
            "name": optimiser.name,
            "parameters": parameters,
            "defaults": defaults,
            "returns": returns,
            "documentation": documentation,
            "lines": tuple(lines),
        }
    )
