"""Names that a module has of its own, and what becomes of a network's that are the same.

A module calls an argument of its functions, a field of `Parameters` and one of `Cache` as the description does. Inside of its functions a
tensor whose name means something else there is a variable with an underscore behind: np_, where the description has np. Which these are
is known before anything is printed, and printers get a derivation in those names, of which the system says how the description has them.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable
from dataclasses import replace

from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.renamed import renamed
from chainrule.symbolic.index.axes import PRIME
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.tensors import ADJOINT_MARK, COTANGENT_MARK, DIRECTION_MARK, SECOND_MARK
from chainrule.symbolic.system.system import System

#: Names that modules have themselves, in functions that read a network's.
OWN_NAMES = frozenset(
    """
    argument array backward blocks by Cache cache cholesky column columns cotangent det direction dtype erf fixed_point float forward
    found functions gather getattr hessian hessian_vector_product InputGradients isinstance KroneckerFactors log_sum_exp logdet name
    names np Parameters params part parts place placed range reversed rng row rows scatter sigmoid softmax softplus solve
    stacked_tensordot step stop str tuple unit ValueError windows wrt zip
    """.split()
)
#: Further ones of `fast` style, in what takes a network's names as arguments, and in the passes.
OWN_NAMES_OF_WORKSPACES = frozenset(
    """
    absolute add add_at add_reduce all ArithmeticError arrays AttributeError batch bind bool copyto cost divide entries equal
    error_function exp expm1 fill gradients greater int into iter key largest_exponent last len list log log1p map math matmul max
    maximum maximum_reduce min minimum minimum_reduce multiply negative next overlaps pack packed Path pow print run run_backward
    run_forward self size sqrt square start steps struct subtract sum take tanh type TypeError until values Workspace workspace
    """.split()
)
#: Further ones at the level of a module, where its constants stand too.
OWN_GLOBALS = frozenset(
    """
    adam AdamState check contextvars cost cost_and_gradients ERF_FAR ERF_NEAR ERROR_FUNCTION fisher_diagonal functools
    gauss_newton_vector_product hessian init inspect input_gradients InputGradients jacobian jvp kronecker_factors KroneckerFactors math
    momentum MomentumState NamedTuple operator Path per_example_gradients PLACES predict Prediction restore rmsprop RMSPropState sample
    save sgd softplus threading vjp ZipFile
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


def with_own_variables(derivation: Derivation, style: str) -> Derivation:
    """The derivation in the names of a module's variables; the same where none meets a name of the module's own."""
    meeting = names_that_meet(derivation.system, style)
    if not meeting:
        return derivation
    variables = _variables(derivation.system, meeting)
    own = renamed(derivation, variables)
    described = {variables.get(name, name): name for name in (*derivation.system.tensors, *derivation.system.constants)}
    return replace(own, system=replace(own.system, described=described))


def own_names(style: str) -> frozenset[str]:
    """The names that functions have of their own which read a network's."""
    return OWN_NAMES | OWN_NAMES_OF_WORKSPACES if style == "fast" else OWN_NAMES


def names_that_meet(system: System, style: str) -> tuple[str, ...]:
    """The names of tensors and constants that a module has too, alone or with what stands before them."""
    own = own_names(style)
    found = [name for name in system.tensors if any(each in own or each in system.axes for each in _with_prefixes(name))]
    taken = {*own, *OWN_GLOBALS, *map(size_name, system.axes)}.union(*map(_with_prefixes, system.tensors))
    found += [name for name in system.constants if name in taken or hasattr(builtins, name)]
    return tuple(dict.fromkeys(found))


def _variables(system: System, meeting: Iterable[str]) -> dict[str, str]:
    """By names that meet, those of their variables, which nothing else has, whatever stands before them."""
    taken = {*own_names("fast"), *OWN_GLOBALS, *dir(builtins), *system.axes, *map(size_name, system.axes), *system.constants}
    taken.update(*map(_with_prefixes, system.tensors))
    found: dict[str, str] = {}
    for name in meeting:
        variable = free_name(name, taken)
        while not taken.isdisjoint(_with_prefixes(variable)):
            variable = free_name(f"{variable}_", taken)
        taken.update(_with_prefixes(variable))
        found[name] = variable
    return found


def loop_variable(letter: str, system: System) -> str:
    """What counts the steps of a loop over a letter: that, unless a module means something else by it."""
    own = own_names("fast")
    if letter.rstrip(PRIME) not in own:
        return letter
    return free_name(f"{letter}_", own.union(system.constants, *map(_with_prefixes, system.tensors)))


def arguments_called_otherwise(system: System) -> dict[str, str]:
    """By the names of arguments inside of functions, those that a caller knows, where they differ; an own one takes the other's place."""
    differing = {tensor.name: system.described_name(tensor.name) for tensor in (*system.inputs, *system.targets)}
    pairs = {variable: name for variable, name in differing.items() if variable != name}
    return pairs | {name: variable for variable, name in pairs.items()}


def _with_prefixes(name: str) -> Collection[str]:
    return {prefix + name for prefix in PREFIXES}
