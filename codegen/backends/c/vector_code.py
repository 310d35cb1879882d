"""Loops that compute exp, tanh or erf of every entry, by vectors; what is left of a row behind the last one is computed entry by entry.

a1[n,j] = tanh(z1[n,j])     for n:  for j, WIDTH at a time:  a1[n, j…] = vectors_tanh(z1[n, j…])
                                    for the j behind these:  a1[n, j] = elementwise_tanh(z1[n, j])

Compilers make vectors of such loops too, but two comparisons and two choices of each limit of a function, with less of what a machine has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ElementType, Operand, Operation

from .entries import EntryCode
from .functions import BROUGHT, FUNCTIONS, of_reals
from .nests import Nest, renamed
from .products import ONE

#: Functions that C has for vectors as for single numbers.
OPERATORS = frozenset({"add", "subtract", "shift", "multiply", "divide", "negative", "square", "copy"})
#: Shorter rows have a whole vector on few machines.
FEWEST = 4


class NoVectors(Exception):
    """Something in a loop has no vectors."""


class VectorCode:
    """The body of a nest's innermost loop for several entries; `names` are the variables of its values, `held` those that have arrays."""

    def __init__(self, entries: EntryCode, nest: Nest, names: Mapping[str, str], held: Collection[str]) -> None:
        self.entries, self.places, self.nest, self.names, self.held = entries, entries.places, nest, names, held
        #: Values of the nest that are vectors: others are one number for the whole row.
        self.vectors: set[str] = set()
        self.brought: set[str] = set()

    def body(self, variables: Mapping[Symbol, str]) -> list[str]:
        """Nothing where the loop has no function that vectors are for, or something that they have not."""
        size = self.places.sizes.of_letter(self.nest.letters[-1])
        if size.isdigit() and int(size) < FEWEST:
            return []
        lines: list[str] = []
        try:
            for operation in self.nest.operations:
                lines += self._lines(operation, variables)
        except NoVectors:
            return []
        if not self.brought:
            return []
        self.entries.brought |= {"vectors", *self.brought}
        return lines

    def _lines(self, operation: Operation, variables: Mapping[Symbol, str]) -> list[str]:
        """A value, and where it is put."""
        letters = renamed(self.nest, operation, self.places)
        own = {letter: variables[other] for letter, other in letters.items()}
        innermost = self.places.layouts.stored(operation.result)[-1]
        found = [self._operand(operand, innermost, own) for operand in operation.operands]
        operands, is_vector = [text for text, _ in found], any(several for _, several in found)
        name = operation.result.name
        value = self._value(operation.function, operands, is_vector)
        made = f"const {'vector' if is_vector else self.entries.real} {self.names[name]} = {value};"
        if is_vector:
            self.vectors.add(name)
        if name not in self.held:
            return [made]
        if not is_vector or not self._is_row(operation.result, innermost):
            raise NoVectors
        return [made, f"*(unaligned *)&{self.places.entry(operation.result, own)} = {self.names[name]};"]

    def _operand(self, operand: Operand, innermost: Symbol, variables: Mapping[Symbol, str]) -> tuple[str, bool]:
        """As text, and whether it is a vector."""
        if not isinstance(operand, ArrayOperand):
            return self.entries.number(operand.array), False
        if operand.name in self.nest.made:
            return self.names[operand.name], operand.name in self.vectors
        if self.places.values[operand.name].kind is not ElementType.FLOAT:
            raise NoVectors
        entry = self.places.entry(operand, variables)
        if innermost not in operand.letters:
            return entry, False
        if not self._is_row(operand, innermost):
            raise NoVectors
        return f"*(const unaligned *)&{entry}", True

    def _value(self, function: str, operands: list[str], is_vector: bool) -> str:
        if function == "erf" and len(operands) == 2:
            operands = [f"{operands[1]} * {operands[0]}"]
        if function in BROUGHT:
            self.brought |= {function, *({f"vectors_{function}"} if is_vector else ())}
            return f"vectors_{function}({operands[0]})" if is_vector else BROUGHT[function].format(*operands)
        if function not in OPERATORS:
            raise NoVectors
        return of_reals(FUNCTIONS[function], *operands)

    def _is_row(self, operand: ArrayOperand, innermost: Symbol) -> bool:
        """Whether the numbers of a row lie side by side."""
        is_number = self.places.values[operand.name].kind is ElementType.FLOAT
        return is_number and operand.letters.count(innermost) == 1 and self.places.apart(operand, innermost) == ONE
