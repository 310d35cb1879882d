"""What calls of a workspace take: for which sizes it is made, how its data are checked, how its parameters are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.codegen.backends.fast.ir.slices import Order
from chainrule.codegen.backends.numpy.arguments import Unpacking
from chainrule.codegen.backends.numpy.declared_values import check_line
from chainrule.codegen.backends.numpy.source import tuple_text
from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.sizes import in_order
from chainrule.symbolic.system.system import System


def given_sizes(system: System, sizes: Sequence[str]) -> list[str]:
    """The sizes that a workspace is made for, as its arguments are called."""
    return ["batch" if system.batch and size == size_name(system.batch) else size for size in sizes]


def same_as_before(tensor: Tensor) -> str:
    """Whether data are as those of the call before."""
    if tensor.is_integer:
        return f"np.shape({tensor.name}) == last._{tensor.name}_shape"
    return f"type({tensor.name}) is np.ndarray and {tensor.name}.dtype is last.dtype and {tensor.name}.shape == last._{tensor.name}_shape"


def checked_data(system: System) -> list[dict[str, object]]:
    """The functions that check data: all of them, and the inputs alone where nothing else is needed."""
    data = (*system.inputs, *system.targets)
    numbers = {tensor.name: str(number) for number, tensor in enumerate(data)}
    found: list[dict[str, object]] = []
    for function, documentation, tensors in (
        ("_data", "Data", data),
        ("_inputs", "Inputs", system.inputs),
        ("_targets", "Targets", system.targets),
    ):
        if tensors:
            names = ", ".join(tensor.name for tensor in tensors)
            found.append(
                {
                    "function": function,
                    "documentation": documentation,
                    "names": names,
                    "tensors": [argument(tensor, system) | {"number": numbers[tensor.name]} for tensor in tensors],
                }
            )
    return found


def workspace_arguments(system: System, sizes: Sequence[str]) -> str:
    """The sizes that a workspace is made for: the number of examples by position, others by name."""
    batch = size_name(system.batch) if system.batch else None
    first = "batch: int, " if batch in sizes else ""
    others = [size for size in sizes if size != batch]
    return f"{first}dtype=np.float64" + (", *, " + ", ".join(f"{size}: int" for size in others) if others else "")


def workspace_call(system: System, sizes: Sequence[str], holder: str = "", holder_of_type: str = "") -> str:
    """What a workspace is made for, where sizes and the type are known by their names, or are a holder's."""
    batch = size_name(system.batch) if system.batch else None
    others = [f"{size}={holder}{size}" for size in sizes if size != batch]
    return ", ".join([*([f"{holder}{batch}"] if batch in sizes else []), f"{holder_of_type}dtype", *others])


def size_checks(system: System, data: Sequence[Tensor]) -> list[str]:
    """The data and the parameters are checked, and the sizes that are not fixed are read from them."""
    unpacking = Unpacking(system, arguments=True)
    needed = {size_name(axis) for axis in system.axes}
    given = [(tensor, "") for tensor in data]
    parameters = [(tensor, "params.") for tensor in system.parameters]
    floats = [pair for pair in (*given, *parameters) if not pair[0].is_integer]
    has_rule = {axis for axis in system.axes if system.axes[axis].rule is not None}
    # What has a size that follows from others comes after those.
    floats.sort(key=lambda pair: any(axis_name(letter) in has_rule for letter in pair[0].axes))
    for tensor, holder in (*floats, *(pair for pair in given if pair[0].is_integer)):
        unpacking.check(tensor, holder, needed)
        if has_rule:
            unpacking.follow_rules(needed)
    return unpacking.lines


def open_sizes(system: System) -> list[str]:
    """Sizes that are not fixed and follow from no other."""
    return [
        size_name(axis)
        for axis in system.axes
        if system.axes[axis].size is None and system.axes[axis].rule is None and _has_data(axis, system)
    ]


def _has_data(axis: str, system: System) -> bool:
    tensors = (*system.inputs, *system.targets, *system.parameters)
    return any(axis == axis_name(letter) for tensor in tensors for letter in tensor.axes)


def size_lines(system: System) -> list[str]:
    """Sizes that follow from others."""
    unpacking = Unpacking(system, known=set(open_sizes(system)))
    unpacking.follow_rules({size_name(axis) for axis in in_order(system.axes)})
    return unpacking.lines


def shape_source(tensor: Tensor, system: System) -> str:
    return tuple_text([str(system.axis(letter).size or size_name(axis_name(letter))) for letter in tensor.axes])


def argument(tensor: Tensor, system: System) -> dict[str, str]:
    """Name, shape, and for integers below what they must be."""
    limit = ""
    if tensor.is_integer:
        axis = system.axes[tensor.points_into or ""]
        limit = str(axis.size or size_name(axis.name))
    along = system.axes[tensor.points_into] if tensor.points_into and not tensor.is_integer else None
    described = system.described_name(tensor.name)
    values = check_line(tensor, None if along is None else str(along.size) if along.size is not None else None, described)
    return {"name": tensor.name, "described": described, "shape": shape_source(tensor, system), "limit": limit, "declared": values or ""}


def stored_places(tensor: Tensor, orders: Mapping[str, Order]) -> tuple[int, ...]:
    """Which dimension of the memory each of a parameter's is."""
    order = orders[tensor.name]
    return tuple(order.index(place) for place in range(len(order)))


def unpacked(system: System) -> str:
    """The parameters as what they are unpacked to: W1, b1."""
    names = [tensor.name for tensor in system.parameters]
    return ", ".join(names) + ("," if len(names) == 1 else "")
