"""What one kind of trial found of one thing."""

from __future__ import annotations

from dataclasses import dataclass

NOT_CHECKED = "not checked: 0 was compared with 0 alone, at all sizes and numbers that were tried; does it reach the cost?"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the table.

    Attributes:
        check: The kind of trial, one of CHECKS.
        subject: Of what: a parameter, a rewrite, a style of the module.
        tried: How many trials there were.
        largest: The largest difference, relative to what it is a part of; None where things are equal or not.
        numeric: The estimated error of the numeric value itself, on the same scale; None where no numeric value is compared with.
        failures: What is wrong, each in a line; empty where all is well.
        notes: What a reader must know: kinks on the way, trials that were drawn again.
        vacuous: How many things were compared that were 0 on both sides in every trial, though their formulas are not the number 0.
    """

    check: str
    subject: str
    tried: int
    largest: float | None = None
    numeric: float | None = None
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    vacuous: int = 0

    @property
    def failed(self) -> bool:
        return bool(self.failures or self.vacuous)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it failed, each in a line."""
        return (*self.failures, *((NOT_CHECKED,) if self.vacuous else ()))


#: Every check with what it asks.
CHECKS = {
    "steps": "both sides of every step of the derivation, evaluated on random tensors",
    "adjoints": "every adjoint against complex steps through the whole network",
    "rewrites": "every rewrite that fired, alone: the terms that it changed, before and after",
    "values": "every value of the module's forward pass against the equations in extended precision",
    "cost": "the module's cost against the equations in extended precision",
    "gradients": "the module's gradients against central differences of the equations with Richardson extrapolation",
    "forward mode": "gradient times direction (reverse mode) against one complex step along it (forward mode)",
    "styles": "every entry of every gradient in fast style against plain style",
    "self-check": "what the module says of itself: entries against differences of its own cost",
    "shapes": "gradients have the shapes and the types of their parameters, and the cost is a number",
    "calls": "the same call gives the same bits whatever is called between, and changes neither its arguments nor earlier results",
    "optimisers": "a step of each optimiser against its formula",
    "second derivatives": "the Hessian times a direction against differences of the gradient's equations, and its symmetry",
}
