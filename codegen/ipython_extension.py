"""`%load_ext chainrule` in IPython and Jupyter: networks and descriptions are typeset too, as the equations that they stand for."""

from __future__ import annotations

from typing import Any

from chainrule.codegen.descriptions.reader import Description, described
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import System

from .build import letters_of
from .typeset_equations import typeset_equations


def load_ipython_extension(ipython: Any) -> None:
    """Derivations, gradients, Jacobians and their steps need no extension."""
    latex = ipython.display_formatter.formatters["text/latex"]
    for kind in (Network, System, Description):
        latex.for_type(kind, network_as_latex)


def network_as_latex(network: Network | System | Description) -> str:
    """The equations from the inputs to the cost, in the letters of the description."""
    description = network if isinstance(network, Description) else described(network)
    system = description.system
    return typeset_equations(
        IndexPrinter(system, letters_of(description)), [(equation.tensor.own_entry, equation.expression) for equation in system.equations]
    )
