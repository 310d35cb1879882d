"""Sizes as C writes them: numbers where they are fixed, macros where whoever compiles gives them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.sizes import EntryCount
from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.system.system import System

from .names import ascii_name


@dataclass(frozen=True)
class CSizes:
    """Of one system; macros begin with the module's own `prefix`."""

    system: System
    prefix: str

    def macro(self, size: str) -> str:
        return f"{self.prefix.upper()}_{ascii_name(size)}"

    def of_axis(self, axis: str) -> str:
        fixed = self.system.axes[axis].size
        return self.macro(size_name(axis)) if fixed is None else str(fixed)

    def of_letter(self, letter: Symbol) -> str:
        return self.of_axis(axis_name(letter))

    def count(self, count: EntryCount) -> str:
        """As a factor or a term."""
        factors = [self.macro(size) for size in count.open_sizes]
        if count.count == 1 and factors:
            return " * ".join(factors)
        return " * ".join([str(count.count), *factors])

    def entries(self, axes: tuple[str, ...]) -> str:
        """How many entries an array of these axes has: at least one."""
        fixed = math.prod(self.system.axes[axis].size or 1 for axis in axes)
        factors = [self.of_axis(axis) for axis in axes if self.system.axes[axis].size is None]
        return " * ".join([str(fixed), *factors] if fixed != 1 or not factors else factors)
