"""What a work may read: the arrays of one draw in the author's layout, by the usual spellings of their names."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from chainrule.symbolic.index.tensors import Role

from .convention import Layouts
from .python.values import Value
from .reference import Draw
from .spellings import Spellings, number

#: A rate of learning that no formula has by itself.
RATE = 0.37


@dataclass(frozen=True)
class GivenArrays:
    """The arrays of a draw by name; a name is asked for in any spelling, and what it gives is a new array each time."""

    layouts: Layouts
    draw: Draw
    spellings: Spellings
    kept: dict[str, Value] = field(default_factory=dict)

    def value(self, name: str) -> Value | None:
        system = self.layouts.reference.derivation.system
        # One example axis is called n or m by many; a tensor of that very name comes first.
        tensor = self.spellings.tensor(name)
        meaning = number(name)
        if tensor is not None and (tensor in (name, name.lower()) or meaning is None):
            own = system.tensors[tensor]
            if own.role is Role.COST:
                return None
            if tensor not in self.kept:
                self.kept[tensor] = np.array(self.layouts.laid(own, self.draw.arrays[tensor], self.draw))
            return self.kept[tensor].copy()
        if meaning is None:
            return system.constants.get(name)
        if meaning == "examples":
            return self.draw.examples
        if meaning == "penalty":
            named = [value for key, value in system.constants.items() if key in ("l2", "l2_half", "l1", name)]
            return named[0] if named else None
        return system.constants.get(name, RATE)

    def argument(self, name: str) -> Value | None:
        own = self.value(name)
        adjoint = self.spellings.system.adjoint_of.get(name)
        if own is not None or adjoint is None or name not in self.draw.arrays:
            return own
        return np.array(self.layouts.laid(self.spellings.system.tensors[adjoint], self.draw.arrays[name], self.draw))

    def is_first_value(self, name: str) -> bool:
        system = self.layouts.reference.derivation.system
        tensor = self.spellings.tensor(name)
        if tensor is None:
            return number(name) == "examples"
        return system.tensors[tensor].role in (Role.PARAMETER, Role.INPUT, Role.TARGET)
