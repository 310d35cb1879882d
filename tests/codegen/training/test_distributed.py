"""Training on several workers: a scheduler and two workers as processes, against one process; one worker killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from places import SOURCE

pytest.importorskip("distributed")

from chainrule import Dense, InvalidDescription, Layer, Layout, Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.files.array_files import npz_bytes
from chainrule.codegen.training.choices import TrainingChoices
from chainrule.codegen.training.cluster import cluster
from chainrule.codegen.training.data_set import read_data
from chainrule.codegen.training.distributed_run import train_distributed
from chainrule.codegen.training.given import given
from chainrule.codegen.training.parts import parts_of
from chainrule.codegen.training.run import Epoch, begin, train
from chainrule.codegen.training.run_folder import found_run
from chainrule.symbolic.derivation.derivation import Derivation

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
RNG = np.random.default_rng(11)
#: A step is one of 7: 54 steps in all.
CHOICES = TrainingChoices(rate=0.01, batch=28, epochs=9)


class Processes:
    """A scheduler and workers, which end with the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheduler.json"
        self.running: list[subprocess.Popen[bytes]] = []
        self.start("scheduler", "--port", "0", "--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
        limit = time.monotonic() + 60
        while not self.file.exists() and time.monotonic() < limit:
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(self.file)]
        quiet = subprocess.DEVNULL
        self.running.append(subprocess.Popen(command, cwd=self.folder, env=ENVIRONMENT, stdout=quiet, stderr=quiet))
        return self.running[-1]

    def worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker", "--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--death-timeout", "60")

    def wait_for(self, workers: int) -> None:
        with cluster(self.address, None) as client:
            client.wait_for_workers(workers, timeout=60)

    def end(self) -> None:
        for process in reversed(self.running):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    found = Processes(tmp_path_factory.mktemp("dask"))
    try:
        found.worker()
        found.worker()
        found.wait_for(2)
        yield found
    finally:
        found.end()


STACK = Network(
    7,
    [Dense(5, "tanh"), Dense(3, "softmax")],
    "cross_entropy",
    targets="labels",
    name="stack",
    regularisation={"l2": 0.02},
    reduction="mean",
)
SUM = Network(7, [Dense(3, "softmax")], "cross_entropy", targets="labels", name="summed", regularisation={"l2": 0.5}, reduction="sum")
COLUMNS = Network(7, [Dense(3, "softmax")], "cross_entropy", targets="labels", name="columns", layout=Layout(examples="columns"))
MASKED = """
name = "masked"
inputs = ["x[n,t]", "mask[n,t]", "scale[j]"]
targets = ["y[n,t]"]
parameters = ["w[j]", "b"]
equations = \"\"\"
z[n,t] = tanh(sum(j, w[j]*scale[j])*x[n,t] + b)
C = sum(n, t, mask[n,t]*(z[n,t] - y[n,t])**2)/sum(n, t, mask[n,t]) + sum(j, w[j]**2)/10
\"\"\"
batch = "n"
sizes = { t = 5, j = 2 }
"""


def labelled(examples: slice, columns: bool = False) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    x = 3 * rng.standard_normal((211, 7)) + 2
    y = x[:, :3].argmax(axis=1)[examples]
    return {"x": x[examples].T if columns else x[examples], "y": y}


def masked(examples: slice) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    x, mask = rng.standard_normal((211, 5)), (rng.random((211, 5)) < 0.3).astype(float)
    return {"x": x[examples], "y": np.tanh(2 * x + 1)[examples], "mask": mask[examples], "scale": np.array([2.0, 3.0])}


NETWORKS = {
    "stack": (STACK, labelled),
    "sum and penalty": (SUM, labelled),
    "columns": (COLUMNS, lambda examples: labelled(examples, columns=True)),
    "mask": (MASKED, masked),
}


def files(name: str, folder: Path) -> list[Path]:
    paths = []
    for number, examples in enumerate((slice(0, 50), slice(50, 120), slice(120, 211))):
        paths.append(folder / f"part-{number}.npz")
        paths[-1].write_bytes(npz_bytes(NETWORKS[name][1](examples)))
    return paths


def in_one_process(derivation: Derivation, paths: list[Path], folder: Path) -> dict[str, np.ndarray]:
    run = begin(derivation, module_source(derivation, style="fast"), read_data(paths, given(derivation.system)), CHOICES, folder)
    train(run)
    return run.weights()


def shared(
    derivation: Derivation,
    paths: list[Path],
    folder: Path,
    address: str,
    report: Callable[[Epoch], None] = lambda _: None,
    choices: TrainingChoices = CHOICES,
) -> dict[str, np.ndarray]:
    run = begin(derivation, module_source(derivation, style="fast"), parts_of(paths, derivation.system), choices, folder)
    train_distributed(run, address, None, given(derivation.system), report=report)
    return run.weights()


def largest_difference(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    assert one.keys() == other.keys()
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)


@pytest.mark.parametrize("name", NETWORKS)
def test_two_workers_get_the_weights_of_one_process(name: str, processes: Processes, tmp_path: Path) -> None:
    derivation, paths = derive(NETWORKS[name][0]), files(name, tmp_path)
    one = in_one_process(derivation, paths, tmp_path / "one")
    two = shared(derivation, paths, tmp_path / "two", processes.address)
    assert len(two["run/history"]) == 9
    assert largest_difference(one, two) < 1e-10
    assert not (tmp_path / "two" / "data.npz").exists()


def test_the_same_workers_get_the_same_bytes(processes: Processes, tmp_path: Path) -> None:
    derivation, paths = derive(SUM), files("stack", tmp_path)
    short = replace(CHOICES, epochs=2)
    one, other = (shared(derivation, paths, tmp_path / run, processes.address, choices=short) for run in ("one", "other"))
    assert largest_difference(one, other) == 0, "the order of summation is that of the parts"


def test_a_worker_killed_in_the_middle(processes: Processes, tmp_path: Path) -> None:
    third = processes.worker()
    processes.wait_for(3)
    derivation, paths = derive(STACK), files("stack", tmp_path)
    one = in_one_process(derivation, paths, tmp_path / "one")
    ended: list[float] = []

    def kill(epoch: Epoch) -> None:
        if epoch.number == 3:
            threading.Timer(0.02, lambda: (third.send_signal(signal.SIGKILL), ended.append(time.monotonic()))).start()
        if epoch.number == 9:
            ended.append(time.monotonic())

    two = shared(derivation, paths, tmp_path / "two", processes.address, kill)
    assert third.wait(10) == -signal.SIGKILL
    assert ended == sorted(ended)
    assert largest_difference(one, two) < 1e-10


def test_a_file_that_was_changed_is_noticed_before_the_run_goes_on(processes: Processes, tmp_path: Path) -> None:
    paths = files("stack", tmp_path)
    shared(derive(STACK), paths, tmp_path / "run", processes.address, choices=replace(CHOICES, epochs=2))
    before = (tmp_path / "run" / "weights.npz").read_bytes()
    run, takes = found_run(tmp_path / "run"), given(STACK.system)
    assert len(train_distributed(run, processes.address, None, takes, resume=True)) == 2
    paths[1].write_bytes(npz_bytes(labelled(slice(51, 121))))
    with pytest.raises(InvalidDescription, match=r"part-1\.npz: the file is another than when the run began"):
        train_distributed(run, processes.address, None, takes, resume=True)
    assert (tmp_path / "run" / "weights.npz").read_bytes() == before
    paths[1].unlink()
    with pytest.raises(InvalidDescription, match=r"part-1\.npz: cannot be read \(No such file or directory\)"):
        train_distributed(run, processes.address, None, takes, resume=True)


def test_a_file_that_was_changed_is_noticed_by_the_successor_of_a_lost_worker(processes: Processes, tmp_path: Path) -> None:
    third = processes.worker()
    processes.wait_for(3)
    paths = files("stack", tmp_path)

    def change(epoch: Epoch) -> None:
        if epoch.number == 2:
            for path in paths:
                path.write_bytes(npz_bytes(labelled(slice(3, 50))))
            third.kill()

    with pytest.raises(InvalidDescription, match=r"part-\d\.npz: the file is another than when the run began"):
        shared(derive(STACK), paths, tmp_path / "run", processes.address, change)


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """In a process that is no copy of this one, which has threads of Dask."""
    return subprocess.run(
        [sys.executable, "-m", "chainrule", *arguments], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=120
    )


def test_the_command_with_workers_of_its_own_is_interrupted_and_goes_on(tmp_path: Path) -> None:
    for part in files("stack", tmp_path):
        with np.load(part) as file:
            part.write_bytes(npz_bytes({"x": file["x"], "y": np.eye(3)[file["y"]]}))
    begun = ["train", "7-5-3", "--activation", "tanh", "--cost", "quadratic", "--epochs", "15", "--data", "part-*.npz", "-o", "run"]
    whole = [sys.executable, "-m", "chainrule", *begun, "--workers", "2"]
    pipe = subprocess.PIPE
    with subprocess.Popen(whole, cwd=tmp_path, env=ENVIRONMENT, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as run:
        assert run.stdout is not None
        assert [run.stdout.readline()[:10] for _ in range(2)] == ["epoch    1", "epoch    2"]
        # As from a terminal, to the workers too.
        os.killpg(run.pid, signal.SIGINT)
        _, errors = run.communicate(timeout=60)
    assert run.returncode == 130
    assert errors.strip() == "interrupted; every file is whole, and all are as they were or all are new"
    alone = command("train", "run", "--resume", cwd=tmp_path)
    assert alone.returncode == 2
    assert "run: its data are shared, as parts.json says; add --workers N or --scheduler ADDRESS" in alone.stderr
    assert len(train_distributed(found_run(tmp_path / "run"), None, 1, resume=True)) == 15


def test_a_scheduler_that_is_lost_is_one_message(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    others = Processes(tmp_path)
    try:
        others.worker()
        others.wait_for(1)
        kill = [lambda: None, lambda: None, others.running[0].kill]
        with pytest.raises(InvalidDescription, match="the scheduler is lost; the run goes on from its last epoch by --resume"):
            shared(derive(SUM), files("stack", tmp_path), tmp_path / "run", others.address, lambda epoch: kill[min(epoch.number, 2)]())
    finally:
        others.end()
    assert len(found_run(tmp_path / "run").weights()["run/history"]) >= 2
    assert capfd.readouterr().err == ""


def test_examples_that_mix_are_refused_with_the_equation(tmp_path: Path) -> None:
    (tmp_path / "normalised.toml").write_text(
        'name = "normalised"\ninput = 7\nlayers = [{kind = "dense", units = 5, activation = "relu"}, {kind = "batch_norm"}, '
        '{kind = "dense", units = 3, activation = "softmax"}]\ncost = {kind = "cross_entropy", targets = "labels"}\n'
    )
    files("stack", tmp_path)
    done = command("train", "normalised.toml", "--data", "part-*.npz", "--workers", "2", cwd=tmp_path)
    assert done.returncode == 2
    assert "the cost is no sum over examples: they mix in m2[" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run_normalised").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"x": np.ones((13, 5)), "y": np.zeros(13, int)}, "part-1.npz: x: found the shape (13, 5), expected (examples, 7)"),
        ({"x": np.ones((13, 7)), "y": np.zeros(11, int)}, "part-1.npz: found different numbers of examples: 13 in x, 11 in y"),
        ({"x": np.ones((13, 7)), "y": np.full(13, 3)}, "part-1.npz: y: found labels from 3 to 3, expected 0 to 2"),
        ({"x": np.ones((13, 7))}, "part-1.npz: no array 'y'"),
    ],
)
def test_a_part_that_does_not_fit(changed: dict[str, np.ndarray], said: str, processes: Processes, tmp_path: Path) -> None:
    paths = files("stack", tmp_path)
    paths[1].write_bytes(npz_bytes(changed))
    with pytest.raises(InvalidDescription) as problem:
        shared(derive(STACK), paths, tmp_path / "run", processes.address)
    assert said in str(problem.value)


def test_no_tables_and_nobody_who_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidDescription, match=r"found t\.csv, expected \.npz files for workers"):
        parts_of([Path("t.csv")], STACK.system)
    monkeypatch.setattr("chainrule.codegen.training.cluster.SECONDS", 0.2)
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1"):
        with pytest.raises(InvalidDescription, match="--scheduler: nothing answers at"), cluster(address, None):
            pass


def test_layers_that_join_examples() -> None:
    network = Network(7, [Dense(5, "relu"), Layer("batch_norm"), Dense(3, "softmax")], "cross_entropy", name="normalised")
    with pytest.raises(InvalidDescription, match="they mix in m2"):
        parts_of([Path("part-0.npz")], network.system)
