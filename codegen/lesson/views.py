"""The views that documents of dense layers in a row show: one example, one neuron that feeds two, one neuron a layer, columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.codegen.checking.checker import Checker
from chainrule.codegen.formulas.notation import Notation
from chainrule.symbolic.forms.orientation import reoriented
from chainrule.symbolic.forms.single_entries import single_entries
from chainrule.symbolic.forms.without_axes import one_example, without_axes
from chainrule.symbolic.index.failures import InvalidDescription, NotExpressible
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.layers import Layout
from chainrule.symbolic.layers.costs import COSTS
from chainrule.symbolic.layers.network import Network

from .numbering import Numbering
from .view import NetworkView


@dataclass(frozen=True)
class NetworkViews:
    """Views of one network; None where there is no such view of it."""

    network: Network | None
    notation: Notation
    checker: Checker
    numbering: Numbering

    @cached_property
    def plain(self) -> Network | None:
        """The network with weights (out, in), targets that are numbers, and no penalty: what the views are made of."""
        if self.network is None:
            return None
        try:
            network = replace(self.network, regularisation={}, layout=Layout())
            if network.chosen_cost.targets is Values.LABELS:
                if network.chosen_cost.name not in COSTS or COSTS[network.chosen_cost.name].targets is Values.LABELS:
                    return None
                network = replace(network, targets=None)
            _ = network.system
        except InvalidDescription:
            return None
        return network

    def view(self, system: object) -> NetworkView:
        return NetworkView(system, self.notation, self.checker, self.numbering)  # type: ignore[arg-type]

    @cached_property
    def one_example(self) -> NetworkView | None:
        """Vectors: the index of the examples is gone."""
        if self.plain is None:
            return None
        try:
            return self.view(one_example(self.plain.system))
        except NotExpressible:
            return None

    @cached_property
    def batch(self) -> NetworkView | None:
        """All examples at once, as rows or as columns, whichever the notation wants."""
        return self.view(reoriented(self.plain.system, self.notation.examples)) if self.plain else None

    @cached_property
    def one_neuron_per_layer(self) -> NetworkView | None:
        """The last two layers with a single neuron each."""
        if self.plain is None:
            return None
        network = self.of_sizes(1, [1] * min(2, len(self.plain.layers)))
        try:
            view = self.view(without_axes(network.system, set(network.system.axes)))
            return view if f"z{len(network.layers)}" in view.slopes else None
        except NotExpressible:
            return None

    @cached_property
    def one_feeding_two(self) -> NetworkView | None:
        """Two inputs, one neuron, and two that it feeds, entry by entry."""
        if self.plain is None:
            return None
        try:
            entries = single_entries(one_example(self.of_sizes(2, [1, 2]).system))
        except NotExpressible:
            return None
        view = self.view(entries.system)
        return view if "z1_1" in view.slopes else None

    def of_sizes(self, features: int, units: list[int]) -> Network:
        """The last layers' activations and the cost, with other numbers of units."""
        assert self.plain is not None
        layers = [self.plain.layers[-1]] * len(units) if len(self.plain.layers) < len(units) else self.plain.layers[-len(units) :]
        resized = [replace(layer, options={**layer.options, "units": count}, name=None) for layer, count in zip(layers, units, strict=True)]
        return replace(self.plain, input=features, layers=resized)
