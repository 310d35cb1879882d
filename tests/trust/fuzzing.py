"""Fuzzing of everything that a stranger's text comes in by: the coverage-guided fuzzer and Hypothesis, each target in turn.

    PYTHONPATH=src:tests:tests/networks python -m trust.fuzzing --inputs 2000000 --minutes 40 --save generated/trust/fuzzing.json

Every run is a process of its own, with a limit on memory, and a watch on the time of each input.
"""

from __future__ import annotations

import argparse
import base64
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from .fuzzing_targets import IN_MEMORY, TARGETS
from .keeping import keep
from .record import Progress, Record
from .seeds import dictionary, seeds
from .shrinking import shrunk
from .tried import MEGABYTES, PATIENCE, SECONDS, Finding, Tally, try_one

ROOT = Path(__file__).parents[2]
GUIDED, GENERATED = "atheris (guided by coverage)", "Hypothesis (valid texts changed, soup of words, any signs)"
#: How a run's inputs are shared out: the fast targets take the bulk. Deriving and building have their time instead.
SHARES: Mapping[str, float] = {
    "equations": 0.42,
    "declarations": 0.12,
    "description": 0.12,
    "formulas": 0.1,
    "symbols": 0.05,
    "notation": 0.06,
    "command": 0.05,
    "work": 0.05,
    "shorthand": 0.04,
}
GUIDED_SHARE = 0.85
#: So many of a million go through the chain rule beside, and of so many everything is built; and their parts of the time at most.
SLOW: Mapping[str, tuple[int, float]] = {"derivation": (6_000, 0.14), "building": (300, 0.14)}
#: The coverage-guided fuzzer begins with short inputs, of which it tries ten in the time of a long one.
SHORT, LONG, SHORT_SHARE = 120, 4_000, 0.6
COVERAGE = re.compile(r"cov: (\d+)")


@dataclass
class Run:
    """One target with one fuzzer: how many inputs in what time, the slowest and the hungriest, and what went wrong."""

    target: str
    fuzzer: str
    tried: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_input: str = ""
    hungriest: float = 0.0
    hungriest_input: str = ""
    edges: int = 0
    findings: list[Finding] = field(default_factory=list)

    def take(self, table: Mapping[str, object]) -> None:
        """Adds the tally of one process."""
        self.tried += int(str(table["tried"]))
        self.seconds += float(str(table["seconds"]))
        for key in ("slowest", "hungriest"):
            if float(str(table[key])) > getattr(self, key):
                setattr(self, key, float(str(table[key])))
                setattr(self, f"{key}_input", str(table[f"{key}_input"]))

    def as_table(self) -> dict[str, object]:
        findings = [{"signature": entry.signature, "message": entry.message, "input": _shown(entry.data)} for entry in self.findings]
        return asdict(self) | {"findings": findings}

    @staticmethod
    def of_table(table: Mapping[str, Any]) -> Run:
        """A run as it was saved; of what went wrong, the text of the input is left."""
        findings = [Finding(table["target"], entry["signature"], entry["message"], entry["input"].encode()) for entry in table["findings"]]
        return Run(**(table | {"findings": findings}))


def has_atheris() -> bool:
    return importlib.util.find_spec("atheris") is not None


def guided(target: str, inputs: int, seconds: float, seed: int) -> Run:
    """A run of the coverage-guided fuzzer. It begins anew where an input hangs or takes the memory, behind that input."""
    run, until = Run(target, GUIDED), time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="chainrule-guided-", dir=IN_MEMORY) as folder:
        place = Path(folder)
        corpus = place / "corpus"
        corpus.mkdir()
        for number, data in enumerate(seeds(target)):
            (corpus / f"seed-{number:04}").write_bytes(data)
        (place / "words").write_text(dictionary(), encoding="utf-8")
        while run.tried < inputs and (left := until - time.monotonic()) > 0.2:
            short = run.tried < inputs * SHORT_SHARE
            most = round(inputs * SHORT_SHARE) - run.tried if short else inputs - run.tried
            options = [
                f"-max_total_time={max(1, int(left))}",
                f"-runs={most}",
                f"-max_len={SHORT if short else LONG}",
                f"-timeout={int(PATIENCE * SECONDS)}",
                "-rss_limit_mb=0",
            ]
            options += [f"-dict={place / 'words'}", f"-seed={seed}", f"-artifact_prefix={place}/", "-verbosity=1"]
            ended = _process("trust.guided", target, place, [*options, str(corpus)], left)
            if not _take(run, place, ended.stderr):
                run.findings.append(Finding(target, "end of the process", f"{ended.returncode}: {ended.stderr[-600:]}", b""))
                break
            wrong = [path for path in place.iterdir() if path.name.startswith(("timeout-", "crash-", "oom-", "slow-unit-"))]
            for path in wrong:
                # A slow unit is none that took too long; a crash of ours would be a finding already.
                if not path.name.startswith("slow-unit-"):
                    kind = path.name.split("-")[0]
                    run.findings.append(Finding(target, kind, f"libFuzzer: {kind}", path.read_bytes()))
                path.unlink()
            seed += 1
            if ended.returncode and not wrong:
                break
    return run


def generated(target: str, inputs: int, seconds: float, seed: int) -> Run:
    """A run of Hypothesis. What hangs where no signal reaches it is found by the process's end, in the input that it had then."""
    run, until = Run(target, GENERATED), time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="chainrule-generated-", dir=IN_MEMORY) as folder:
        place = Path(folder)
        while run.tried < inputs and (left := until - time.monotonic()) > 0.2:
            most = inputs - run.tried
            ended = _process("trust.generated_inputs", target, place, [str(most), str(left), str(seed)], left)
            if not _take(run, place, ended.stderr):
                data = (place / "tally.current").read_bytes() if (place / "tally.current").exists() else b""
                run.findings.append(Finding(target, "end of the process", ended.stderr[-300:], data))
                break
            seed += 1
    return run


def _process(module: str, target: str, place: Path, rest: Iterable[str], seconds: float) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, target, str(place / "tally"), str(place / "wrong"), *rest]
    # Files that a target writes go with the folder, however the process ends.
    environment = {
        **os.environ,
        "TMPDIR": str(place),
        "PYTHONPATH": os.pathsep.join(
            [*(str(ROOT / room) for room in ("src", "tests", "tests/networks", "tests/codegen/marking")), os.environ.get("PYTHONPATH", "")]
        ),
    }
    try:
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, env=environment, timeout=2 * seconds + 120, cwd=place
        )
    except subprocess.TimeoutExpired as problem:
        said = problem.stderr.decode(errors="replace") if isinstance(problem.stderr, bytes) else problem.stderr or ""
        return subprocess.CompletedProcess(command, 1, "", f"{said}\nno end within {2 * seconds + 120:.0f} s")


def lasts(finding: Finding, place: Path) -> bool:
    """Whether what took too long among many inputs does so in a process of its own as well: a clock is read on a busy machine."""
    if finding.signature not in ("Hanging", "slow"):
        return True
    (place / "alone").write_text(finding.as_text(), encoding="utf-8")
    return bool(_process("trust.alone", str(place / "alone"), place, [], SECONDS).returncode)


def _take(run: Run, place: Path, said: str) -> bool:
    """What a process left behind, if it left its tally."""
    if covered := COVERAGE.findall(said):
        run.edges = max(run.edges, int(covered[-1]))
    if (place / "wrong").exists():
        for line in (place / "wrong").read_text(encoding="utf-8").splitlines():
            finding = Finding.of_text(line)
            if finding.signature not in [entry.signature for entry in run.findings] and lasts(finding, place):
                run.findings.append(finding)
        (place / "wrong").unlink()
    if not (place / "tally").exists():
        return False
    run.take(json.loads((place / "tally").read_text(encoding="utf-8")))
    (place / "tally").unlink()
    return True


def shortened(finding: Finding) -> Finding:
    """The same with a shorter input, where the process survives the input at all."""
    if finding.signature in ("timeout", "crash", "oom", "end of the process", "Hanging", "slow", "hungry"):
        return finding

    def still_wrong(data: bytes) -> bool:
        again = try_one(finding.target, TARGETS[finding.target], data, Tally())
        return again is not None and again.signature == finding.signature

    return Finding(finding.target, finding.signature, finding.message, shrunk(finding.data, still_wrong))


def runs(inputs: int, seconds: float, seed: int, progress: Progress, targets: Collection[str] = TARGETS) -> Iterator[Run]:
    """The targets with both fuzzers, one run after the other; without atheris, with Hypothesis alone. The time is a limit, not an aim."""
    for_many = seconds * (1 - sum(part for _, part in SLOW.values()))
    shares = [(guided, GUIDED_SHARE, 0.6), (generated, 1 - GUIDED_SHARE, 0.4)] if has_atheris() else [(generated, 1.0, 1.0)]
    plan = [
        (fuzzer, name, round(inputs * share * part), for_many * share * of_time)
        for name, share in SHARES.items()
        for fuzzer, part, of_time in shares
    ]
    plan += [(generated, name, max(1, inputs * count // 1_000_000), seconds * part) for name, (count, part) in SLOW.items()]
    for fuzzer, name, count, time_limit in plan:
        if name in targets:
            run = fuzzer(name, count, max(5.0, time_limit), seed)
            run.findings = [shortened(finding) for finding in run.findings]
            progress(f"{name}, {run.fuzzer}: {run.tried} inputs in {run.seconds:.0f} s, {len(run.findings)} went wrong")
            yield run


def record_of(found: Iterable[Run], seconds: float) -> Record:
    """What the page of trials says of runs."""
    found = list(found)
    total = sum(run.tried for run in found)
    slowest, hungriest = max(found, key=lambda run: run.slowest), max(found, key=lambda run: run.hungriest)
    counts = [("inputs", total)]
    counts += [(f"of them from {name}", sum(run.tried for run in found if run.fuzzer == name)) for name in (GUIDED, GENERATED)]
    counts += [
        ("went through the chain rule", sum(run.tried for run in found if run.target == "derivation")),
        ("of which everything was built, where they were valid", sum(run.tried for run in found if run.target == "building")),
    ]
    failures = [f"{run.target}: {entry.signature}: {entry.message}, input {_shown(entry.data)}" for run in found for entry in run.findings]
    rows = [
        (
            run.target,
            run.fuzzer.partition(" ")[0],
            f"{run.tried}",
            f"{run.tried / max(run.seconds, 1e-9):.0f}",
            f"{run.slowest:.2f} s",
            f"{run.hungriest:.0f} MB",
            str(len(run.findings)),
        )
        for run in found
    ]
    remarks = [
        f"The slowest input ({slowest.target}) took {slowest.slowest:.2f} s: {_shown(base64.b64decode(slowest.slowest_input))}.",
        f"The hungriest ({hungriest.target}) took {hungriest.hungriest:.0f} MB: {_shown(base64.b64decode(hungriest.hungriest_input))}.",
    ]
    if edges := [f"{run.target} {run.edges}" for run in found if run.edges]:
        remarks.append(f"Edges of the code that the coverage-guided fuzzer reached: {', '.join(edges)}.")
    if not has_atheris():
        remarks.append(WITHOUT_ATHERIS)
    return Record(
        title="Fuzzing",
        asked=f"A value, or one clear refusal: no other exception, no warning, no input beyond {SECONDS:g} s or {MEGABYTES} MB.",
        counts=tuple(counts),
        failures=tuple(failures),
        seconds=seconds,
        columns=("target", "fuzzer", "inputs", "inputs a second", "slowest", "hungriest", "went wrong"),
        rows=tuple(rows),
        remarks=tuple(remarks),
    )


WITHOUT_ATHERIS = "atheris is not installed on this machine (python -m pip install atheris), so that Hypothesis made all inputs"


def run(inputs: int = 1_000_000, seconds: float = 2_400.0, seed: int = 1, progress: Progress = lambda _: None) -> Record:
    """Tries so many inputs, as far as the time allows, and says what came of them."""
    started = time.monotonic()
    found = list(runs(inputs, seconds, seed, progress))
    return record_of(found, time.monotonic() - started)


def _shown(data: bytes) -> str:
    text = repr(data.decode("utf-8", errors="replace"))
    return text if len(text) <= 200 else f"{text[:197]}…"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--targets", default=",".join(TARGETS), help="with commas between; runs of the others stay as they were saved")
    parser.add_argument("--save", type=Path, help="a file for the record and all of its runs, as JSON")
    chosen = parser.parse_args()
    started, record = time.monotonic(), None
    before = json.loads(chosen.save.read_text(encoding="utf-8")) if chosen.save and chosen.save.exists() else None
    found: list[Run] = []
    for run in runs(chosen.inputs, chosen.minutes * 60, chosen.seed, lambda line: print(line, flush=True), chosen.targets.split(",")):
        found.append(run)
        together = merged(found, [Run.of_table(table) for table in before["runs"]] if before else [])
        record = record_of(together, time.monotonic() - started + (before["record"]["seconds"] if before else 0.0))
        if chosen.save:
            # After every run, so that nothing is lost where the rest takes long.
            keep(chosen.save, record, runs=[entry.as_table() for entry in together])
    if record is None:
        parser.error(f"--targets: expected some of {', '.join(TARGETS)}")
    print(*record.failures, sep="\n")
    print(*(f"{count} {what}" for what, count in record.counts), sep=", ")
    sys.exit(1 if record.failures else 0)


def merged(found: Iterable[Run], before: Iterable[Run]) -> list[Run]:
    """Runs with those of before: more of the same adds up, and a run that found something gives way to the one behind the mending."""
    together = {(run.target, run.fuzzer): replace(run) for run in found}
    for run in before:
        if (run.target, run.fuzzer) not in together:
            together[run.target, run.fuzzer] = run
        elif not run.findings:
            together[run.target, run.fuzzer].take(run.as_table())
    return sorted(together.values(), key=lambda run: (list(TARGETS).index(run.target), run.fuzzer != GUIDED))


if __name__ == "__main__":
    main()
