"""What a description is used with all the same and its author should know, each with its place: a warning is one line of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chainrule.codegen.files.toml_positions import line_of
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.index.failures import KeyPath
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.layers.assembly import own_names
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.dependence import passed_to
from chainrule.symbolic.system.system import System
from chainrule.symbolic.system.unused_names import unused_names
from chainrule.symbolic.system.value_bounds import doubtful_logarithms

from .reader import Description


@dataclass(frozen=True, slots=True)
class Remark:
    """One line on a description, and the line of its file that it is about, where there is one."""

    message: str
    line: int | None


def remarks(description: Description) -> Iterator[Remark]:
    """What nothing reads, and logarithms of what may be 0 or less."""
    system = description.system
    for name in unused_names(system):
        yield _remark(description, name, f"{name!r} is declared, and no equation reads it")
    printer = LanguageText(system)
    for equation, argument in doubtful_logarithms(system):
        name = equation.tensor.name
        message = f"{name} takes the logarithm of {printer.text(argument)}, which may be 0 or less as far as formulas and declarations say"
        yield _remark(description, name, message)


def remarks_on_effect(description: Description, names: Iterable[str]) -> Iterator[Remark]:
    """On the parameters of these names, on which the cost does not depend; not on those that are read in stop(…) alone, as is asked for."""
    system = description.system
    stopped = system.leading_to([system.cost.tensor.name]) - passed_to([system.cost.tensor.name], system.definition)
    for name in (name for name in names if name not in stopped):
        message = f"the cost does not depend on {name!r} at these sizes: its gradient is 0 at all numbers that were tried"
        yield _remark(description, name, message)


def _remark(description: Description, name: str, message: str) -> Remark:
    return Remark(message, line_of(description.source, _place(description.network, name)))


def _place(network: Network | System, name: str) -> KeyPath:
    """Where a tensor or constant has its place in a description: its declaration, its layer, or the equations."""
    if isinstance(network, Network):
        for number, placed in enumerate(network.connections):
            if name in {f"{own}{placed.suffix}" for own in own_names(placed)} or name in placed.layer.formula.constants:
                return "layers", number
        return ("inputs", name) if name in network.given_inputs else ("cost",)
    for role in (Role.INPUT, Role.TARGET, Role.PARAMETER):
        declared = [tensor.name for tensor in network.having(role)]
        if name in declared:
            return f"{role.value}s", declared.index(name)
    return ("constants", name) if name in network.constants else ("equations",)
