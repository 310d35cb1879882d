"""What `predict` of a module returns, by the names of the tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.system import System


def predictions(system: System, holder: Any, params: Any, inputs: Sequence[NumericArray]) -> dict[str, NumericArray]:
    """Of a module or its workspace; none where nothing says what the network predicts."""
    if not system.outputs:
        return {}
    found = holder.predict(params, *inputs)
    return dict(zip(system.outputs, (found,) if len(system.outputs) == 1 else found, strict=True))
