"""Inputs that once went wrong, the limits that are stated, and a minute of fuzzing."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from places import TESTS
from trust.findings import FINDINGS
from trust.fuzz_regressions import REGRESSIONS
from trust.fuzzing import WITHOUT_ATHERIS, generated, guided, lasts, record_of
from trust.fuzzing_targets import TARGETS
from trust.input_grammar import tokens
from trust.seeds import dictionary, seeds
from trust.shrinking import shrunk
from trust.tried import Finding, Tally, try_one

from chainrule.codegen.cli.listings import LISTS
from chainrule.symbolic.index import limits
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.layers.network import Network

#: Seconds of fuzzing with each fuzzer; at other places than CI a look is enough.
SECONDS = 30.0 if os.environ.get("CI") else 6.0
ENOUGH = 10**9
GUIDED_INPUTS = 40_000 if os.environ.get("CI") else 4_000


@pytest.mark.parametrize("title", REGRESSIONS)
def test_a_regression(title: str) -> None:
    target, data = REGRESSIONS[title]
    assert try_one(target, TARGETS[target], data, Tally()) is None


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "building"])
def test_good_inputs_end_well(target: str) -> None:
    own = seeds(target)
    assert own
    for data in own[:: max(1, len(own) // 25)]:
        assert try_one(target, TARGETS[target], data, Tally()) is None


def test_a_minute_with_hypothesis() -> None:
    shares = {"equations": 0.2, "declarations": 0.1, "description": 0.1, "formulas": 0.1, "command": 0.1, "work": 0.2, "derivation": 0.2}
    found = [generated(target, ENOUGH, SECONDS * share, seed=1) for target, share in shares.items()]
    record = record_of(found, SECONDS)
    assert not record.failures, "\n".join(record.failures)
    assert all(run.tried for run in found)


def test_a_minute_with_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("atheris") is None:
        print(WITHOUT_ATHERIS)
        pytest.skip(WITHOUT_ATHERIS)
    # So many inputs, not so much time: the same ones each time, as far as that can be. New ones are for recorded runs.
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    found = [guided(target, GUIDED_INPUTS, 2 * SECONDS, seed=1) for target in ("equations", "declarations", "description")]
    assert not [entry for run in found for entry in run.findings]
    assert all(run.tried for run in found)
    assert all(run.edges for run in found)


def failing(data: bytes) -> None:
    if b"boom" in data:
        raise KeyError("boom")
    if b"slow" in data:
        while True:
            pass
    if b"large" in data:
        _ = bytearray(600_000_000)


def test_what_goes_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trust.tried.SECONDS", 2.0)
    tally = Tally()
    assert try_one("failing", failing, b"well", tally) is None
    found = try_one("failing", failing, b"a boom", tally)
    assert found is not None
    assert found.signature.startswith("KeyError")
    assert Finding.of_text(found.as_text()) == found
    slow = try_one("failing", failing, b"slow", tally)
    assert slow is not None
    assert slow.signature == "Hanging"
    # The largest memory that this process ever had counts from here, whatever tests before this one took.
    Path("/proc/self/clear_refs").write_text("5")
    large = try_one("failing", failing, b"large", tally)
    assert large is not None
    assert large.signature == "hungry"
    assert tally.tried == 4
    assert set(tally.findings) == {found.signature, "Hanging", "hungry"}


def test_what_was_slow_among_others_is_tried_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = seeds("derivation")[0]
    assert not lasts(Finding("derivation", "Hanging", "", quick), tmp_path)
    assert lasts(Finding("derivation", "KeyError", "", quick), tmp_path)
    monkeypatch.setenv("CHAINRULE_FUZZING_SECONDS", "0.001")
    assert lasts(Finding("derivation", "Hanging", "", quick), tmp_path)


def test_inputs_are_shortened() -> None:
    assert shrunk(b"one two boom three\nfour", lambda data: b"boom" in data) == b"boom"
    assert "".join(tokens("z[n,j] = 2*w")) == "z[n,j] = 2*w"
    assert '"\\x73\\x75\\x6d"' in dictionary()


#: What a text may hold, and the next that is refused.
BESIDE_LIMITS = {
    "nesting": ("exp(" * 20 + "w[0]" + ")" * 20, "exp(" * limits.DEEPEST_NESTING + "exp(w[0])" + ")" * limits.DEEPEST_NESTING),
    "whole number": ("w[0] + " + "9" * 39, "w[0] + " + "9" * 41),
    "decimal number": ("w[0]*1.5e29", "w[0]*1.5e31"),
    "small decimal number": ("w[0]*1.5e-29", "w[0]*1.5e-31"),
    "exponent": ("w[0]**64", "w[0]**65"),
    "number": ("w[0]*exp(200)", "w[0]*exp(300)"),
    "small number": ("w[0]*exp(-200)", "w[0]*exp(-300)"),
    "tower": ("w[0]*2**2**2", "w[0]*9**9**9**9"),
    "equation": ("w[0]" + " " * (limits.LONGEST_TEXT - 100) + "+ w[0]", "w[0]" + " " * limits.LONGEST_TEXT + "+ w[0]"),
    "place": ("w[999999999]", "w[1000000000]"),
    "letters": (
        f"sum({','.join(f'a{number}' for number in range(20))}, w[a0])",
        f"sum({','.join(f'a{number}' for number in range(limits.MOST_LETTERS + 1))}, w[a0])",
    ),
}


@pytest.mark.parametrize("title", BESIDE_LIMITS)
def test_a_limit_of_the_language_holds(title: str) -> None:
    below, beyond = BESIDE_LIMITS[title]
    sizes = {f"a{number}": 2 for number in range(20)} if title == "letters" else None
    assert Network.from_equations(f"L = {below}", ["w[k]"], sizes=sizes).equations
    with pytest.raises(InvalidDescription):
        Network.from_equations(f"L = {beyond}", ["w[k]"])


def test_names_and_indices_have_limits() -> None:
    longest = "n" * limits.LONGEST_NAME
    assert Network.from_equations(f"{longest}[k] = w[k]\nL = sum(k, {longest}[k])", ["w[k]"]).equations
    with pytest.raises(InvalidDescription, match="at most 100"):
        Network.from_equations(f"{longest}n[k] = w[k]\nL = sum(k, {longest}n[k])", ["w[k]"])
    many = ",".join(f"a{number}" for number in range(limits.MOST_INDICES + 1))
    with pytest.raises(InvalidDescription, match="expected at most 16"):
        Network.from_equations("L = w[0]", ["w[k]", f"T[{many}]"])


def test_every_limit_is_listed() -> None:
    listed = " ".join(LISTS["limits"]().values())
    numbers = {name: value for name, value in vars(limits).items() if name.isupper() and isinstance(value, int | float)}
    assert len(numbers) >= 18
    for name, value in numbers.items():
        assert str(value) in listed or f"{value:.0e}" in listed, name


def test_findings_name_tests_that_exist() -> None:
    assert len({found.what for found in FINDINGS}) == len(FINDINGS)
    for found in FINDINGS:
        module, _, function = found.held_by.partition(":")
        if module.startswith("test_"):
            assert f"def {function.strip()}(" in next(TESTS.rglob(f"{module}.py")).read_text(encoding="utf-8"), found
