"""Tiny networks without arrays: at batch size 1 and up to some fifty parameters, a NumPy call costs more than the numbers in it.

Every entry of every equation becomes a line of Python on local floats. Before, as NumPy (four calls):

    # z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]
    z1 = x @ W1.T + b1
    # a1[n,j] = σ(z1[n,j])
    a1 = sigmoid(z1)

After:

    # z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]
    z1_0 = W1_00 * x_0 + W1_01 * x_1 + b1_0
    z1_1 = W1_10 * x_0 + W1_11 * x_1 + b1_1
    # a1[n,j] = σ(z1[n,j])
    a1_0 = 1.0 / (1.0 + exp(-z1_0))
    a1_1 = 1.0 / (1.0 + exp(-z1_1))

Arrays are read by one `tolist` and written by one `struct.pack_into`, the quickest ways in and out of them. Taking the lists apart is
the check of shapes. Where a function of `math` raises, as exp(1000) does, the same lines run once more on scalars of NumPy, which never do.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from chainrule.codegen.backends.numpy.declared_values import condition
from chainrule.codegen.backends.numpy.lines import FIXED, INDENT, WIDTH, comment_lines
from chainrule.codegen.backends.numpy.source import tuple_text
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.program.program import is_computed, split
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.system import Equation

from .graph import ScalarGraph
from .lines import ScalarLines, ScalarNames, entry_name
from .operations import IN_NUMPY
from .unrolling import Index, Unrolling

#: With more, arrays are quicker.
MOST_PARAMETERS = 50
#: An operation takes about 25 ns and a NumPy call about 1 µs; with more operations than this, arrays are quicker.
MOST_OPERATIONS = 2_000


#: What `_scalar_passes` raises where data do not fit, or numbers leave the range of floats.
FAILURES = "(ArithmeticError, AttributeError, TypeError, ValueError, struct.error)"


@dataclass(frozen=True, slots=True)
class ScalarCode:
    """Functions at the level of the module, which must import `math` and NumPy as `np`; `data` are the inputs, then the targets.

        _scalar_passes(entries, gradients, pack, *data) -> float
        _scalar_passes_of_all_numbers(entries, gradients, *data) -> float
        _scalar_entries(params) -> tuple of float

    The first computes the cost of one example and its gradients. `entries` are those of all parameters in a row, as `tolist` of one flat
    buffer gives them, or `_scalar_entries` of arrays that lie apart; `gradients` is one flat contiguous array of as many entries, `pack`
    is `struct.Struct("12f").pack_into` for their number and type ("f" or "d"). The data are arrays of batch size 1 and the right type.
    It raises `FAILURES` where shapes, labels or the type of labels are wrong, and where a number leaves the range of floats. Then the
    caller looks at shapes and labels, and where these are right calls the second function, which is slower and never raises.

    `parameters` is the number of entries, `operations` those that are computed, of which `shared` are read more than once; `dropped` are
    those that were unrolled and that nothing reads. Of the data it `reads` those of these names.
    """

    source: str
    reads: frozenset[str]
    parameters: int
    operations: int
    shared: int
    dropped: int


def scalar_code(derivation: Derivation) -> ScalarCode | str:
    """Straight-line scalar code of a tiny network, or the reason why there is none."""
    system = derivation.system
    open_axes = [name for name, axis in system.axes.items() if axis.size is None and name != system.batch]
    if open_axes:
        return f"the size of {', '.join(open_axes)} is not fixed"
    sizes = {name: axis.size or 1 for name, axis in system.axes.items()}
    if system.batch is not None and sizes.get(system.batch, 1) != 1:
        return f"the number of examples is fixed at {sizes[system.batch]}"
    count = sum(prod(sizes[axis_name(letter)] for letter in tensor.axes) for tensor in system.parameters)
    if count > MOST_PARAMETERS:
        return f"there are {count:,} parameters, more than {MOST_PARAMETERS}"
    try:
        return _Writer(derivation, sizes).code(count)
    except NotExpressible as failure:
        return str(failure)


class _Writer:
    """The functions of one derivation."""

    def __init__(self, derivation: Derivation, sizes: dict[str, int]) -> None:
        self.derivation, self.system, self.sizes = derivation, derivation.system, sizes
        self.data = (*self.system.inputs, *self.system.targets)
        self.names = ScalarNames([tensor.name for tensor in self.data if tensor.axes])
        self.unrolling = Unrolling(self.system, sizes, ScalarGraph())
        self.given: dict[str, dict[Index, str]] = {}

    def code(self, parameters: int) -> ScalarCode:
        """All of it.

        Raises:
            NotExpressible: where there are too many operations, or one that has no scalar form.
        """
        unrolling = self.unrolling
        for tensor in (*self.system.parameters, *self.data):
            self.given[tensor.name] = {index: self.names.new(self.wanted(tensor, index)) for index in self.indices(tensor)}
            unrolling.given(tensor, self.given[tensor.name])
        forward, cost = split(self.system)
        backward = [adjoint.equation for adjoint in self.derivation.needed_by_parameters if is_computed(adjoint)]
        computed = list(unrolling.compute([*forward, *cost, *backward]))
        sections = [("Forward", forward), ("Cost", cost), ("Backward", backward)]
        cost_value = unrolling.entries[self.system.cost.tensor.name, ()]
        unread = unrolling.graph.number(0.0)
        gradients = [
            unrolling.entries.get((self.system.adjoint_name(tensor.name), index), unread)
            for tensor in self.system.parameters
            for index in self.indices(tensor)
        ]
        lines = ScalarLines(unrolling.graph, [cost_value, *gradients], self.names, self.entry_names(computed))
        if lines.operations > MOST_OPERATIONS:
            raise NotExpressible(f"unrolled, it takes {lines.operations:,} scalar operations, more than {MOST_OPERATIONS:,}")
        body = self.read_lines(lines)
        for title, members in sections:
            own = {equation.tensor.name for equation in members}
            found = [line for equation in computed if equation.tensor.name in own for line in self.equation_lines(equation, lines)]
            body += ["", f"# {title}", *found] if found else []
        written = [lines.value(gradient) for gradient in gradients]
        body += ["", _wrapped(f"pack(gradients, 0, {', '.join(written)})"), f"return {lines.value(cost_value)}"]
        data = ", ".join(tensor.name for tensor in self.data)
        functions = "".join(f", {name}=math.{name}" for name in lines.imported)
        heading = f"_scalar_passes(entries, gradients, pack{', ' if data else ''}{data}{functions})"
        passes = _function(heading, "The cost of one example; its gradients are packed into one flat array.", body)
        dropped = sum(bool(node.arguments) for node in unrolling.graph.nodes) - lines.operations
        source = "\n\n\n".join([passes, self.slower_function(lines), self.entries_function()])
        return ScalarCode(source, self.read(lines), parameters, lines.operations, lines.shared, dropped)

    def indices(self, tensor: Tensor) -> list[Index]:
        return list(self.unrolling.indices(tensor.axes))

    def wanted(self, tensor: Tensor, index: Index) -> str:
        """The name of an entry, without the number of the only example."""
        pairs = list(zip(index, tensor.axes, strict=True))
        kept = [(place, letter) for place, letter in pairs if axis_name(letter) != self.system.batch]
        if not kept and tensor in self.data:
            # An array's own name is taken.
            kept = pairs
        return entry_name(tensor.name, [place for place, _ in kept], [self.sizes[axis_name(letter)] for _, letter in kept])

    def read(self, lines: ScalarLines) -> frozenset[str]:
        """The data of which some entry is read."""
        return frozenset(tensor.name for tensor in self.data if self.used(tensor, lines))

    def used(self, tensor: Tensor, lines: ScalarLines) -> list[Index]:
        return [index for index in self.indices(tensor) if self.unrolling.entries[tensor.name, index] in lines.live]

    def read_lines(self, lines: ScalarLines) -> list[str]:
        """Names for what is read of the parameters and the data."""
        parameters = [name for tensor in self.system.parameters for name in self.given[tensor.name].values()]
        read = [_wrapped(f"{tuple_text(parameters)} = entries")]
        for tensor in self.data:
            used = self.used(tensor, lines)
            if used:
                read += self.value_check(tensor)
                read.append(_wrapped(f"{self.pattern(tensor, ())} = {tensor.name}.tolist()"))
                read += [self.label_check(tensor, self.given[tensor.name][index]) for index in used] if tensor.is_integer else []
        return read

    def value_check(self, tensor: Tensor) -> list[str]:
        """Entries that are not what they are declared to be are for the code of arrays to name."""
        found = condition(tensor, str(self.sizes[tensor.points_into]) if tensor.points_into else None)
        return [f'if not np.all({found[0]}):\n        raise ValueError("{tensor.name}")'] if found else []

    def label_check(self, tensor: Tensor, name: str) -> str:
        """Python would take a label of -1 for the last class."""
        limit = self.sizes[tensor.points_into or ""]
        return f'if type({name}) is not int or not 0 <= {name} < {limit}:\n        raise ValueError("{tensor.name}")'

    def pattern(self, tensor: Tensor, index: Index) -> str:
        """((x_0, x_1),) for an array of one row: what its nested list is taken apart by."""
        if len(index) == len(tensor.axes):
            return self.given[tensor.name][index]
        size = self.sizes[axis_name(tensor.axes[len(index)])]
        return tuple_text([self.pattern(tensor, (*index, place)) for place in range(size)])

    def entry_names(self, computed: Sequence[Equation]) -> dict[int, str]:
        """What a node is called that is an entry of a tensor: after the first such entry."""
        found: dict[int, str] = {}
        for equation in computed:
            for index in self.indices(equation.tensor):
                found.setdefault(self.unrolling.entries[equation.tensor.name, index], self.wanted(equation.tensor, index))
        return found

    def equation_lines(self, equation: Equation, lines: ScalarLines) -> list[str]:
        """The statements of an equation below it; for what is known by another name already, only that name."""
        tensor = equation.tensor
        found: list[str] = []
        known: list[str] = []
        for index in self.indices(tensor):
            node = self.unrolling.entries[tensor.name, index]
            if lines.is_computed(node):
                statements, wanted = lines.assign(node, self.wanted(tensor, index)), self.wanted(tensor, index)
                found += statements
                if not statements:
                    known.append("computed above" if lines.value(node) == wanted else f"{wanted} is {lines.value(node)}")
        comment = [*comment_lines(PlainPrinter(self.system).equation(equation)), *comment_lines(", ".join(dict.fromkeys(known)))]
        return ["# " + "\n    # ".join(comment), *found] if found or known else []

    def slower_function(self, lines: ScalarLines) -> str:
        """The same on NumPy's scalars: these go on with inf and nan where Python raises."""
        names = [tensor.name for tensor in self.data]
        converted = [tensor.name if tensor.is_integer else f"scalars({tensor.name})" for tensor in self.data]
        functions = [IN_NUMPY[name] for name in lines.imported]
        called = ", ".join(["scalars(entries)", "gradients", "fill", *converted, *functions])
        return "\n".join(
            [
                _wrapped(f"def _scalar_passes_of_all_numbers({', '.join(['entries', 'gradients', *names])}):"),
                '    """The same on scalars of NumPy, which go on with inf and nan where Python raises."""',
                "    scalars = np.frompyfunc(np.float64, 1, 1)",
                "",
                "    def fill(array, start, *values):",
                "        array[start:] = values",
                "",
                '    with np.errstate(all="ignore"):',
                f"        return float(_scalar_passes({called}))",
            ]
        )

    def entries_function(self) -> str:
        """All entries of parameters that lie apart, in a row."""
        parameters = self.system.parameters
        read = [
            _wrapped(f"{self.pattern(tensor, ())} = params.{self.system.described_name(tensor.name)}.tolist()") for tensor in parameters
        ]
        row = tuple_text([name for tensor in parameters for name in self.given[tensor.name].values()])
        return _function("_scalar_entries(params)", "The entries of all parameters in a row.", [*read, _wrapped(f"return {row}")])


def _wrapped(line: str) -> str:
    """A line in several where it is long, which end inside of brackets: not at a keyword in front, and not around an =."""
    start = " " * (INDENT + 1)
    kept = re.sub(r"^(return|def) | = ", lambda blanks: blanks[0].replace(" ", FIXED), line)
    parts = textwrap.wrap(kept, WIDTH, subsequent_indent=start, break_long_words=False, break_on_hyphens=False)
    return "\n".join(parts).replace(FIXED, " ")


def _function(heading: str, docstring: str, body: Sequence[str]) -> str:
    lines = [f"    {line}" if line else "" for line in body]
    return "\n".join([_wrapped(f"def {heading}:"), f'    """{docstring}"""', *lines])
