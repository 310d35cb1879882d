"""Deliberate mistakes, and the checks that catch each of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from chainrule.codegen.build import Choices, build
from chainrule.codegen.checking.deep_check import DeepCheckExtent, measured, module_findings
from chainrule.codegen.checking.finding import CHECKS, Finding
from chainrule.codegen.checking.gradients import Measurements
from chainrule.codegen.checking.steps import step_findings, trials
from chainrule.codegen.descriptions.reader import read_description
from chainrule.symbolic.index.failures import ChainruleError

from .mutants import Change, Document, Formula, Function, Module, Mutant, StepOnly, mutant, replaced, right, unchanged
from .mutated_networks import NETWORKS
from .record import VACUOUS, Progress, Record
from .worked_numbers import worked_numbers

#: Enough for every mistake of the table, and less than the command tries.
EXTENT = DeepCheckExtent(trials=1, sizes=((3, 5, 7, 2), (1, 2, 3, 5)))


@dataclass(frozen=True)
class Mutation:
    """A mistake, the network that it is put into, and the checks that find it, no others."""

    name: str
    network: str
    change: Change
    caught_by: tuple[str, ...]


GALLERY = Path(__file__).parents[2] / "generated"
REFUSED = "refused"
#: The worked example of the gallery, whose numbers are read back.
MAZUR = "mazur"
WORKED_NUMBERS = "worked numbers"
PLACES = {
    Formula: "the derivation",
    StepOnly: "one line of the derivation",
    Function: "this project's own code",
    Module: "generated code",
    Document: "a document",
}

MUTATIONS: tuple[Mutation, ...] = (
    # In the derivation, so that documents and modules are wrong alike.
    Mutation("a lost transpose", "deep", Formula("a1", "W2[k, j]", "W2[j, k]"), ("adjoints", "gradients", "forward mode", "self-check")),
    Mutation(
        "a missing 1/N",
        "layers",
        Formula("a2", "(a2[n, k] - y[n, k])/N", "a2[n, k] - y[n, k]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "σ′ at a instead of z",
        "one-hot",
        Formula("z1", "1 - a1[n, j]**2", "1 - tanh(a1[n, j])**2"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a sign",
        "layers",
        Formula("a2", "a2[n, k] - y[n, k]", "a2[n, k] + y[n, k]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "an axis summed twice",
        "layers",
        Formula("a1", "(k, 0, N_k - 1)", "(k, 0, N_k - 1), (k_, 0, N_k - 1)"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a sum dropped",
        "layers",
        Formula("a1", "Sum(W2[k, j]*dz2[n, k], (k, 0, N_k - 1))", "W2[0, j]*dz2[n, 0]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a bias not summed over examples",
        "layers",
        Formula("b1", "Sum(dz1[n, j], (n, 0, N - 1))", "dz1[0, j]"),
        ("adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a missing term of l2", "layers", Formula("W1", "2*l2*W1[j, i] + ", ""), ("adjoints", "gradients", "forward mode", "self-check")
    ),
    Mutation(
        "l2 without its factor 2",
        "layers",
        Formula("W2", "2*l2*W2", "l2*W2"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "off by one in time",
        "recurrent",
        Formula("U", "h[n, t - 1, j_]", "h[n, t, j_]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "off by one in time, where the cost is a late step",
        "late",
        Formula("w", "h[n, t - 1]", "h[n, t]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the recurrence forwards instead of backwards",
        "recurrent",
        Formula("h", "dh[n, t + 1, j_]", "dh[n, t - 1, j_]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the boundary value left out",
        "recurrent",
        Formula("U", "*s[j_]", "*0"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the boundary value at the second step",
        "recurrent",
        Formula("s", "dh[n, 0, j_]", "dh[n, 1, j_]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a factor left out of a product rule",
        "quotient",
        Formula("v", "*x[n, k]", ""),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the quotient rule's sign",
        "quotient",
        Formula("g", "-dq[n]*f[n]", "dq[n]*f[n]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a quotient's square lost",
        "quotient",
        Formula("g", "g[n]**2", "g[n]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the gradient of a maximum to all positions",
        "largest",
        Formula("z", "KroneckerDelta(j, arg_max(z[n, j_], j_))*", ""),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "one path of two left out",
        "normalised",
        Formula("a1", "+ dm2[j]/N", ""),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a mean's 1/N at one of two places",
        "normalised",
        Formula("a1", "*dv2[j]/N", "*dv2[j]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the mean taken for a constant",
        "normalised",
        # Where it is subtracted: what is left is by way of the variance, deviations from a mean that add up to 0.
        Formula("m2", "-Sum(du2[n, j], (n, 0, N - 1))/sqrt(eps + v2[j])", "-2*Sum(a1[n, j] - m2[j], (n, 0, N - 1))*dv2[j]/N"),
        ("steps", "adjoints", "rewrites", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a stride forgotten",
        "convolution",
        Formula("W1", "2*i + p - 1", "i + p - 1"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "padding forgotten",
        "convolution",
        Formula("W1", "2*i + p - 1", "2*i + p"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "flattened in another order",
        "convolution",
        Formula("a1", "4*d + i", "d + 3*i"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "added at one place alone",
        "embedding",
        Formula("E", "tok[n, t]", "tok[n, 0]"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the step of relu the other way round",
        "labels",
        Formula("z1", "z1[n, j] > 0", "z1[n, j] < 0"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the label's place shifted",
        "labels",
        Formula("z2", "KroneckerDelta(k, y[n])", "KroneckerDelta(k, y[n] + 1)"),
        ("steps", "adjoints", "rewrites", "gradients", "forward mode", "self-check"),
    ),
    # On the page alone.
    Mutation(
        "a sum over a part of its axis", "layers", StepOnly("W2", "local derivative", ", (n, 0, N - 1)", ", (n, 1, N - 1)"), ("refused",)
    ),
    Mutation("a sign between two right lines", "one-hot", StepOnly("z2", "one-hot target", "1/N - ", "1/N + "), ("steps", "rewrites")),
    Mutation(
        "a factor between two right lines",
        "one-hot",
        StepOnly("z2", "split the sum", "y[n, k]/(N*a2[n, k])", "y[n, k]/a2[n, k]"),
        ("steps", "rewrites"),
    ),
    Mutation("a wrong local derivative", "layers", StepOnly("z2", "output form", "1 - a2", "2 - a2"), ("steps",)),
    # In this project's own functions: the conditions of rules, the chain rule itself, the passes of fast modules.
    Mutation(
        "the chain rule without what comes before",
        "layers",
        Function(
            "chainrule.symbolic.derivation.one_adjoint:_sensitivity",
            "return entry(system.adjoint_name(reader.tensor.name), (*reader.indices, *system.held))",
            "return Integer(1)",
        ),
        ("adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "one reader of several",
        "normalised",
        Function(
            "chainrule.symbolic.derivation.one_adjoint:OneAdjoint.solve", "for reader in self.readers:", "for reader in self.readers[:1]:"
        ),
        ("adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the derivative of the first factor alone",
        "quotient",
        Function(
            "chainrule.symbolic.derivation.differentiation:_slope",
            "places = [place for place, slope in enumerate(slopes) if slope != 0]",
            "places = [place for place, slope in enumerate(slopes[:1]) if slope != 0]",
        ),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "names of equal layers: one of them forgotten",
        "deep",
        Function(
            "chainrule.symbolic.derivation.equal_equations:renaming",
            "zip(first.tensors, second.tensors, strict=True)",
            "zip(first.tensors[3:], second.tensors[3:], strict=True)",
        ),
        ("adjoints", "values", "cost", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "any target counts as one-hot",
        "soft targets",
        Function("chainrule.symbolic.rewriting.rewrites:_is_one_hot", " and tensor.values in (Values.ONE_HOT, Values.DISTRIBUTION)", ""),
        ("steps", "adjoints", "rewrites", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "sign(u) u = u",
        "signs",
        Function("chainrule.symbolic.rewriting.rewrites:_with_absolute_value", "= Abs(inside)", "= inside"),
        ("steps", "adjoints", "rewrites", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a formula put in where its adjoint is read out of range",
        "edges",
        Function("chainrule.symbolic.rewriting.substitution:_in_range", "within(value, outside)", "value"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "one of two solutions taken for the only one",
        "own activation",
        Function(
            "chainrule.symbolic.rewriting.output_form:_linear_solution",
            "if found.degree() != 1:",
            "if found.degree() == 2:\n        return sympy.roots(found, multiple=True)[0]\n    if found.degree() != 1:",
        ),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "a rewrite that loses a sign",
        "normalised",
        Function("chainrule.symbolic.rewriting.collecting_rewrites:multiply_out", "return summed(", "return -summed("),
        ("steps", "rewrites"),
    ),
    Mutation(
        "a letter that a delta fixes, out of its range",
        "placed",
        Function("chainrule.symbolic.rewriting.deltas:_in_range", "if not needed:", "if True:"),
        ("steps", "adjoints", "gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "log(1 − a) with the sign of its exponent",
        "own activation",
        Function("chainrule.codegen.program.positive_fractions:_log_of_monomial", "power * masks[unknown]", "-power * masks[unknown]"),
        ("cost", "self-check"),
    ),
    Mutation(
        "an adjoint that readers multiply once more by what it is scaled by",
        "saturated",
        Function("chainrule.codegen.program.scaled_adjoints:_divided", "sign**power * product / base**power", "sign**power * product"),
        ("gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "the largest exponent subtracted below alone",
        "saturated",
        Function("chainrule.codegen.program.quotients:over_largest", "_with_exponent(above, -highest)", "above"),
        ("gradients", "forward mode", "self-check"),
    ),
    Mutation(
        "written over before its last read",
        "normalised",
        Function("chainrule.codegen.backends.fast.passes.in_place:_overwritten", "and last[entry.name] == place", "and True"),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "what a loop computes taken out of it",
        "recurrent",
        Function("chainrule.codegen.backends.fast.passes.hoisting:_Hoisting.is_free", "return False", "return True"),
        ("cost", "gradients", "forward mode", "styles", "self-check", "calls"),
    ),
    Mutation(
        "a result that is a part of another array",
        "entries",
        Function("chainrule.codegen.backends.fast.ir.lowering:Flattening.is_array_of_its_own", " and self.values[name].slice is None", ""),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "steps zipped with an axis of another size",
        "entries",
        Function(
            "chainrule.codegen.backends.fast.ir.recurrences:Recurrence.are_along_steps", "== axis_name(step.letters[0])", "is not None"
        ),
        ("cost", "gradients", "forward mode", "styles"),
    ),
    # In generated code: plain style.
    Mutation(
        "a transposed operand",
        "deep",
        Module("plain", "da1 = dz2 @ W2", "da1 = dz2 @ W2.T"),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "wrong padding",
        "convolution",
        Module("plain", "{2: (range(-1, 7, 2), range(3))}", "{2: (range(0, 8, 2), range(3))}"),
        ("values", "cost", "gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "wrong padding in the backward pass",
        "convolution",
        Module(
            "plain",
            "dW1 = np.tensordot(\n        windows(x, {2: (range(-1, 7, 2)",
            "dW1 = np.tensordot(\n        windows(x, {2: (range(0, 8, 2)",
        ),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "a wrong stride",
        "convolution",
        Module(
            "plain",
            "dW1 = np.tensordot(\n        windows(x, {2: (range(-1, 7, 2)",
            "dW1 = np.tensordot(\n        windows(x, {2: (range(-1, 3, 1)",
        ),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "a reduction over the wrong axis",
        "layers",
        Module("plain", "db1 = dz1.sum(axis=0)", "db1 = dz1.sum(axis=1)"),
        ("gradients", "forward mode", "styles", "self-check", "shapes"),
    ),
    Mutation(
        "a dimension kept",
        "layers",
        Module("plain", "db1 = dz1.sum(axis=0)", "db1 = dz1.sum(axis=0, keepdims=True)"),
        ("gradients", "styles", "self-check", "shapes"),
    ),
    Mutation(
        "a broadcast instead of a sum",
        "layers",
        Module("plain", "db1 = dz1.sum(axis=0)", "db1 = dz1[0] * N"),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "a narrower type",
        "layers",
        Module("plain", "dW1 = dz1.T @ x + 2 * l2 * W1", "dW1 = (dz1.T @ x + 2 * l2 * W1).astype(np.float32)"),
        ("gradients", "forward mode", "styles", "shapes"),
    ),
    Mutation(
        "l2 missing in the cost",
        "layers",
        Module("plain", "R = l2 * np.sum(W1**2) + l2 * np.sum(W2**2)", "R = l2 * np.sum(W2**2)"),
        ("cost", "styles", "self-check"),
    ),
    Mutation(
        "an argument written to",
        "layers",
        Module("plain", "da2 = (a2 - y) / N", "da2 = np.subtract(a2, y, out=y) / N"),
        ("self-check", "calls"),
    ),
    Mutation(
        "labels counted from 1",
        "labels",
        Module("plain", "np.arange(5)", "np.arange(1, 6)"),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "the smallest for the largest",
        "pooling",
        Module("plain", "np.argmax(", "np.argmin("),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "the recurrence without its last step",
        "recurrent",
        Module("plain", "for t in range(5)", "for t in range(4)"),
        ("values", "cost", "gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "two steps back",
        "recurrent",
        Module("plain", "step(h, 1, t - 1)", "step(h, 1, t - 2)"),
        ("values", "cost", "gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "written instead of added",
        "embedding",
        Module("plain", "values[inside]", "values[inside] / np.bincount(flat)[flat]"),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "the cases exchanged",
        "layers",
        Module("plain", "np.where(z >= 0, 1, e)", "np.where(z < 0, 1, e)"),
        ("values", "cost", "gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "predictions before the activation",
        "layers",
        Module("plain", "return forward(params, x).a2", "return forward(params, x).z2"),
        ("values",),
    ),
    Mutation(
        "the largest exponent not put back",
        "labels",
        Module("plain", "np.squeeze(largest, axis=axis) + ", ""),
        ("cost", "styles", "self-check"),
    ),
    Mutation("the learning rate's sign", "layers", Module("plain", "w = w - eta * g", "w = w + eta * g"), ("optimisers",)),
    Mutation("Adam without its correction", "layers", Module("plain", "(1 - beta1**t)", "(1 - beta1)"), ("optimisers",)),
    # In generated code: fast style.
    Mutation(
        "a border that is not 0",
        "convolution",
        Module("fast", "np.zeros((9, 2, N), dtype)", "np.full((9, 2, N), 0.1, dtype)"),
        ("cost", "gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "windows with a wrong stride",
        "convolution",
        Module("fast", "range(0, 8, 2)", "range(0, 4, 1)"),
        ("cost", "gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "a stale buffer",
        "recurrent",
        Module("fast", "            h_1[...] = s\n", ""),
        ("cost", "gradients", "forward mode", "styles", "self-check", "calls"),
    ),
    Mutation(
        "a sum over calls",
        "convolution",
        Module("fast", "ones_n.dot(da3, db3)", "add(db3, ones_n.dot(da3), db3)"),
        ("gradients", "forward mode", "styles", "calls"),
    ),
    Mutation(
        "an array that another one lies on",
        "one-hot",
        Module("fast", "da1 = z1_filled", "da1 = z1"),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "an aliased output",
        "layers",
        Module("fast", "_parts(self._flat.copy(), self._shapes)", "_parts(self._flat, self._shapes)"),
        ("calls",),
    ),
    Mutation(
        "parameters not copied again",
        "deep",
        Module("fast", "                own[...] = array", "                pass"),
        ("cost", "gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "a batch size of an earlier call",
        "one-hot",
        Module("fast", "number_1_over_N = np.array(1 / N", "number_1_over_N = np.array(1 / 5"),
        ("gradients", "forward mode", "styles"),
    ),
    Mutation(
        "a batch gradient for one example",
        "layers",
        Module("fast", "W1_01 * x_1 + b1_0", "W1_01 * x_0 + b1_0"),
        ("cost", "gradients", "forward mode", "styles"),
    ),
    Mutation(
        "a transposed operand in a loop",
        "recurrent",
        Module("fast", "dh_3.dot(U, dh_4)", "dh_3.dot(U_jj, dh_4)"),
        ("gradients", "forward mode", "styles", "self-check"),
    ),
    Mutation(
        "a step in place with the wrong sign",
        "layers",
        Module("fast", "np.subtract(w, work1, out=w)", "np.add(w, work1, out=w)"),
        ("optimisers",),
    ),
    # In a document.
    Mutation("a digit of a value", MAZUR, Document("= 0.593269992", "= 0.593279992"), ("worked numbers",)),
    Mutation("a digit of an operand", MAZUR, Document(r"0.15 \cdot 0.05", r"0.15 \cdot 0.06"), ("worked numbers",)),
    Mutation("the sign of a value", MAZUR, Document("0.99 = -0.217071535", "0.99 = 0.217071535"), ("worked numbers",)),
    Mutation(
        "a digit of a value that is only passed on", MAZUR, Document("&= 0.138498562 \\\\", "&= 0.138498572 \\\\"), ("worked numbers",)
    ),
    Mutation("a digit of a weight after the step", MAZUR, Document("$0.35891648$", "$0.35891748$"), ("worked numbers",)),
    Mutation(
        "a digit of a gradient beside a numeric one",
        MAZUR,
        Document("$0.0826676$ | $0.0826676$", "$0.0826676$ | $0.0826766$"),
        ("worked numbers",),
    ),
    Mutation("a digit of the cost", MAZUR, Document("from $0.298371109$", "from $0.298371119$"), ("worked numbers",)),
)


@cache
def points(network: str) -> tuple[Measurements, ...]:
    """Where the modules of a network are tried. What is measured there comes from the right equations alone."""
    return measured(right(network), 0, EXTENT)


def findings(network: str, tried: Mutant) -> list[Finding]:
    """The checks of a derivation and of its modules."""
    found = step_findings(tried.derivation, trials(tried.derivation, 0, EXTENT.trials))
    return found + module_findings(tried.derivation, tried.modules, points(network))


def right_findings(network: str) -> list[Finding]:
    """The same without a mistake."""
    return findings(network, unchanged(network))


@cache
def full_text(name: str) -> str:
    """The handout of a network of the gallery with every step and every number, in Markdown."""
    with TemporaryDirectory() as folder:
        build(read_description(GALLERY / name / f"{name}.toml"), Path(folder), Choices(("md",), length="full"))
        return (Path(folder) / f"{name}.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Outcome:
    """The checks that fail, in the order of their table, and how many of the comparisons were of 0 with 0 alone."""

    caught_by: tuple[str, ...]
    vacuous: int = 0


def outcome(mutation: Mutation) -> Outcome:
    """What the checks say of a mistake; REFUSED where it cannot even be evaluated."""
    change = mutation.change
    if isinstance(change, Document):
        wrong = worked_numbers(replaced(full_text(mutation.network), change.old, change.new))
        return Outcome((WORKED_NUMBERS,) if wrong.failures else ())
    try:
        found = findings(mutation.network, mutant(mutation.network, change))
    except ChainruleError:
        return Outcome((REFUSED,))
    failed = {finding.check for finding in found if finding.failed}
    return Outcome(tuple(check for check in CHECKS if check in failed), sum(finding.vacuous for finding in found))


def run(progress: Progress = lambda _: None) -> Record:
    """Puts every mistake in, and says which check caught it."""
    started = time.monotonic()
    rows, failures, vacuous = [], [], 0
    for mutation in MUTATIONS:
        progress(mutation.name)
        of = outcome(mutation)
        vacuous += of.vacuous
        rows.append((mutation.name, PLACES[type(mutation.change)], mutation.network, ", ".join(of.caught_by) or "nothing", str(of.vacuous)))
        if of.caught_by != mutation.caught_by:
            failures.append(f"{mutation.name} ({mutation.network}): caught by {of.caught_by or 'nothing'}, expected {mutation.caught_by}")
    for network in NETWORKS:
        for finding in right_findings(network):
            vacuous += finding.vacuous
            if finding.failed:
                failures.append(f"{network} without a mistake: {finding.check} of {finding.subject} fails")
    counts = Counter(place for _, place, *_ in rows)
    return Record(
        "Mutations",
        "Is a deliberate mistake caught, by the checks that are said to catch it and by no others?",
        (
            ("mistakes", len(rows)),
            *counts.items(),
            ("networks without a mistake, in which nothing may fail", len(NETWORKS)),
            (VACUOUS, vacuous),
        ),
        tuple(failures),
        time.monotonic() - started,
        ("mistake", "put into", "network", "caught by", VACUOUS),
        tuple(rows),
    )
