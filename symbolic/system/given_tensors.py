"""What of the tensors that a network is given may have a gradient: those whose entries are real numbers, which move by a little."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.tensors import Role, Tensor

from .system import System


def differentiated_by(system: System, names: Iterable[str]) -> System:
    """The system, its cost differentiated by these tensors too; intermediates and parameters among them have a gradient in any case.

    Raises:
        InvalidDescription: where a tensor holds labels, or there is none of that name.
    """
    added = []
    for name in dict.fromkeys(names):
        if name not in system.tensors:
            raise InvalidDescription(f"no gradient of {name!r}; {expected_one_of(name, system.tensors)}")
        tensor = system.tensors[name]
        refuse_labels(tensor)
        if tensor in (*system.inputs, *system.targets) and name not in system.wrt:
            added.append(name)
    return replace(system, wrt=(*system.wrt, *added)) if added else system


def differentiated_by_one(system: System, name: str) -> System:
    """The system, its cost differentiated by this tensor alone, if it is there; parameters count as inputs."""
    tensors = {
        other: replace(tensor, role=Role.INPUT) if tensor.role is Role.PARAMETER else tensor for other, tensor in system.tensors.items()
    }
    return replace(system, tensors=tensors, wrt=(name,) if name in tensors else ())


def refuse_labels(tensor: Tensor) -> None:
    """Raises `InvalidDescription` where a tensor's entries are labels."""
    if tensor.is_integer:
        message = "its entries are labels, whole numbers, and nothing has a slope along them"
        raise InvalidDescription(f"no gradient of {tensor.name!r}: {message}")


def real_inputs(system: System) -> tuple[str, ...]:
    """The inputs that may have a gradient.

    Raises:
        InvalidDescription: where there is none.
    """
    found = tuple(tensor.name for tensor in system.inputs if not tensor.is_integer)
    if not found:
        given = ", ".join(tensor.name for tensor in system.inputs)
        reason = f"{given} holds labels, whole numbers, and nothing has a slope along them" if given else "the network has no inputs"
        raise InvalidDescription(f"input_gradients: {reason}")
    return found
