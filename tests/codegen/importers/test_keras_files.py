"""Files of Keras by the command: whole, without weights, hostile."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from operators_run import assert_near, wanted
from test_command_line import chainrule

from chainrule import InvalidDescription, derive, from_keras, load
from chainrule.codegen.importers import keras_file
from chainrule.codegen.importers.registry import read_model

os.environ["KERAS_BACKEND"] = "torch"
wanted("torch").set_num_threads(1)
h5py, keras = wanted("h5py"), wanted("keras")
L = keras.layers


@pytest.fixture(scope="module")
def mlp() -> Any:
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((3,), name="x"), L.Dense(5, activation="tanh", name="enc"), L.Dense(2)])


@pytest.fixture(scope="module")
def saved(mlp: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "mlp.keras"
    mlp.save(path)
    return path


def member(path: Path, name: str) -> bytes:
    with ZipFile(path) as archive:
        return archive.read(name)


def test_a_file_is_taken_over_by_the_command_without_keras(saved: Path, tmp_path: Path) -> None:
    found = chainrule("import", str(saved), "-o", str(tmp_path), "--cost", "cross_entropy", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    text = (tmp_path / "mlp.toml").read_text(encoding="utf-8")
    assert 'kind = "dense"  # enc/kernel' in text
    assert sorted(np.load(tmp_path / "mlp_weights.npz")) == ["W1", "W2", "b1", "b2"]


def test_what_the_module_gives_is_what_keras_gives(mlp: Any) -> None:
    x = np.random.default_rng(2).normal(size=(7, 3)).astype("float32")
    y = np.arange(7) % 2
    description = from_keras(mlp, cost="cross_entropy")
    generated = load(derive(description))
    parameters = generated.Parameters(**description.parameters)
    cost = generated.cost(parameters, x, y)
    logits = mlp.predict(x, verbose=0).astype(float)
    expected = (np.log(np.exp(logits).sum(1)) - logits[np.arange(7), y]).mean()
    assert_near(np.array(cost), np.array(expected))


def test_a_configuration_has_no_weights(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(member(saved, "config.json"))
    found = chainrule("import", "config.json", "--cost", "cross_entropy", "--name", "mlp", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "mlp.toml"]
    assert "weights" not in (tmp_path / "mlp.toml").read_text(encoding="utf-8")


def test_a_configuration_of_keras_2_is_read(tmp_path: Path) -> None:
    def layer(kind: str, name: str, before: str, **config: Any) -> dict[str, Any]:
        return {
            "class_name": kind,
            "name": name,
            "config": {"name": name, **config},
            "inbound_nodes": [[[before, 0, 0, {}]]] if before else [],
        }

    layers = [
        layer("InputLayer", "x", "", batch_input_shape=[None, 3], dtype="float32"),
        layer("Dense", "d", "x", units=5, activation="relu", use_bias=True),
    ]
    config = {"name": "old", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["d", 0, 0]]}
    (tmp_path / "old.json").write_text(json.dumps({"class_name": "Functional", "config": config}), encoding="utf-8")
    assert [node.operator for node in read_model(tmp_path / "old.json").nodes] == ["Gemm", "Relu"]


def with_member(path: Path, name: str, content: bytes, to: Path) -> Path:
    with ZipFile(path) as archive, ZipFile(to, "w", ZIP_DEFLATED) as written:
        for each in archive.namelist():
            written.writestr(each, content if each == name else archive.read(each))
    return to


def with_weights(change: Any, saved: Path, tmp_path: Path) -> Path:
    """Another HDF5 file in the place of the weights."""
    beside = tmp_path / "weights.h5"
    beside.write_bytes(member(saved, "model.weights.h5"))
    with h5py.File(beside, "a") as file:
        change(file)
    return with_member(saved, "model.weights.h5", beside.read_bytes(), tmp_path / "changed.keras")


def linked(file: Any) -> None:
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "x")


def soft(file: Any) -> None:
    del file["layers/dense"]
    file["layers/dense"] = h5py.SoftLink("/layers/dense_1")


def external(file: Any) -> None:
    del file["layers/dense/vars/1"]
    file.create_dataset("layers/dense/vars/1", (5,), "f4", external=[("/etc/passwd", 0, 20)])


def missing(file: Any) -> None:
    del file["layers/dense_1"]


def shaped(file: Any) -> None:
    del file["layers/dense/vars/1"]
    file["layers/dense/vars/1"] = np.zeros(7, "f4")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (linked, "found a link to elsewhere"),
        (soft, "found a link to elsewhere"),
        (external, "expected numbers in the file itself"),
        (missing, "which its layers ask for"),
        (shaped, "found float32 of shape (7,), expected numbers of shape (5,)"),
    ],
)
def test_weights_elsewhere_are_not_read(change: Any, said: str, saved: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription) as found:
        read_model(with_weights(change, saved, tmp_path))
    assert said in str(found.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "its configuration is no JSON"),
        (b"[" * 100_000, "its configuration is no JSON"),
        (b'"text"', "expected the configuration of a Sequential or Functional model"),
        (b'{"class_name": "Sequential", "config": {"layers": 3}}', "found a model without a list of layers"),
        (b'{"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda", "config": {"name": "f"}}]}}', "Lambda ('f')"),
        (
            b'{"class_name": "Functional", "config": {"input_layers": [], "output_layers": [["d", 0, 0]], '
            b'"layers": [{"class_name": "Dense", "name": "d", "config": {"units": 3}, "inbound_nodes": [[["d", 0, 0, {}]]]}]}}',
            "the layers d read what no layer gives",
        ),
        (
            b'{"class_name": "Sequential", "config": {"build_input_shape": [null, 1000000], "layers": [{"class_name": "Dense", '
            b'"config": {"name": "d", "units": 1000000, "use_bias": false}}]}}',
            "found weights of more than",
        ),
        (
            b'{"class_name": "Sequential", "config": {"build_input_shape": [null, 3], "layers": [{"class_name": "Dense", '
            b'"config": {"name": "d", "units": "many", "use_bias": false}}]}}',
            "layer 'd' (Dense): units: found 'many', expected a size",
        ),
    ],
)
def test_what_is_no_configuration_is_one_message(content: bytes, said: str, saved: Path, tmp_path: Path) -> None:
    with_member(saved, "config.json", content, tmp_path / "m.keras")
    with pytest.raises(InvalidDescription, match=r"m\.keras: ") as found:
        read_model(tmp_path / "m.keras")
    assert said in str(found.value)
    assert "\n" not in str(found.value)


def test_what_unpacks_to_too_much_is_refused(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_file, "MOST_BYTES_OF_CONFIG", 1000)
    with_member(saved, "config.json", b" " * 1_000_000, tmp_path / "bomb.keras")
    with pytest.raises(InvalidDescription, match="found more than 1000 bytes unpacked"):
        read_model(tmp_path / "bomb.keras")


def test_what_is_no_archive_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    found = chainrule("import", "m.keras", cwd=tmp_path)
    assert (found.returncode, found.stderr.count("\n")) == (2, 1)
    assert "no whole .keras file" in found.stderr
    empty = io.BytesIO()
    ZipFile(empty, "w").close()
    (tmp_path / "m.keras").write_bytes(empty.getvalue())
    assert "found no config.json in this archive" in chainrule("import", "m.keras", cwd=tmp_path).stderr


def test_a_missing_package_is_said_with_what_installs_it(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InvalidDescription, match=r"pip install 'chainrule\[keras\]'"):
        read_model(saved)


def test_layers_without_equations_are_named_at_once(tmp_path: Path) -> None:
    model = keras.Sequential(
        [keras.Input((5, 4)), L.Dense(3, activation="celu", name="d"), L.RandomContrast(0.5, name="up"), L.Masking(name="m")]
    )
    with pytest.raises(InvalidDescription) as found:
        from_keras(model)
    assert "Keras's layers activation celu ('d'); RandomContrast ('up'); Masking ('m')" in str(found.value)
    with pytest.raises(InvalidDescription, match="expected a model of Keras"):
        from_keras(3)
