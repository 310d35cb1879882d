"""The deep check: its numbers are as good as it says, kinks are stepped around, and its work does not grow with parameters."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from math import prod
from pathlib import Path
from types import ModuleType

import mpmath
import numpy as np
import pytest
import sympy
from layer_networks import ALONE
from places import SOURCE

from chainrule import Dense, Network, derive
from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.codegen.checking import extrapolation
from chainrule.codegen.checking.deep_check import DeepCheck, DeepCheckExtent, deep_check, measured, module_findings
from chainrule.codegen.checking.directions import directions
from chainrule.codegen.checking.extrapolation import EXTENDED, Sample, slopes
from chainrule.codegen.checking.finding import CHECKS, Finding
from chainrule.codegen.checking.loading import load
from chainrule.codegen.checking.point import random_point
from chainrule.codegen.checking.steps import changed_terms, trials
from chainrule.codegen.checking.tally import Tally
from chainrule.codegen.cli import deep_check_table
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.checking.trial_sizes import MOST_NUMBERS
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.rule import Rule
from chainrule.symbolic.system.small_sizes import small_sizes

SHORT = DeepCheckExtent(trials=1, sizes=((3, 5, 7, 2), (1, 2, 3, 5)))


def equations(text: str, parameters: list[str], inputs: list[str], **sizes: int) -> Derivation:
    return derive(system_from_equations(text, parameters, inputs, sizes=sizes, batch="n"))


def of_one_number(function: object) -> object:
    def evaluated(t: np.longdouble) -> Sample:
        value = np.reshape(np.asarray(function(t), EXTENDED), -1)  # type: ignore[operator]
        return Sample(value, [])

    return evaluated


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (np.exp, "1"),
        (lambda t: np.sin(3 * t + 1), "3*cos(1)"),
        (lambda t: 1 / (2 + t), "-1/4"),
        (lambda t: t**5 + 7 * t, "7"),
        (np.cos, "0"),
    ],
)
def test_the_estimated_error_is_no_smaller_than_the_error(function: object, slope: str) -> None:
    evaluated = of_one_number(function)
    found = slopes(evaluated, evaluated(EXTENDED(0)), 0.125)  # type: ignore[operator, arg-type]
    exact = EXTENDED(str(sympy.sympify(slope).evalf(30)))
    assert found.values is not None
    assert found.errors is not None
    error = abs(found.values[0] - exact)
    assert error <= found.errors[0] + 8 * np.finfo(EXTENDED).eps
    assert found.errors[0] < 1e-12


def test_several_derivatives_at_once_have_errors_of_their_own() -> None:
    evaluated = of_one_number(lambda t: [np.exp(t), np.exp(40 * t)])
    found = slopes(evaluated, evaluated(EXTENDED(0)), 0.125)  # type: ignore[operator, arg-type]
    assert found.values is not None
    assert found.errors is not None
    np.testing.assert_allclose(found.values.astype(float), [1, 40], rtol=1e-9)
    assert found.errors[0] < found.errors[1]


def kinked(place: float) -> object:
    kink = sympy.Abs(sympy.Symbol("t"))

    def evaluated(t: np.longdouble) -> Sample:
        return Sample(np.reshape(3 * t + abs(t - EXTENDED(place)), 1), [(kink, np.sign(np.asarray(t - EXTENDED(place))))])

    return evaluated


def test_a_kink_is_stepped_around_and_named() -> None:
    """|t − 0.01| at 0: any step over 0.01 would average the slopes −1 and 1."""
    function = kinked(0.01)
    found = slopes(function, function(EXTENDED(0)), 0.125)  # type: ignore[operator, arg-type]
    assert found.values is not None
    assert float(found.values[0]) == pytest.approx(2, abs=1e-14)
    assert list(map(str, found.kinks)) == ["Abs(t)"]


def test_at_a_kink_there_is_no_verdict() -> None:
    function = kinked(0.0)
    found = slopes(function, function(EXTENDED(0)), 0.125)  # type: ignore[operator, arg-type]
    assert found.values is None
    tally = Tally()
    tally.fail_to_decide("here", found.kinks)
    assert tally.finding("gradients", "w").failed
    assert "no verdict, as every step crosses Abs(t)" in tally.failures[0]


def test_a_numeric_value_that_is_not_good_enough_decides_nothing() -> None:
    tally = Tally()
    tally.add("here", 1e-12, 1e-3)
    assert "no verdict" in tally.failures[0]


def test_nan_is_wrong() -> None:
    tally = Tally()
    tally.add("here", float("nan"), 0.0)
    assert tally.failures


@pytest.mark.parametrize(
    "text",
    [
        "C = mean(n, sum(k, relu(w[k]*x[n,k])))",
        "C = mean(n, sum(k, abs(w[k] - x[n,k])))",
        "C = mean(n, max(k, w[k]*x[n,k])**2)",
        "C = mean(n, sum(k, where(w[k] > x[n,k], w[k]**2, w[k])))",
        "C = mean(n, sum(k, maximum(w[k], x[n,k]) + minimum(w[k], 0.1)))",
        "C = mean(n, sum(k, sign(w[k])*w[k]**2*x[n,k]))",
    ],
)
def test_kinked_networks_are_right_and_their_sides_are_seen(text: str) -> None:
    derivation = equations(text, ["w[k]"], ["x[n,k]"], k=3)
    assert not deep_check(derivation, extent=SHORT).failed
    line = measured(derivation, 0, SHORT)[0].line
    assert line.start.sides


def test_every_kind_of_check_is_made() -> None:
    found = deep_check(derive(Network(3, [Dense(5, "softmax")], "cross_entropy")), derivatives=("hvp", "hessian"), extent=SHORT)
    assert {finding.check for finding in found.findings} == set(CHECKS)
    assert all(finding.tried for finding in found.findings)
    assert not found.failed


def test_wrong_second_derivatives_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.codegen.checking import deep_check as module

    right = module.load

    def wrong(derivation: Derivation, *given: object, **more: object) -> ModuleType:
        made = right(derivation, *given, **more)  # type: ignore[arg-type]
        if hasattr(made, "hessian_vector_product"):
            product = made.hessian_vector_product
            made.hessian_vector_product = lambda *arguments: product(*arguments)._replace(b1=2 * product(*arguments).b1)
        return made

    monkeypatch.setattr(module, "load", wrong)
    found = deep_check(derive(Network(3, [Dense(5, "tanh")])), derivatives=("hvp",), extent=SHORT)
    assert {finding.subject for finding in found.failed} >= {"H v, b1", "symmetry"}


def test_the_same_seed_gives_the_same_numbers_and_another_one_others() -> None:
    derivation = derive(Network(3, [Dense(5, "tanh")]))
    first, again, other = (deep_check(derivation, seed, extent=SHORT) for seed in (1, 1, 2))
    assert first == again
    assert first.findings != other.findings


def test_the_work_does_not_grow_with_the_number_of_parameters() -> None:
    """As many directions for 13,000 parameters as for 50."""
    rng = np.random.default_rng(0)
    large, small = ({"W": np.zeros(shape), "b": np.zeros(shape[0])} for shape in ((16, 784), (7, 5)))
    assert len(list(directions(large, rng))) == len(list(directions(small, rng)))


def test_a_large_network_takes_seconds() -> None:
    started = time.process_time()
    found = deep_check(derive(Network(784, [Dense(16, "sigmoid"), Dense(16, "sigmoid"), Dense(10, "sigmoid")])))
    assert not found.failed
    # Two to three on an idle machine; ten times that would mean that each parameter is tried.
    assert time.process_time() - started < 60


def test_one_wrong_entry_of_thousands_is_found() -> None:
    """An inner product with a random direction sees it."""
    derivation = derive(Network(50, [Dense(16, "tanh"), Dense(3, "identity")]))
    module = load(derivation, verify=False)
    backward = module.backward

    def wrong(*arguments: object) -> object:
        gradients = backward(*arguments)
        gradients.W1[5, 7] *= 1.001
        return gradients

    module.backward = wrong
    found = module_findings(derivation, {"plain": module}, measured(derivation, 0, SHORT))
    assert "W1, plain" in {finding.subject for finding in found if finding.failed and finding.check == "gradients"}


def test_a_point_where_the_cost_is_no_number_is_left_out() -> None:
    """A variance of one example is divided by N − 1 = 0."""
    derivation = derive(Network(**ALONE["batch_norm after Bessel"]))
    assert [measurements.point.sizes["n"] for measurements in measured(derivation, 0, SHORT)] == [3]


LATE = "h[n,t] = tanh(w*h[n,t-1] + v*x[n,t])\nC = mean(n, h[n,12]**2)"
#: w has no effect on the cost, though its gradient is not the number 0 by its formula.
NEVER = "h[n,t] = tanh(w*h[n,t-1] + v*x[n,t])\nC = mean(n, h[n,0]**2)"


def of_gradients(found: DeepCheck) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found.findings if finding.check == "gradients"}


def test_an_open_axis_is_as_long_as_what_is_read_along_it() -> None:
    """At lengths below 13 every gradient is 0; at one of them the module is held against numeric ones that are not."""
    derivation = equations(LATE, ["w", "v"], ["x[n,t]"])
    points = measured(derivation, 0, SHORT)
    assert [point.without_effect for point in points[: len(SHORT.sizes)]] == [{"w", "v"}] * len(SHORT.sizes)
    assert points[-1].point.sizes["t"] >= 13
    assert not points[-1].without_effect
    found = deep_check(derivation, extent=SHORT)
    assert not found.failed
    assert found.vacuous == 0


def test_a_gradient_that_is_always_0_is_wrong_where_the_cost_is_a_late_step() -> None:
    derivation = equations(LATE, ["w", "v"], ["x[n,t]"])
    module = load(derivation, verify=False)
    backward = module.backward
    module.backward = lambda *arguments: backward(*arguments)._replace(w=np.zeros(()))
    found = module_findings(derivation, {"plain": module}, measured(derivation, 0, SHORT))
    assert {finding.subject for finding in found if finding.check == "gradients" and finding.failures} == {"w, plain", "all, plain"}


def test_where_sizes_reach_nothing_gradients_are_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes cut to a few, as once in every check."""
    import chainrule.codegen.checking.deep_check as module

    monkeypatch.setattr(module, "sizes_to_try", lambda _: ())
    found = deep_check(equations(LATE, ["w", "v"], ["x[n,t]"]), extent=SHORT)
    assert {finding.subject for finding in found.failed} == {"w, plain", "v, plain", "w, fast", "v, fast"}
    assert found.vacuous == 4


def test_what_has_no_effect_at_any_sizes_is_not_checked_and_said_to_be() -> None:
    found = deep_check(equations(NEVER, ["w", "v"], ["x[n,t]"]), extent=SHORT)
    assert {finding.subject for finding in of_gradients(found).values() if finding.vacuous} == {"w, plain", "w, fast"}
    assert not of_gradients(found)["v, plain"].failed
    assert not any(finding.failures for finding in found.findings)
    assert deep_check_table._verdict(of_gradients(found)["w, plain"]) == "not checked"
    assert any(
        line.startswith("gradients of w, plain: not checked: 0 was compared with 0") for line in deep_check_table.failure_lines(found)
    )


def test_a_gradient_that_is_0_by_its_formula_is_right() -> None:
    """sign(w) has no slope."""
    found = deep_check(equations("C = mean(n, sign(w)*v*x[n])", ["w", "v"], ["x[n]"]), extent=SHORT)
    assert not found.failed


@pytest.mark.parametrize("deep", [[], ["--deep"]])
def test_the_command_fails_where_nothing_was_checked(deep: list[str], tmp_path: Path) -> None:
    text = f'name = "never"\nequations = """\n{NEVER}\n"""\nparameters = ["w", "v"]\ninputs = ["x[n,t]"]\nbatch = "n"\n'
    (tmp_path / "never.toml").write_text(text)
    done = chainrule("check", "never.toml", *deep, cwd=tmp_path)
    assert done.returncode == 1
    assert "not checked" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["conv2d", "transformer_block", "lstm", "conv2d in groups"])
def test_sizes_keep_the_largest_step_small(name: str) -> None:
    derivation = derive(Network(**ALONE[name]))
    chosen = trials(derivation, 0, 3)
    assert len({trial.sizes for trial in chosen}) == 3
    for trial in chosen:
        sizes = small_sizes(derivation.system, trial.sizes)
        for _, step in derivation.all_steps:
            axes = [axis_name(letter) for letter in letters(step.before) | letters(step.after)]
            assert prod(sizes[axis] for axis in axes) <= 4 * MOST_NUMBERS


def test_sizes_of_a_trial_are_different_primes() -> None:
    derivation = derive(Network(3, [Dense(5, "tanh"), Dense(7, "tanh")]))
    seen: dict[str, set[int]] = {}
    for trial in trials(derivation, 0, 3):
        sizes = small_sizes(derivation.system, trial.sizes)
        assert all(sympy.isprime(size) for size in sizes.values())
        assert len(set(sizes.values())) == len(sizes)
        for axis, size in sizes.items():
            seen.setdefault(axis, set()).add(size)
    assert all(len(sizes) == 3 for sizes in seen.values())


def test_a_rewrite_is_tried_without_the_terms_that_it_leaves() -> None:
    u, v, w = sympy.symbols("u v w")
    assert changed_terms(Step(Rule.CANCEL, 1000 * u + v, 1000 * u + w)) == (v, w)


def test_values_in_extended_precision_are_those_of_many_digits() -> None:
    """tanh and erf, a sum of quotients: as exact as 64 bits can be."""
    derivation = equations("C = sum(n, k, erf(w[k]*x[n,k])*tanh(x[n,k])/(2 + w[k]**2) + w[k]/3)", ["w[k]"], ["x[n,k]"], k=3)
    point = random_point(derivation, 0, sample_sizes(derivation.system, (5,)))
    found = forward(derivation.system, point.numbers(EXTENDED).arrays, point.sizes, EXTENDED).arrays["C"]
    assert found.dtype == EXTENDED
    with mpmath.workdps(40):
        w, x = (([mpmath.mpf(float(entry)) for entry in array.reshape(-1)]) for array in (point.parameters["w"], point.data["x"]))
        exact = mpmath.fsum(
            mpmath.erf(w[k] * x[3 * n + k]) * mpmath.tanh(x[3 * n + k]) / (2 + w[k] ** 2) + w[k] / 3 for n in range(5) for k in range(3)
        )
        assert abs(mpmath.mpf(str(found)) - exact) <= 64 * float(np.finfo(EXTENDED).eps) * abs(exact)


def test_where_floats_are_no_wider_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.search(r"\d+ significant bits", deep_check_table.precision())
    monkeypatch.setattr(deep_check_table, "is_wider", lambda: False)
    assert "no wider than float64" in deep_check_table.precision()


def test_double_precision_alone_is_enough_for_the_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    """On machines whose long double is a double."""
    import chainrule.codegen.checking.deep_check
    import chainrule.codegen.checking.gradients
    import chainrule.codegen.checking.line
    import chainrule.codegen.checking.values

    for module in (extrapolation, chainrule.codegen.checking.line, chainrule.codegen.checking.values):
        monkeypatch.setattr(module, "EXTENDED", np.float64)
    found = deep_check(derive(Network(3, [Dense(5, "tanh"), Dense(2, "sigmoid")])), extent=SHORT)
    assert not found.failed
    own = max(finding.numeric or 0 for finding in found.findings if finding.check == "gradients")
    assert 1e-15 < own < 1e-9


def test_a_failure_is_in_the_table_in_the_summary_and_in_words() -> None:
    wrong = Finding("gradients", "W1, plain", 3, 0.5, 1e-15, ("here: differs by 5.0e-01; at most 1e-09 is allowed",) * 5)
    found = DeepCheck((wrong, Finding("shapes", "plain", 3)), 7)
    assert deep_check_table.failure_lines(found)[-1] == "gradients of W1, plain: and 2 more"
    assert "1 of 2 rows fail" in deep_check_table.summary(found)
    assert "seed 7" in deep_check_table.summary(found)


def chainrule(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chainrule", *arguments]
    import os

    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "COLUMNS": "120"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment, timeout=300)


def test_the_command_prints_a_table_and_one_line(tmp_path: Path) -> None:
    done = chainrule("check", "--deep", "3-5-2", "--activation", "relu", "--seed", "4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for check in CHECKS.keys() - {"rewrites", "second derivatives"}:
        assert check in done.stdout
    assert "shorter steps before a kink: z1[n, j] > 0" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("all right; seed 4.")


def test_the_command_fails_where_a_check_fails(tmp_path: Path) -> None:
    """A tolerance that nothing meets stands for a mistake."""
    program = (
        "from chainrule.codegen.checking import tally\n"
        "from chainrule.codegen.cli import main as command_line\n"
        "tally.Tally.add.__defaults__ = (None, -1.0)\n"
        "import sys; sys.argv = ['chainrule', 'check', '--deep', '3-2']\n"
        "command_line.main()"
    )
    import os

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert done.returncode == 1
    assert "the deep check fails" in done.stderr
    assert "differs by" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_seed_without_deep_is_refused(tmp_path: Path) -> None:
    done = chainrule("check", "3-2", "--seed", "1", cwd=tmp_path)
    assert done.returncode == 2
    assert "--seed goes with --deep alone" in done.stderr
