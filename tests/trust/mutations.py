"""Deliberate mistakes, and the checks that catch each of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from codegen.deep_check.deep_check import Extent, measured, module_findings
from codegen.deep_check.finding import CHECKS, Finding
from codegen.deep_check.gradients import Measurements
from codegen.deep_check.steps import step_findings, trials

from symbolic import derive
from symbolic.failures import ChainruleError

from .mutants import Change, Formula, Function, Module, Mutant, StepOnly, mutant
from .mutated_networks import NETWORKS

#: Enough for every mistake of the table, and less than the command tries.
EXTENT = Extent(trials=1, sizes=((5, 3, 7, 2), (1, 2, 3, 5)))


@dataclass(frozen=True)
class Mutation:
    """A mistake, the network that it is put into, and the checks that find it, no others."""

    name: str
    network: str
    change: Change
    caught_by: tuple[str, ...]


REFUSED = "refused"
MODULE = ("gradients", "forward mode", "self-check")

MUTATIONS: tuple[Mutation, ...] = (
    # In the derivation, so that documents and modules are wrong alike.
    Mutation("a lost transpose", "deep", Formula("a1", "W2[k, j]", "W2[j, k]"), ()),
    Mutation("a missing 1/N", "layers", Formula("a2", "(a2[n, k] - y[n, k])/N", "a2[n, k] - y[n, k]"), ()),
    Mutation("σ′ at a instead of z", "one-hot", Formula("z1", "1 - a1[n, j]**2", "1 - tanh(a1[n, j])**2"), ()),
    Mutation("a sign", "layers", Formula("a2", "a2[n, k] - y[n, k]", "a2[n, k] + y[n, k]"), ()),
    Mutation("an axis summed twice", "layers", Formula("a1", "(k, 0, N_k - 1)", "(k, 0, N_k - 1), (k_, 0, N_k - 1)"), ()),
    Mutation("a sum dropped", "layers", Formula("a1", "Sum(W2[k, j]*dz2[n, k], (k, 0, N_k - 1))", "W2[0, j]*dz2[n, 0]"), ()),
    Mutation("a bias not summed over examples", "layers", Formula("b1", "Sum(dz1[n, j], (n, 0, N - 1))", "dz1[0, j]"), ()),
    Mutation("a missing term of l2", "layers", Formula("W1", "2*l2*W1[j, i] + ", ""), ()),
    Mutation("l2 without its factor 2", "layers", Formula("W2", "2*l2*W2", "l2*W2"), ()),
    Mutation("off by one in time", "recurrent", Formula("U", "h[n, t - 1, j_]", "h[n, t, j_]"), ()),
    Mutation("the recurrence forwards instead of backwards", "recurrent", Formula("h", "dh[n, t + 1, j_]", "dh[n, t - 1, j_]"), ()),
    Mutation("the boundary value left out", "recurrent", Formula("U", "*s[j_]", "*0"), ()),
    Mutation("the boundary value at the second step", "recurrent", Formula("s", "dh[n, 0, j_]", "dh[n, 1, j_]"), ()),
    Mutation("a factor left out of a product rule", "quotient", Formula("v", "*x[n, k]", ""), ()),
    Mutation("the quotient rule's sign", "quotient", Formula("g", "-dq[n]*f[n]", "dq[n]*f[n]"), ()),
    Mutation("a quotient's square lost", "quotient", Formula("g", "g[n]**2", "g[n]"), ()),
    Mutation("the gradient of a maximum to all positions", "largest", Formula("z", "KroneckerDelta(j, arg_max(z[n, j_], j_))*", ""), ()),
    Mutation("one path of two left out", "normalised", Formula("a1", "+ dm2[j]/N", ""), ()),
    Mutation("a mean's 1/N at one of two places", "normalised", Formula("a1", "*dv2[j]/N", "*dv2[j]"), ()),
    Mutation("the mean taken for a constant", "normalised", Formula("m2", "-Sum(du2[n, j], (n, 0, N - 1))/sqrt(eps + v2[j])", "0"), ()),
    Mutation("a stride forgotten", "convolution", Formula("W1", "2*i + p - 1", "i + p - 1"), ()),
    Mutation("padding forgotten", "convolution", Formula("W1", "2*i + p - 1", "2*i + p"), ()),
    Mutation("flattened in another order", "convolution", Formula("a1", "4*d + i", "d + 3*i"), ()),
    Mutation("added at one place alone", "embedding", Formula("E", "tok[n, t]", "tok[n, 0]"), ()),
    Mutation("the step of relu the other way round", "labels", Formula("z1", "z1[n, j] > 0", "z1[n, j] < 0"), ()),
    Mutation("the label's place shifted", "labels", Formula("z2", "KroneckerDelta(k, y[n])", "KroneckerDelta(k, y[n] + 1)"), ()),
    # On the page alone.
    Mutation("a sum lost between two right lines", "layers", StepOnly("W2", "local derivative", ", (n, 0, N - 1)", ", (n, 1, N - 1)"), ()),
    Mutation("a sign between two right lines", "one-hot", StepOnly("z2", "split the sum", "-", "+"), ()),
    Mutation("a wrong local derivative", "layers", StepOnly("z1", "output form", "1 - a1", "2 - a1"), ()),
    # In generated code.
    Mutation("an operand not transposed", "deep", Module("plain", "z1 = x @ W1.T", "z1 = x @ W1[:, ::-1].T"), ()),
    Mutation("wrong padding", "convolution", Module("plain", "{2: (range(-1, 7, 2), range(3))}", "{2: (range(0, 8, 2), range(3))}"), ()),
)


@cache
def points(network: str) -> tuple[Measurements, ...]:
    """Where the modules of a network are tried. What is measured there comes from the right equations alone."""
    return measured(derive(NETWORKS[network]()), 0, EXTENT)


def findings(network: str, wrong: Mutant) -> list[Finding]:
    """The checks of a derivation and of its modules."""
    found = step_findings(wrong.derivation, trials(wrong.derivation, 0, EXTENT.trials))
    return found + module_findings(wrong.derivation, wrong.modules, points(network))


def catching(mutation: Mutation) -> tuple[str, ...]:
    """The checks that fail, in the order of their table; REFUSED where the mistake cannot even be evaluated."""
    try:
        found = findings(mutation.network, mutant(mutation.network, mutation.change))
    except ChainruleError:
        return (REFUSED,)
    failed = {finding.check for finding in found if finding.failed}
    return tuple(check for check in CHECKS if check in failed)
