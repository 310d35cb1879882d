"""A module in C: NAME.c, NAME.h, and NAME_c.py, which compiles it and has the interface of the NumPy module."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import ElementType
from chainrule.codegen.backends.fast.ir.sizes import extent_of
from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.layers.optimisers import OPTIMISERS
from chainrule.symbolic.system.system import System

from .comments import safe
from .functions import BROUGHT
from .names import Names, ascii_name
from .optimisers import OptimiserCode, optimiser_code
from .places import GRADIENTS, PARAMETERS, WORK, Member
from .program import CFunction, CProgram, c_program, compiled_for_c
from .sizes import CSizes

#: Names that functions have beside the network's.
OWN = frozenset({WORK, PARAMETERS, "found", "at", "count", "number"})
#: The bytes of an entry with double, and with float.
BYTES = {"double": 8, "float": 4}


@dataclass(frozen=True)
class CModule:
    """The program in C, the names in it, and what the templates put in."""

    program: CProgram
    system: System
    prefix: str
    sizes: CSizes
    arguments: Mapping[str, str]
    fields: Mapping[str, str]
    optimisers: tuple[OptimiserCode, ...]

    @property
    def real(self) -> str:
        return f"{self.prefix}_real"

    @property
    def upper(self) -> str:
        return self.prefix.upper()

    @property
    def brought(self) -> frozenset[str]:
        return frozenset().union(*(function.brought for function in self.program.functions))

    def texts(self) -> dict[str, object]:
        """For both templates of C."""
        sizes = self.default_sizes()
        forward = [WORK, PARAMETERS, *(self.arguments[tensor.name] for tensor in self.system.inputs)]
        with_targets = [*forward, *(self.arguments[tensor.name] for tensor in self.system.targets)]
        declared = self.declarations()
        signatures = [", ".join(declared[name] for name in names) for names in (forward, with_targets)]
        return {
            "prefix": self.prefix,
            "upper": self.upper,
            "real": self.real,
            "name": self.system.name,
            "sizes": [{"macro": self.sizes.macro(size), "number": number, "said": ""} for size, number in sizes.items()],
            "bytes_double": f"{self.bytes_of_workspace('double'):,}",
            "bytes_float": f"{self.bytes_of_workspace('float'):,}",
            "bytes_for": f" for {', '.join(f'{size} = {number}' for size, number in sizes.items())}" if sizes else "",
            "parameters": [self.parameter(tensor) for tensor in self.system.parameters],
            "gradients": GRADIENTS,
            "members": [self.member(member) for member in self.members],
            "forward": signatures[0],
            "with_targets": signatures[1],
            "names_forward": ", ".join(forward),
            "names_with_targets": ", ".join(with_targets),
            "functions": [
                self.function("void", "forward", self.program.functions[0], forward),
                self.function(self.real, "cost", self.program.functions[1], with_targets) | {"result": self.program.cost},
                self.function("void", "backward", self.program.functions[2], with_targets),
            ],
            "optimisers": [self.optimiser(code) for code in self.optimisers],
            "arrays": [f"arrays[{number}]" for number in range(len(with_targets))],
            "brought": self.brought,
            "has_vectors": not self.brought.isdisjoint({"product", "total", "largest", "inner", "vectors"}),
            "has_elementwise": not self.brought.isdisjoint(BROUGHT),
            "tensors": list(self.program.tensors.values()),
        }

    def declarations(self) -> dict[str, str]:
        """The functions' arguments with their types."""
        found = {
            WORK: f"{self.prefix}_workspace *{WORK}",
            PARAMETERS: f"const {self.prefix}_parameters *{PARAMETERS}",
        }
        for tensor in (*self.system.inputs, *self.system.targets):
            name = self.arguments[tensor.name]
            found[name] = f"const {'ptrdiff_t' if tensor.is_integer else self.real} *{name}"
        return found

    def function(self, result: str, name: str, code: CFunction, arguments: Sequence[str]) -> dict[str, object]:
        declared = self.declarations()
        reads = code.reads | ({WORK} if name == "cost" else set())
        return {
            "type": result,
            "name": name,
            "arguments": ", ".join(declared[argument] for argument in arguments),
            "unread": [argument for argument in arguments if argument not in reads],
            "lines": code.lines,
            "result": "",
        }

    def optimiser(self, code: OptimiserCode) -> dict[str, object]:
        arrays = [f"{self.real} *w", f"const {self.real} *g", *(f"{self.real} *{name}" for name in code.state)]
        return {
            "name": code.name,
            "title": code.title,
            "state": code.state,
            "numbers": code.numbers,
            "arguments": ", ".join([*arrays, "size_t count", *(f"double {number}" for number in code.numbers)]),
            "once": code.once,
            "lines": code.lines,
        }

    @property
    def members(self) -> list[Member]:
        """Numbers before tests, so that no gap is between two arrays."""
        return sorted(self.program.members, key=lambda member: member.kind is not ElementType.FLOAT)

    def member(self, member: Member) -> dict[str, str]:
        kind = self.real if member.kind is ElementType.FLOAT else "unsigned char"
        return {"type": kind, "name": member.name, "entries": " + ".join(map(self.sizes.count, member.entries)), "said": ""}

    def parameter(self, tensor: Tensor) -> dict[str, str]:
        """How a parameter lies: W1[j,i] at [i * 3 + j]."""
        order = self.program.at.layouts.orders[tensor.name]
        axes = tuple(map(axis_name, tensor.axes))
        terms: list[str] = []
        behind: tuple[str, ...] = ()
        for place in reversed(order):
            distance = self.sizes.entries(behind) if behind else ""
            terms.insert(0, f"{tensor.axes[place]}{f' * {distance}' if distance else ''}")
            behind = (axes[place], *behind)
        described = self.system.described_name(tensor.name)
        letters = ",".join(map(str, tensor.axes))
        said = f"{described}[{letters}] at [{' + '.join(terms)}]" if terms else described
        return {"name": self.fields[tensor.name], "entries": self.sizes.entries(axes), "said": safe(said)}

    def default_sizes(self) -> dict[str, int]:
        """One example, and for other sizes that are open those of the self-check."""
        sample = sample_sizes(self.system)
        found = {size_name(axis): sample[axis] for axis, own in self.system.axes.items() if own.size is None}
        if self.system.batch and size_name(self.system.batch) in found and not any(own.rule for own in self.system.axes.values()):
            found[size_name(self.system.batch)] = 1
        return found

    def bytes_of_workspace(self, kind: str) -> int:
        """As a compiler counts them: the structure ends where the next number could begin."""
        sizes, width = self.default_sizes(), BYTES[kind]

        def entries(member: Member) -> int:
            return sum(count.entries(sizes) for count in member.entries)

        total = sum(entries(member) * (width if member.kind is ElementType.FLOAT else 1) for member in self.program.members)
        axes = [tuple(map(axis_name, tensor.axes)) for tensor in self.system.parameters]
        total += sum(extent_of(own, self.program.at.system).entries(sizes) for own in axes) * width
        return math.ceil(total / width) * width


def c_module(derivation: Derivation, without: Collection[str] = frozenset()) -> CModule:
    """The program of a derivation in C.

    Raises:
        InvalidDescription: where something in it has no C.
        NotExpressible: where an equation has no array form.
    """
    at = compiled_for_c(derivation, without)
    system = derivation.system
    prefix = ascii_name(system.name)
    prefix = Names().of("module", prefix)
    sizes = CSizes(at.system, prefix)
    of_arguments, of_fields = Names(OWN), Names()
    arguments = {tensor.name: of_arguments.of(tensor.name, tensor.name) for tensor in (*system.inputs, *system.targets)}
    fields = {tensor.name: of_fields.of(tensor.name, tensor.name) for tensor in system.parameters}
    program = c_program(at, sizes, fields, arguments, f"{prefix}_real", OWN)
    optimisers = tuple(optimiser_code(optimiser, f"{prefix}_real") for optimiser in OPTIMISERS.values())
    return CModule(program, system, prefix, sizes, arguments, fields, optimisers)
