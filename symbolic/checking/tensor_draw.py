"""Of which scale random tensors are, and which of them are 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.symbolic.system.system import System


@dataclass(frozen=True, slots=True)
class TensorDraw:
    """Parameters are standard normal numbers times `scale`; `shift` is added to biases, or `everywhere`, to all parameters.

    Inputs are standard normal too; or 0 and 1, as masks are: those at places with these remainders by 2.
    """

    scale: float
    shift: float
    everywhere: bool = False
    switches: tuple[int, ...] = ()

    def switches_among(self, system: System) -> set[str]:
        """The inputs that are 0 and 1."""
        return {tensor.name for place, tensor in enumerate(system.inputs) if place % 2 in self.switches}


#: Tried in turn until all values are finite: outputs of any sign, positive ones, ones between 0 and 1, small ones; parameters that are all
#: between 0 and 1, such as probabilities of which a logarithm is taken; smaller ones, as large values go where a function is flat; masks;
#: parameters above 0 that together stay below 1, as in 1/(1 − α − β).
DRAWS = (
    TensorDraw(1.0, 0.0),
    TensorDraw(0.3, 2.0),
    TensorDraw(0.05, 0.5),
    TensorDraw(0.1, 0.0),
    TensorDraw(0.05, 0.5, everywhere=True),
    TensorDraw(1e-3, 0.0),
    TensorDraw(1.0, 0.0, switches=(0, 1)),
    TensorDraw(1.0, 0.0, switches=(1,)),
    TensorDraw(1.0, 0.0, switches=(0,)),
    TensorDraw(0.05, 0.2, everywhere=True),
)
