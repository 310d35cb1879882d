"""Names that a module has of its own, and what becomes of a network's that are the same.

A module calls an argument of its functions, a field of `Parameters` and one of `Cache` as the description does. Everything else gives way:
a variable of the network's to the module's own, which others call, and the module's own to an argument. So that both can be told
apart in the module's source, the network's names that could meet one get a mark before the source is made; `unmarked` takes it off again,
which is where a name gives way. A module none of whose names meet is written as it stands.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.second_derivatives import DIRECTION_MARK, SECOND_MARK
from chainrule.symbolic.derivation.vector_products import COTANGENT_MARK
from chainrule.symbolic.forms.renamed import renamed
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.tensors import ADJOINT_MARK

#: A letter (of Linear A) that no description's names have; Python takes it in a name. The next ones serve where a title has it.
FIRST_MARK, LAST_MARK = 0x10600, 0x10736
#: Names that modules have themselves, in functions that read a network's: what could meet one of these gets a mark.
OWN_NAMES = frozenset(
    """
    ArithmeticError AttributeError Cache Parameters Path
    TypeError ValueError Workspace absolute add add_at add_reduce all argument array arrays
    backward batch bind blocks bool by cache cholesky column columns copyto cost cotangent det direction divide dtype entries equal erf
    error_function exp expm1 fill fixed_point float forward found functions gather getattr gradients greater hessian hessian_vector_product
    int into isinstance iter key largest_exponent last len list log log1p log_sum_exp logdet map math matmul max maximum maximum_reduce min
    minimum minimum_reduce multiply name names negative next np overlaps pack packed params part parts place placed pow print range reversed
    rng row rows run run_backward run_forward scatter self sigmoid size softmax softplus solve sqrt square stacked_tensordot start step
    steps stop str struct subtract sum take tanh tuple type unit until values windows workspace wrt zip
    """.split()
)
#: Further ones at the level of a module, where its constants stand too.
OWN_GLOBALS = frozenset(
    """
    adam AdamState check contextvars cost_and_gradients ERF_FAR ERF_NEAR ERROR_FUNCTION fisher_diagonal functools
    gauss_newton_vector_product hessian init input_gradients InputGradients jacobian jvp kronecker_factors KroneckerFactors math
    momentum MomentumState NamedTuple operator Path per_example_gradients PLACES predict restore rmsprop RMSPropState sample save sgd
    softplus threading vjp ZipFile
    """.split()
)
#: Those that what is made for a workspace gets other names for.
READ_IN_FUNCTIONS = frozenset(
    "np params cache Parameters Cache float range reversed forward backward "
    "sigmoid softplus softmax log_sum_exp erf stacked_tensordot windows placed gather scatter step stop solve fixed_point cholesky "
    "det logdet".split()
)
#: Names of the test that ships with a module.
OWN_NAMES_OF_TEST = frozenset(
    "ValueError all array arrays error errors expected found gradient int len max name narrow np params product pytest range rest rng "
    "seed set single tuple wide zip".split()
)
#: What may stand before a tensor's name in that of an array made for it.
PREFIXES = ("", ADJOINT_MARK, DIRECTION_MARK, COTANGENT_MARK, SECOND_MARK, SECOND_MARK + ADJOINT_MARK)


def mark_for(text: str) -> str:
    """A mark that a text does not hold."""
    return next(sign for sign in map(chr, range(FIRST_MARK, LAST_MARK)) if sign not in text)


def marked(derivation: Derivation, mark: str, names: Collection[str] | None = None) -> Derivation:
    """The derivation with a mark behind the names that could meet one of a module's; the same where there are none."""
    meeting = names_that_meet(derivation) if names is None else names
    return renamed(derivation, {name: name + mark for name in meeting}) if meeting else derivation


def names_that_meet(derivation: Derivation) -> tuple[str, ...]:
    """The names of tensors, axes and constants that a module could have too, alone or with what stands before them."""
    system = derivation.system
    sizes = {size_name(axis) for axis in system.axes}
    tensors = {prefix + name for name in system.tensors for prefix in PREFIXES}
    found = [name for name in system.tensors if any(prefix + name in OWN_NAMES or prefix + name in system.axes for prefix in PREFIXES)]
    found += [name for name in system.axes if name in OWN_NAMES]
    taken = OWN_NAMES | OWN_GLOBALS | tensors | sizes
    found += [name for name in system.constants if name in taken or hasattr(builtins, name)]
    return tuple(dict.fromkeys(found))


@dataclass
class Unit:
    """A function of a module, with all that is defined inside of it."""

    function: ast.FunctionDef
    names: list[ast.AST] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What stands in the head is read where the function is defined.
        given = self.function.args
        self.names += [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
        for statement in self.function.body:
            self.names += [node for node in ast.walk(statement) if isinstance(node, ast.Name | ast.arg | ast.FunctionDef)]

    @property
    def own(self) -> set[str]:
        return {called(node) for node in self.names}

    @property
    def arguments(self) -> set[str]:
        return {node.arg for node in self.names if isinstance(node, ast.arg)}

    @property
    def bound(self) -> set[str]:
        """What is defined inside."""
        return {called(node) for node in self.names if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))}


def called(node: ast.AST) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.arg():
            return node.arg
        case ast.FunctionDef() | ast.ClassDef():
            return node.name
        case ast.alias():
            return node.asname or node.name
    raise TypeError(node)


def unmarked(source: str, mark: str) -> str:
    """The source of a module without marks: no name in it has two meanings."""
    return _Unmarking(source, mark).source()


class _Unmarking:
    def __init__(self, source: str, mark: str) -> None:
        self.mark = mark
        self.lines = source.split("\n")
        self.tree = ast.parse(source)
        self.units = list(_units(self.tree))
        named = ast.Name | ast.arg | ast.FunctionDef | ast.ClassDef | ast.alias
        #: Every name that is given so far.
        self.taken = {called(node) for node in ast.walk(self.tree) if isinstance(node, named)}
        self.taken |= {self.without_mark(name) for unit in self.units for name in unit.arguments}
        #: By the place of a name's first letter: what stands there and what is to.
        self.edits: dict[tuple[int, int], tuple[str, str]] = {}
        #: Names of the module's by which functions call them where an argument has the first.
        self.aliases: dict[str, str] = {}

    def source(self) -> str:
        arguments = {name for unit in self.units for name in unit.arguments if self.mark in name}
        constants = self.constants()
        for unit in self.units:
            self.make_way(unit, unit.own & arguments, constants)
            self.rename_variables(unit, arguments, constants)
        return self.without_mark("\n".join(self.with_aliases(self.edited())))

    def without_mark(self, text: str) -> str:
        return text.replace(self.mark, "")

    def constants(self) -> dict[str, str]:
        """How the constants are called, which every function can read."""
        nodes = [node for top in self.tree.body if isinstance(top, ast.Assign) for node in top.targets if isinstance(node, ast.Name)]
        found = {node.id: self.free(self.without_mark(node.id)) for node in nodes if self.mark in node.id}
        for node in nodes:
            self.edit(node, found.get(node.id, node.id))
        return found

    def make_way(self, unit: Unit, arguments: Collection[str], constants: Mapping[str, str]) -> None:
        """The module's own names in a function that has an argument of the same name."""
        here = {*map(self.without_mark, unit.own), *constants.values(), *self.aliases.values()}
        for name in sorted(unit.own & {self.without_mark(argument) for argument in arguments}):
            if name in unit.bound:
                new = free_name(name, here)
                self.taken.add(new)
            else:
                new = self.alias(name)
            here.add(new)
            self.edit_all(unit, name, new)

    def rename_variables(self, unit: Unit, arguments: Collection[str], constants: Mapping[str, str]) -> None:
        """A variable takes a name that nothing else in the function has."""
        taken = {self.without_mark(name) if name in arguments else name for name in unit.own} | {*constants.values()}
        for name in sorted(name for name in unit.own if self.mark in name and name not in arguments):
            new = constants.get(name) or free_name(self.without_mark(name), taken)
            taken.add(new)
            self.edit_all(unit, name, new)

    def edit_all(self, unit: Unit, name: str, new: str) -> None:
        for node in unit.names:
            if called(node) == name:
                self.edit(node, new)

    def alias(self, name: str) -> str:
        """By what a function calls something of the module's, or of Python's."""
        if name not in self.aliases:
            self.aliases[name] = self.free(name)
        return self.aliases[name]

    def free(self, name: str) -> str:
        """A name that nothing in the module has."""
        new = free_name(name, self.taken)
        self.taken.add(new)
        return new

    def edit(self, node: ast.AST, new: str) -> None:
        column = node.col_offset + (len("def ") if isinstance(node, ast.FunctionDef) else 0)  # type: ignore[attr-defined]
        self.edits[node.lineno, column] = (called(node), new)  # type: ignore[attr-defined]

    def edited(self) -> list[str]:
        lines = [line.encode() for line in self.lines]
        for (number, column), (old, new) in sorted(self.edits.items(), reverse=True):
            line, end = lines[number - 1], column + len(old.encode())
            assert line[column:end].decode() == old, f"line {number}: {old} does not stand in {line.decode()!r}"
            lines[number - 1] = line[:column] + new.encode() + line[end:]
        return [line.decode() for line in lines]

    def with_aliases(self, lines: list[str]) -> list[str]:
        if not self.aliases:
            return lines
        told = ["# What these are called in functions that have an argument of the same name."]
        written = [*told, *(f"{new} = {name}" for name, new in self.aliases.items()), "", ""]
        end = lines.index('if __name__ == "__main__":')
        return [*lines[:end], *written, *lines[end:]]


def _units(tree: ast.Module) -> Iterator[Unit]:
    for top in tree.body:
        for node in top.body if isinstance(top, ast.ClassDef) else [top]:
            if isinstance(node, ast.FunctionDef):
                yield Unit(node)
