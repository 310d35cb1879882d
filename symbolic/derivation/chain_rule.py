"""The chain rule over a system of equations, from the cost back to the parameters.

An equation v[i] = f(…, u[r], …) with known adjoint v̄[i] = ∂C/∂v[i] contributes

    ū[m]  +=  Σ_i  v̄[i] · ∂f[i]/∂u[m]

Each occurrence u[r] becomes Kronecker deltas δ(r, m), by the rules of sums and products, times a scalar derivative that is SymPy's; the
deltas are then used up by the sum. It knows no layer, activation or cost.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping

from chainrule.symbolic.index.collector_pause import without_collection
from chainrule.symbolic.index.index_letters import names_read
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.given_tensors import differentiated_by
from chainrule.symbolic.system.system import System
from chainrule.symbolic.system.too_large import refuse_too_large

from .adjoint import Adjoint
from .derivation import Derivation
from .determinants import with_inverses_put_in
from .differentiation import refuse_division_by_0
from .equal_equations import ExpressionNames, canonical_form, renaming
from .inner_gradients import with_gradients_put_in
from .one_adjoint import OneAdjoint, relevant


@without_collection
def derive(network: Network | System, wrt: Iterable[str] = ()) -> Derivation:
    """Every adjoint of a network, with the steps that lead to it; those of inputs and targets as far as `wrt` names them.

    Equal equations (up to the names of their tensors and letters) are derived once and renamed, so that the work grows with the kinds of
    layers and not with their number.

    Raises:
        InvalidDescription: where arrays have too many entries or recurrences too many steps for anything to be tried; where `wrt` names
            labels, or nothing; where a derivative divides by 0 for a whole range of values.
    """
    written = network.system if isinstance(network, Network) else network
    written = with_inverses_put_in(with_gradients_put_in(written, lambda inner: derive(inner).needed_by_parameters))
    system = differentiated_by(written, wrt)
    refuse_too_large(system)
    zeros: dict[str, Adjoint] = {}
    adjoints = _adjoints(system, zeros)
    # In a recurrence of several tensors an adjoint may be found to be 0 after others were written with its name.
    while (found := _read_zeros(adjoints)).keys() - zeros.keys():
        zeros |= found
        adjoints = _adjoints(system, zeros)
    return Derivation(system, adjoints, network if isinstance(network, Network) else None)


def _adjoints(system: System, zeros: dict[str, Adjoint]) -> dict[str, Adjoint]:
    """Every adjoint, from the cost back; those that are known to be `zeros` are not named by others."""
    active = system.on_ways_to_the_cost
    adjoints: dict[str, Adjoint] = {}
    known = ChainMap(adjoints, zeros)
    first_of_kind: dict[str, tuple[Adjoint, ExpressionNames]] = {}
    for tensor in _from_the_cost_back(system):
        if tensor.name not in active:
            continue
        readers = [reader for reader in system.readers[tensor.name] if reader.tensor.role is Role.COST or reader.tensor.name in active]
        problem = OneAdjoint(tensor, tuple(relevant(reader, tensor) for reader in readers), system, known, active)
        kind, names = canonical_form(problem.parts, system)
        if kind in first_of_kind:
            adjoint, first_names = first_of_kind[kind]
            adjoints[tensor.name] = adjoint.for_equal(tensor, renaming(first_names, names))
        else:
            adjoints[tensor.name] = problem.solve()
            refuse_division_by_0(tensor.name, adjoints[tensor.name].equation.expression)
            first_of_kind[kind] = adjoints[tensor.name], names
    return adjoints


def _read_zeros(adjoints: Mapping[str, Adjoint]) -> dict[str, Adjoint]:
    """The adjoints that are 0 where some other reads them."""
    zeros = {name: adjoint for name, adjoint in adjoints.items() if adjoint.expression == 0}
    if not zeros:
        return {}
    read = {name for adjoint in adjoints.values() for name in names_read(adjoint.expression)}
    return zeros if any(adjoint.as_tensor.name in read for adjoint in zeros.values()) else {}


def _from_the_cost_back(system: System) -> list[Tensor]:
    """Intermediates against the order of their equations, each followed by what is given that its equation is the first to read."""
    order: list[Tensor] = []
    first_read: dict[str, list[Tensor]] = {}
    for given in system.differentiated:
        if given.name in system.readers and given.name not in system.definition:
            first_read.setdefault(system.readers[given.name][0].tensor.name, []).append(given)
    for equation in reversed(system.equations):
        if equation.tensor.role is not Role.COST:
            order.append(equation.tensor)
        order += first_read.get(equation.tensor.name, ())
    return order
