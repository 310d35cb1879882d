"""Training by the command and by the script alone: it learns, stops, goes on where it was killed, and a seed gives the same bytes."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from places import ROOT, SOURCE
from sklearn.datasets import load_digits
from test_command_line import chainrule

from chainrule import Dense, InvalidDescription, Layer, Layout, Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.files.array_files import npz_bytes
from chainrule.codegen.training.choices import TrainingChoices
from chainrule.codegen.training.data_set import read_data
from chainrule.codegen.training.given import given
from chainrule.codegen.training.predictions import predictions
from chainrule.codegen.training.run import begin, train
from chainrule.codegen.training.run_folder import RunFolder, found_run
from chainrule.codegen.training.script import script_source
from chainrule.symbolic.derivation.derivation import Derivation

DIGITS = ROOT / "generated" / "fast_digits" / "fast_digits.toml"
FILES = ["curve.svg", "data.npz", "fast_digits.py", "history.csv", "train_fast_digits.py", "weights.npz"]
RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits as a table, as a practitioner has them."""
    path = tmp_path_factory.mktemp("table") / "digits.csv"
    images, labels = load_digits(return_X_y=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"grey {place}" for place in range(64)), "label"])
        writer.writerows([*map(int, image), int(label)] for image, label in zip(images, labels, strict=True))
    return path


@pytest.fixture(scope="module")
def trained(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    done = chainrule("train", str(DIGITS), "--data", str(table), "--target", "label", "--patience", "8", "-o", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run"


def test_digits_from_a_table_to_97_percent(trained: Path) -> None:
    # Python may keep its bytecode beside the module.
    assert sorted(path.name for path in trained.iterdir() if path.name != "__pycache__") == FILES
    with (trained / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    best = min(rows, key=lambda row: float(row["held_out_cost"]))
    assert float(best["held_out_right"]) >= 0.97
    assert len(rows) == float(best["epoch"]) + 8, "it stops 8 epochs after the best"
    assert float(rows[0]["cost"]) > 4 * float(rows[-1]["cost"])


def test_what_is_kept_is_what_a_module_restores(trained: Path) -> None:
    with np.load(trained / "weights.npz") as file:
        assert {"W1", "b1", "W2", "b2", "mean/x", "deviation/x", "run/history", "run/t", "m/W1", "last/b2"} <= set(file.files)
    with RunFolder(trained, "fast_digits").modules("fast_digits") as (module,):
        assert module.restore(trained / "weights.npz").W1.shape == (32, 64)


def test_predictions_of_a_table(trained: Path, table: Path) -> None:
    found = list(csv.reader(predictions(found_run(trained), [table]).splitlines()))
    with table.open() as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    assert found[0] == ["label", *(f"chance of {digit}" for digit in range(10))]
    right = np.mean([row[0] == label for row, label in zip(found[1:], labels, strict=True)])
    assert right > 0.98
    assert abs(sum(map(float, found[1][1:])) - 1) < 1e-4


def test_killed_again_and_again_it_ends_in_the_same_bytes(trained: Path, table: Path, tmp_path: Path) -> None:
    begun = ["train", str(DIGITS), "--data", str(table), "--target", "label", "--patience", "8", "-o", "run"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    for attempt in range(10):
        command = begun if attempt == 0 else ["train", "run", "--resume"]
        with subprocess.Popen(
            [sys.executable, "-m", "chainrule", *command], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
        ) as run:
            assert run.stdout is not None
            for _ in range(3):
                run.stdout.readline()
            time.sleep(RNG.uniform(0, 0.02))
            run.send_signal(signal.SIGKILL)
    done = chainrule("train", "run", "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("weights.npz", "history.csv", "curve.svg", "train_fast_digits.py"):
        assert (tmp_path / "run" / name).read_bytes() == (trained / name).read_bytes(), name


def test_the_script_runs_by_itself_to_the_same_weights(trained: Path, tmp_path: Path) -> None:
    for name in ("fast_digits.py", "train_fast_digits.py", "data.npz"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    done = subprocess.run([sys.executable, "train_fast_digits.py"], cwd=tmp_path, capture_output=True, text=True, check=True, env={})
    assert done.stdout.startswith("epoch    1   cost ")
    assert (tmp_path / "weights.npz").read_bytes() == (trained / "weights.npz").read_bytes()


def test_a_run_is_not_replaced_and_goes_on_with_what_it_was_begun_with(trained: Path, table: Path, tmp_path: Path) -> None:
    again = chainrule("train", str(DIGITS), "--data", str(table), "--target", "label", "-o", str(trained), cwd=tmp_path)
    assert again.returncode == 2
    assert "a run is here already; go on with it by chainrule train" in again.stderr
    other = chainrule("train", str(trained), "--resume", "--epochs", "200", cwd=tmp_path)
    assert other.returncode == 2
    assert "--epochs: a run goes on with what it was begun with" in other.stderr
    nowhere = chainrule("train", "nowhere", "--resume", cwd=tmp_path)
    assert "nowhere: no folder of a training run" in nowhere.stderr
    assert "Traceback" not in again.stderr + other.stderr + nowhere.stderr


def test_a_build_writes_the_script_alone(tmp_path: Path) -> None:
    done = chainrule("build", "3-5-2", "--module-only", "--training", "-o", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.glob("*.py")) == ["network_3_5_2.py", "test_network_3_5_2.py", "train_network_3_5_2.py"]
    x = RNG.standard_normal((37, 3))
    np.savez(tmp_path / "data.npz", x=x, y=x[:, :2])
    subprocess.run([sys.executable, "train_network_3_5_2.py"], cwd=tmp_path, check=True, capture_output=True, env={})
    assert (tmp_path / "weights.npz").exists()


GRU = derive(ROOT / "generated" / "gru" / "gru.toml")
COLUMNS = Network(
    3, [Dense(7, "tanh"), Dense(2, "softmax")], "cross_entropy", targets="one-hot", name="columns", layout=Layout(examples="columns")
)
LINE = Network(3, [Dense(1, "identity")], "quadratic", name="line")
PICTURE = Network(
    (2, 5, 7), [Layer("conv2d", {"channels": 3, "kernel": 3}, "relu"), Layer("flatten"), Dense(2, "softmax")], "cross_entropy", name="p"
)


def run_of(derivation: Derivation, arrays: dict[str, np.ndarray], folder: Path, choices: TrainingChoices) -> np.ndarray:
    path = folder / "d.npz"
    path.write_bytes(npz_bytes(arrays))
    data = read_data([path], given(derivation.system))
    source = module_source(derivation, style="fast")
    return train(begin(derivation, source, data, choices, folder / "run"))


def sequences() -> dict[str, np.ndarray]:
    inputs = RNG.standard_normal((23, 4, 2))
    return {"x": inputs, "h0": np.zeros((23, 3)), "y": np.tanh(inputs.cumsum(axis=1)[..., [0, 1, 0]])}


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "rmsprop", "adam"])
def test_every_optimiser_learns_and_goes_on(tmp_path: Path, optimiser: str) -> None:
    x = RNG.standard_normal((41, 3))
    choices = TrainingChoices(optimiser, rate=0.05, batch=7, epochs=30)
    history = run_of(derive(LINE), {"x": x, "y": x @ [[1.0], [2.0], [-1.0]] + 3}, tmp_path, choices)
    assert history[-1][1] < 0.2 * history[0][1]
    before = (tmp_path / "run" / "weights.npz").read_bytes()
    assert len(train(found_run(tmp_path / "run"), resume=True)) == 30, "nothing is left to be done"
    assert (tmp_path / "run" / "weights.npz").read_bytes() == before


def test_examples_as_columns(tmp_path: Path) -> None:
    x = RNG.standard_normal((3, 61))
    y = np.eye(2)[:, (x[0] > 0).astype(int)]
    history = run_of(derive(COLUMNS), {"x": x, "y": y}, tmp_path, TrainingChoices(rate=0.02, epochs=40))
    assert history[-1][3] > 0.8
    np.save(tmp_path / "x.npy", x.T)
    assert len(predictions(found_run(tmp_path / "run"), [tmp_path / "x.npy"]).splitlines()) == 61 + 1


def test_pictures_and_sequences(tmp_path: Path) -> None:
    x = RNG.standard_normal((31, 2, 5, 7))
    y = np.eye(2)[(x.mean(axis=(1, 2, 3)) > 0).astype(int)]
    history = run_of(derive(PICTURE), {"x": x, "y": y}, tmp_path, TrainingChoices(epochs=5))
    assert history[-1][1] < history[0][1]
    names = [tensor.name for tensor in (*GRU.system.inputs, *GRU.system.targets)]
    arrays = {name: array for name, array in sequences().items() if name in names}
    (tmp_path / "gru").mkdir()
    history = run_of(GRU, arrays, tmp_path / "gru", TrainingChoices(rate=0.01, epochs=5))
    assert history[-1][1] < history[0][1]


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_rate_that_is_too_large_is_said_and_the_last_weights_stay(tmp_path: Path) -> None:
    x = RNG.standard_normal((41, 3))
    with pytest.raises(InvalidDescription, match=r"the cost is no number any more in epoch .*; choose a smaller rate than 1e"):
        run_of(derive(LINE), {"x": x, "y": x[:, :1] * 1e3}, tmp_path, TrainingChoices("sgd", rate=1e60, epochs=50))


def test_too_few_examples_to_hold_some_out(tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription, match=r"--held-out: 0\.2 of 2 examples is 0, which leaves 2; both parts need some"):
        run_of(derive(LINE), {"x": np.ones((2, 3)), "y": np.ones((2, 1))}, tmp_path, TrainingChoices())


def test_a_network_without_examples_is_refused() -> None:
    alone = derive("name = 'alone'\ninputs = ['x[i]']\nparameters = ['w[i]']\nsizes = {i = 3}\nequations = 'C = sum(i, w[i]*x[i])'\n")
    with pytest.raises(InvalidDescription, match="training takes examples"):
        script_source(alone, TrainingChoices())


def test_names_of_arrays_that_the_script_has_itself(tmp_path: Path) -> None:
    names = "name = 'network'\nbatch = 'n'\ninputs = ['params[n,i]']\ntargets = ['data[n]']\nparameters = ['file[i]', 'history']\n"
    derivation = derive(f"{names}sizes = {{i = 3}}\nequations = 'C = sum(n, (sum(i, file[i]*params[n,i]) + history - data[n])**2)/(2*N)'\n")
    x = RNG.standard_normal((29, 3))
    history = run_of(derivation, {"params": x, "data": x[:, 0]}, tmp_path, TrainingChoices(rate=0.05, epochs=20))
    assert history[-1][1] < 0.2 * history[0][1]


def test_a_changed_script_that_does_not_run_is_one_message(tmp_path: Path) -> None:
    x = RNG.standard_normal((29, 3))
    run_of(derive(LINE), {"x": x, "y": x[:, :1]}, tmp_path, TrainingChoices(epochs=2))
    script = tmp_path / "run" / "train_line.py"
    script.write_text(script.read_text().replace("import numpy as np", "import numpie as np"))
    with pytest.raises(InvalidDescription, match=r"train_line\.py: does not run \(ModuleNotFoundError"):
        train(found_run(tmp_path / "run"), resume=True)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_run_begins_with_the_weights_of_a_description(tmp_path: Path, ending: str) -> None:
    x = RNG.standard_normal((53, 3))
    y = x @ [[1.0], [2.0], [-1.0]] + 3
    weights = {"W1": np.array([[1.0, 2.0, -1.0]]), "b1": np.array([3.0])}
    file = tmp_path / f"line_weights.{ending}"
    file.write_bytes(npz_bytes(weights) if ending == "npz" else pytest.importorskip("safetensors.numpy").save(weights))
    (tmp_path / "d.npz").write_bytes(npz_bytes({"x": 2 * x, "y": 2 * y - 3}))
    (tmp_path / "line.toml").write_text(
        f'name = "line"\ninput = 3\nweights = "{file.name}"\nlayers = [{{kind = "dense", units = 1}}]\ncost = {{kind = "quadratic"}}\n'
    )
    done = chainrule(
        "train", "line.toml", "--data", "d.npz", "--optimiser", "sgd", "--rate", "1e-9", "--epochs", "1", "-o", "run", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = found_run(tmp_path / "run").weights()
    assert np.allclose(found["W1"], [[1, 2, -1]], atol=1e-6)
    assert np.allclose(found["b1"], 3, atol=1e-6)
    assert found["run/history"][0][2] < 1e-20, "features stay as they are, which is what the weights are of"
    predicted = predictions(found_run(tmp_path / "run"), [tmp_path / "d.npz"]).splitlines()
    assert float(predicted[1]) == pytest.approx(2 * y[0, 0] - 3, rel=1e-5)
    done = chainrule("build", "line.toml", "--module-only", "--training", "-o", "built", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f'network.restore(WEIGHTS.with_name("{file.name}"))' in (tmp_path / "built" / "train_line.py").read_text().replace("'", '"')
    (tmp_path / "weights.npz").write_bytes(npz_bytes(weights))
    (tmp_path / "line.toml").write_text((tmp_path / "line.toml").read_text().replace(file.name, "weights.npz"))
    done = chainrule("build", "line.toml", "--module-only", "--training", "-o", "built", cwd=tmp_path)
    assert done.returncode == 2
    assert "weights.npz is what the training script writes" in done.stderr
