"""What must stay true of the whole: the directions of imports, one place of differentiation, and modules that need NumPy alone."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import codegen
import symbolic
from codegen.module_text import module_source, module_test_source
from symbolic import Dense, Layout, Network, derive

SYMBOLIC = Path(symbolic.__file__).parent
CODEGEN = Path(codegen.__file__).parent
DIFFERENTIATION = re.compile(r"\.diff\(|sympy\.diff\b|\bdiff\(|\bDerivative\(|\bfdiff\b|differentiate_finite")


def imported(path: Path) -> Iterator[str]:
    """The top-level names of everything that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                yield from (alias.name.split(".")[0] for alias in node.names)
            case ast.ImportFrom(level=0):
                yield (node.module or "").split(".")[0]
            case ast.ImportFrom():
                assert node.level == 1, f"{path}: a relative import that leaves its package"


def sources(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("path", sources(SYMBOLIC), ids=lambda path: path.name)
def test_symbolic_knows_nothing_of_what_is_printed(path: Path) -> None:
    assert not {"codegen", "jinja2", "templates", "tests", "click", "rich", "jsonschema", "pygments"} & set(imported(path))


@pytest.mark.parametrize("path", sources(CODEGEN), ids=lambda path: path.name)
def test_codegen_knows_nothing_of_tests(path: Path) -> None:
    assert not {"tests", "pytest", "hypothesis", "conftest"} & set(imported(path))


def test_importing_symbolic_loads_neither_codegen_nor_jinja() -> None:
    program = "import sys, symbolic; print([name for name in ('codegen', 'jinja2', 'templates') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_differentiation_happens_in_one_place() -> None:
    found = [path.name for path in sources(SYMBOLIC) if DIFFERENTIATION.search(path.read_text(encoding="utf-8"))]
    # A maximum says itself where its derivative is taken: at its place, the first in a tie. |u| has the slope sign(u), which has none.
    assert found == ["chain_rule.py", "named_functions.py", "real_functions.py"]
    assert not [path.name for path in sources(CODEGEN) if DIFFERENTIATION.search(path.read_text(encoding="utf-8"))]


NETWORKS = {
    "quadratic": Network(2, [Dense(3, "sigmoid"), Dense(5, "tanh")], "quadratic"),
    "labels": Network(2, [Dense(3, "relu"), Dense(5, "softmax")], "cross_entropy", targets="labels"),
    "one_hot": Network(2, [Dense(3, "elu"), Dense(5, "softmax")], "cross_entropy", layout=Layout("columns", "in-out")),
    "binary": Network(7, [Dense(3, "gelu"), Dense(5, "sigmoid")], "binary_cross_entropy", regularisation={"l2": 0.1, "l1": 0.2}),
    "hinge": Network(7, [Dense(3, "softplus", name="enc"), Dense(5, "identity")], "hinge", reduction="sum"),
    "huber": Network(7, [Dense(3, "selu"), Dense(5, "leaky_relu")], "huber", constants={"delta": 0.5}),
    "formulas": Network(2, [Dense(3, "z/(1 + abs(z))"), Dense(5, "z - mean(k, z[k])")], "log(cosh(a - y))"),
    "constant": Network(2, [Dense(3, "3"), Dense(5, "silu")], "mae"),
    "deep": Network(2, [Dense(3 + number % 2, "tanh") for number in range(14)]),
}


@pytest.fixture(params=NETWORKS, scope="module")
def network(request: pytest.FixtureRequest) -> Network:
    return NETWORKS[request.param]


def test_a_generated_module_imports_numpy_and_typing_only(network: Network) -> None:
    tree = ast.parse(module_source(derive(network)))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert found == {"numpy", "typing"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"exec", "eval", "compile", "__import__", "open", "getattr"}


def test_a_generated_module_has_no_engine_in_it(network: Network) -> None:
    source = module_source(derive(network))
    for word in ("autograd", "sympy", "jax", "torch", "symbolic", "codegen"):
        assert word not in source.lower()


def test_generated_source_is_the_same_every_time(network: Network) -> None:
    assert module_source(derive(network)) == module_source(derive(network))


def test_generated_source_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from symbolic import Dense, Network, derive\n"
        "from codegen.module_text import module_source\n"
        "net = Network(2, [Dense(3, 'gelu'), Dense(5, 'softmax')], 'cross_entropy', regularisation={'l1': 0.1, 'l2': 0.3})\n"
        "print(module_source(derive(net)))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": number, "PATH": ""}
        ).stdout
        for number in ("0", "1", "2")
    }
    assert len(found) == 1


def ruff() -> str | None:
    beside = Path(sys.executable).with_name("ruff")
    return str(beside) if beside.exists() else shutil.which("ruff")


def test_generated_sources_are_clean(network: Network) -> None:
    program = ruff()
    if program is None:
        pytest.skip("ruff is not installed")
    derivation = derive(network)
    for source in (module_source(derivation), module_test_source(derivation.system)):
        found = subprocess.run([program, "check", "--select", "F,E9", "--isolated", "-"], input=source, capture_output=True, text=True)
        assert found.returncode == 0, found.stdout + found.stderr
