"""What one may choose of a training run."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.symbolic.layers.optimisers import OPTIMISERS


@dataclass(frozen=True, slots=True)
class TrainingChoices:
    """`rate` None is the optimiser's own; training stops when the cost of what is held out has not fallen for `patience` epochs, 0 never.

    `held_out` is the share of the examples that the weights never see.
    """

    optimiser: str = "adam"
    rate: float | None = None
    batch: int = 32
    epochs: int = 100
    patience: int = 0
    seed: int = 0
    held_out: float = 0.2

    @property
    def learning_rate(self) -> float:
        return self.rate if self.rate is not None else OPTIMISERS[self.optimiser].constants["eta"]
