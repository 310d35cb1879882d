"""Scalar expressions as statements: what is read twice gets a name, what is read once stands where it is read, what nobody reads is gone.

da1_0 = dz2_0 * W2_00 + dz2_1 * W2_10
dz1_0 = da1_0 * a1_0 * (1.0 - a1_0)
"""

from __future__ import annotations

import keyword
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from chainrule.codegen.backends.numpy.line_breaking import broken
from chainrule.codegen.backends.numpy.lines import INDENT
from chainrule.codegen.backends.numpy.source import Source
from chainrule.codegen.formulas.printer import Precedence
from chainrule.symbolic.system.dependence import reached

from .graph import ScalarGraph
from .operations import OPERATIONS, WORDS

#: What the function itself reads.
TAKEN = frozenset("entries gradients pack np math float int type max abs ValueError".split())


#: Python takes no more than 200 brackets within each other, and nobody reads so many.
MOST_BRACKETS = 40


def nesting(source: str) -> int:
    """How many brackets are open at once."""
    deepest = depth = 0
    for sign in source if len(source) > MOST_BRACKETS else "":
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    return deepest


class ScalarNames:
    """Names of scalars, no two the same."""

    def __init__(self, taken: Collection[str]) -> None:
        self.taken = {*TAKEN, *keyword.kwlist, *taken, *(name for operation in OPERATIONS.values() for name in operation.imported)}

    def new(self, wanted: str) -> str:
        """The wanted name, with a number behind it where it is taken."""
        numbered = (f"{wanted}_{number}" for number in count(2))
        name = wanted if wanted not in self.taken else next(other for other in numbered if other not in self.taken)
        self.taken.add(name)
        return name


class ScalarLines:
    """Statements for the nodes of a graph on which `roots` depend; nodes that are entries of tensors are called as in `entries`."""

    def __init__(self, graph: ScalarGraph, roots: Iterable[int], names: ScalarNames, entries: Mapping[int, str]) -> None:
        self.graph, self.names, self.entries = graph, names, entries
        self.uses = Counter[int]()
        self.live = reached(roots, lambda found: graph.nodes[found].arguments)
        for node in map(graph.nodes.__getitem__, self.live):
            for place, argument in enumerate(node.arguments):
                self.uses[argument] += OPERATIONS[node.operation].times_written(place)
        self.written: dict[int, Source] = {found: self.leaf(found) for found in self.live if not graph.nodes[found].arguments}

    @property
    def imported(self) -> tuple[str, ...]:
        """The functions of `math` that the statements call."""
        operations = {node.operation for found, node in enumerate(self.graph.nodes) if found in self.live and node.arguments}
        return tuple(sorted({name for operation in operations for name in OPERATIONS[operation].imported}))

    @property
    def operations(self) -> int:
        return sum(bool(self.graph.nodes[found].arguments) for found in self.live)

    @property
    def shared(self) -> int:
        """How many operations are read more than once."""
        return sum(bool(self.graph.nodes[found].arguments) and self.uses[found] > 1 for found in self.live)

    def is_computed(self, found: int) -> bool:
        """Whether a node is live and more than a number or a name."""
        return found in self.live and bool(self.graph.nodes[found].arguments)

    def leaf(self, found: int) -> Source:
        node = self.graph.nodes[found]
        if node.value is not None and not math.isfinite(node.value):
            return Source(f'float("{node.value}")')
        is_negative = node.value is not None and math.copysign(1, node.value) < 0
        return Source(node.text, Precedence.SIGN if is_negative else Precedence.ATOM)

    def assign(self, found: int, wanted: str) -> list[str]:
        """The statements that compute a node and give it a name; nothing where that was done before."""
        lines = []
        for part in self.unwritten(found):
            source = self.source(part)
            if part in self.entries:
                lines.append(self.statement(part, self.entries[part], source))
            elif self.uses[part] > 1 or nesting(source.text) > MOST_BRACKETS:
                operation = self.graph.nodes[part].operation
                lines.append(self.statement(part, f"{wanted}_{WORDS.get(operation, operation.replace(' ', '_'))}", source))
            else:
                self.written[part] = source
        return lines

    def statement(self, found: int, wanted: str, source: Source) -> str:
        name = self.names.new(wanted)
        self.written[found] = Source(name)
        return broken(f"{name} = {source.text}", INDENT)

    def unwritten(self, found: int) -> list[int]:
        """What a node depends on and is not written yet, dependencies first."""
        parts = reached([found], lambda part: self.graph.nodes[part].arguments if part not in self.written else ())
        return sorted(parts.difference(self.written))

    def source(self, found: int) -> Source:
        node = self.graph.nodes[found]
        operation = OPERATIONS[node.operation]
        is_whole = self.graph.whole.issuperset(node.arguments)
        arguments = [self.argument(argument, is_whole).within(operation.least_of(place)) for place, argument in enumerate(node.arguments)]
        joined = ", ".join(arguments[:-1] if operation.sets_last_apart else arguments)
        if operation.sets_last_apart and len(arguments) == 2:
            # A tuple of one.
            joined += ","
        return Source(operation.source.format(*arguments, all=joined, last=arguments[-1]), operation.level)

    def argument(self, found: int, is_whole: bool) -> Source:
        """A whole number beside other numbers is written as a float: Python multiplies floats faster than a float with an integer."""
        written = self.written[found]
        is_number = self.graph.nodes[found].operation == "number" and found in self.graph.whole
        return replace(written, text=f"{written.text}.0") if is_number and not is_whole else written

    def value(self, found: int) -> str:
        return self.written[found].text


def entry_name(tensor: str, index: Sequence[int], sizes: Sequence[int]) -> str:
    """W1_01; with axes of more than ten places W1_0_11."""
    between = "_" if any(size > 10 for size in sizes) else ""
    return f"{tensor}_{between.join(map(str, index))}" if index else tensor
