"""A layer of a network: its kind, what is set on it, and where its input comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, located, shown
from chainrule.symbolic.index.kink import Kink, chosen_kink
from chainrule.symbolic.index.limits import MOST_UNITS

from .activations import ACTIVATIONS, Activation
from .layer_equations import LayerKind
from .options import Options, chosen
from .registry import KINDS

#: Where neither a description nor the kind names an activation.
IDENTITY = Activation("identity", "z")


@dataclass(frozen=True)
class Layer:
    """One layer.

    Args:
        kind: a name of the table, as `chainrule list layers` prints it.
        options: what the kind lets one set.
        activation: a name of the table, a formula in `z`, or an `Activation`; None is what the kind has by itself.
        name: replaces the layer's number in the names of its tensors.
        constants: values of the activation's named constants.
        sources: the layers or inputs that it takes, by the names of their outputs (`a1`, `x`); none means the layer before.
        weights_of: the layer whose parameters it uses as its own.
        axis: the axis of an example along which the sums of the activation run, counted from 0 or by its word; None is that of classes.
        kink: "left", "middle" or "right": the slope that is taken at kinks; None is that of the network.

    Raises:
        InvalidDescription: where something is not possible; sizes that do not fit show when the network is made.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    activation: str | Activation | None = None
    name: str | None = None
    constants: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    weights_of: str | None = None
    axis: int | str | None = None
    kink: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidDescription(f"unknown kind of layer {self.kind!r}; {expected_one_of(self.kind, KINDS)}", ("kind",))
        if self.name is not None and not (isinstance(self.name, str) and self.name.isascii() and self.name.isidentifier()):
            raise InvalidDescription(f"a layer's name is letters, digits and underscores, found {self.name!r}", ("name",))
        _ = self.chosen_options
        least, most = self.definition.sources
        count = len(self.sources)
        if count > most or (count < least and (count or least > 1)):
            expected = f"{least}" if least == most else f"{least} to {most}"
            message = f"{self.kind} takes its input from {expected} layer{'s' if most > 1 else ''}, found {count} in from"
            raise InvalidDescription(message, ("from",))
        if self.activation is not None and not self.definition.takes_activation:
            message = f"{self.kind} takes no activation; a layer of kind {'activation'!r} applies one"
            raise InvalidDescription(message, ("activation",))
        _ = self.chosen_kink

    @property
    def definition(self) -> LayerKind:
        return KINDS[self.kind]

    @cached_property
    def chosen_options(self) -> Options:
        """The options with the defaults filled in."""
        return chosen(self.kind, self.definition.options, self.options)

    @cached_property
    def chosen_kink(self) -> Kink | None:
        return chosen_kink(self.kink)

    @cached_property
    def formula(self) -> Activation:
        """The activation as a formula with its constants' values."""
        choice = self.activation if self.activation is not None else self.definition.activation
        with located(("activation",)):
            return chosen_activation(choice, self.constants) if choice is not None else IDENTITY

    @property
    def units(self) -> int:
        """How many units a layer has that is made of units."""
        found: int = self.options["units"]
        return found

    @property
    def has_activation(self) -> bool:
        """Whether an equation of its own applies an activation; a dense layer always has one, if only a = z."""
        return self.activation is not None or self.definition.activation is not None


def Dense(
    units: int,
    activation: str | Activation = "identity",
    name: str | None = None,
    constants: Mapping[str, float] | None = None,
    sources: tuple[str, ...] = (),
) -> Layer:
    """The layer that is written most often: every unit sees every feature, a = f(W x + b)."""
    if not isinstance(units, int) or isinstance(units, bool) or not 1 <= units <= MOST_UNITS:
        raise InvalidDescription(f"units is a whole number from 1 to {MOST_UNITS}, found {shown(units)}", ("units",))
    return Layer("dense", {"units": units}, activation, name, constants or {}, sources)


def chosen_activation(choice: str | Activation, constants: Mapping[str, float]) -> Activation:
    """The activation that a name or a formula stands for, with the constants given put in."""
    if isinstance(choice, Activation):
        known = choice
    elif choice in ACTIVATIONS:
        known = ACTIVATIONS[choice]
    elif choice.isidentifier() and choice != "z" and choice not in constants:
        raise InvalidDescription(f"unknown activation {choice!r}; {expected_one_of(choice, [*ACTIVATIONS, 'a formula in z'])}")
    else:
        return Activation("formula", choice, dict(constants))
    unknown = [name for name in constants if name not in known.constants]
    if unknown:
        allowed = ", ".join(known.constants) or "none"
        raise InvalidDescription(f"the activation {known.name} has no constant {unknown[0]!r}; its constants: {allowed}", (unknown[0],))
    return replace(known, constants={**known.constants, **constants})
