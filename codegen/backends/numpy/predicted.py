"""What `predict` of a module returns: the outputs that the description names, or the last layer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.codegen.formulas.plain_printer import shape_text
from chainrule.symbolic.system.system import System


@dataclass(frozen=True, slots=True)
class PredictedText:
    """The outputs' names in the cache and their types, and what the function says of them."""

    names: tuple[str, ...]
    said: str
    types: tuple[str, ...]

    @property
    def type(self) -> str:
        return self.types[0] if len(self.types) == 1 else "Prediction"

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """Of the class that holds several."""
        return list(zip(self.names, self.types, strict=True)) if len(self.types) > 1 else []


def predicted_text(system: System, is_of_layers: bool) -> PredictedText | None:
    """None where nothing says what the network predicts."""
    if not system.outputs:
        return None
    names = tuple(map(system.described_name, system.outputs))
    shapes = [shape_text(system, system.tensors[name]) for name in system.outputs]
    if is_of_layers:
        return PredictedText(names, f"The output of the last layer, {shapes[0]}", ("np.ndarray",))
    said = "What the network predicts: " + ", ".join(f"{name} {shape}" for name, shape in zip(names, shapes, strict=True))
    types = tuple("np.ndarray" if system.tensors[name].axes else "np.floating" for name in system.outputs)
    return PredictedText(names, said, types)
