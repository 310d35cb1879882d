"""What a network predicts: tensors that are computed from what is given of a new example."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, located

from .system import System


def checked_outputs(system: System, names: Sequence[str]) -> tuple[str, ...]:
    """The names, each once.

    Raises:
        InvalidDescription: where no equation computes a tensor of that name, or from targets alone it is not known of a new example.
    """
    with located(("output",), "output: "):
        later = system.depending_on((*(tensor.name for tensor in system.targets), system.cost.tensor.name))
        known = [name for name in system.definition if name not in later]
        if names and not known:
            raise InvalidDescription("every equation reads a target, so that nothing is predicted of a new example")
        for name in names:
            if name == system.cost.tensor.name:
                raise InvalidDescription(f"{name!r} is the cost; {expected_one_of(name, known)}")
            if name in system.definition and name in later:
                read = system.leading_to([name])
                targets = ", ".join(tensor.name for tensor in system.targets if tensor.name in read)
                message = f"{name!r} is computed from the target {targets}, which a new example does not have"
                raise InvalidDescription(f"{message}; {expected_one_of(name, known)}")
            if name not in known:
                found = f"{name!r} is given, not computed" if name in system.tensors else f"no equation computes {name!r}"
                raise InvalidDescription(f"{found}; {expected_one_of(name, known)}")
    return tuple(dict.fromkeys(names))
