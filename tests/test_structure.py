"""What must stay true of the whole: the directions of imports, one place of differentiation, and modules that need NumPy alone."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from places import ROOT, SOURCE

from chainrule import Dense, Layout, Network, derive
from chainrule.codegen.backends.numpy_test import module_test_source
from chainrule.codegen.backends.registry import module_source

SYMBOLIC, CODEGEN = ROOT / "symbolic", ROOT / "codegen"
#: Subprocesses import this checkout, whatever is installed.
IN_CHECKOUT = {**os.environ, "PYTHONPATH": str(SOURCE)}
DIFFERENTIATION = re.compile(r"\.diff\(|sympy\.diff\b|\bdiff\(|\bDerivative\(|\bfdiff\b|differentiate_finite")


def sources(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found
    return found


def imports(path: Path) -> Iterator[Path]:
    """The files of this project that a file imports, wherever in it, those for type checkers alone included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                assert node.level == 1, f"{path}: a relative import that leaves its folder"
                start = path.parent
            elif (node.module or "").split(".")[0] == "chainrule":
                start = ROOT
            else:
                continue
            words = (node.module or "").split(".") if node.module else []
            home = start.joinpath(*(words if node.level else words[1:]))
            for alias in node.names:
                places = (home / f"{alias.name}.py", home.with_suffix(".py"), home / alias.name / "__init__.py", home / "__init__.py")
                yield next(place for place in places if place.is_file())


#: What each folder may import, from the bottom to the top; a folder imports of those above it in this table alone.
ROOMS = {
    "symbolic": "",
    "symbolic/index": "",
    "symbolic/system": "index",
    "symbolic/language": "index system",
    "symbolic/layers": "index system language",
    "symbolic/rewriting": "index system",
    "symbolic/derivation": "index system layers rewriting",
    "symbolic/forms": "index system language rewriting derivation",
    "symbolic/checking": "index system derivation forms",
    "codegen/document": "symbolic/index",
    "codegen/words": "symbolic/index document",
    "codegen/templating": "symbolic/index document words",
    "codegen/files": "symbolic/index",
    "codegen/formulas": (
        "symbolic/index symbolic/system symbolic/language symbolic/rewriting symbolic/derivation symbolic/forms document words files"
    ),
    "codegen/descriptions": "symbolic/index symbolic/system symbolic/layers document words formulas files",
    "codegen/formats": "symbolic/index document words templating formulas",
    "codegen/program": ("symbolic/index symbolic/system symbolic/rewriting symbolic/derivation symbolic/forms symbolic/checking"),
    "codegen/backends/numpy": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation symbolic/forms symbolic/checking formulas program"
    ),
    "codegen/backends/fast/scalar": "symbolic/index symbolic/system symbolic/derivation symbolic/forms formulas program backends/numpy",
    "codegen/backends/fast/ir": "symbolic/index symbolic/system symbolic/derivation symbolic/forms program",
    "codegen/backends/fast/passes": "symbolic/index symbolic/system symbolic/forms program backends/fast/ir",
    "codegen/backends/fast/source": (
        "symbolic/index symbolic/system symbolic/layers symbolic/forms formulas program backends/numpy "
        "backends/fast/ir backends/fast/passes"
    ),
    "codegen/backends/fast": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation symbolic/forms program backends/numpy "
        "backends/fast/scalar backends/fast/ir backends/fast/passes backends/fast/source"
    ),
    "codegen/backends/c": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation symbolic/forms formulas program backends/numpy "
        "backends/fast backends/fast/ir backends/fast/passes backends/fast/source"
    ),
    "codegen/backends": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation symbolic/forms symbolic/checking "
        "words templating formulas program backends/numpy backends/fast backends/c"
    ),
    "codegen/checking": (
        "symbolic/index symbolic/system symbolic/layers symbolic/rewriting symbolic/derivation symbolic/forms symbolic/checking "
        "document words program backends/numpy backends"
    ),
    "codegen/figures": "symbolic/index symbolic/system symbolic/layers symbolic/forms document words formulas",
    "codegen/lesson": (
        "symbolic/index symbolic/system symbolic/layers symbolic/rewriting symbolic/derivation symbolic/forms symbolic/checking "
        "document words formulas descriptions program backends/numpy backends checking figures"
    ),
    "codegen/lesson/sections": (
        "symbolic/index symbolic/system symbolic/layers symbolic/rewriting symbolic/derivation symbolic/forms symbolic/checking "
        "document words formulas program backends/numpy backends checking lesson"
    ),
    "codegen/lesson/frames": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation document words formulas checking figures lesson lesson/sections"
    ),
    "codegen/mistakes": "symbolic/index symbolic/system symbolic/forms",
    "codegen/exercises": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation symbolic/forms symbolic/checking "
        "document words formulas program backends/numpy checking figures lesson lesson/sections mistakes"
    ),
    "codegen/courses": (
        "symbolic/index symbolic/system symbolic/checking "
        "document words templating formulas formats program backends/numpy backends lesson exercises"
    ),
    "codegen/summary": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation formulas program backends/fast backends/fast/ir lesson"
    ),
    "codegen/training": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation symbolic/forms "
        "document templating files formats program backends/numpy backends figures"
    ),
    "codegen/marking/python": "symbolic/index",
    "codegen/marking/equations": "symbolic/index marking/python",
    "codegen/marking": (
        "symbolic/index symbolic/system symbolic/derivation symbolic/checking "
        "document words files formulas mistakes marking/python marking/equations"
    ),
    "codegen/importers": "symbolic/index symbolic/system symbolic/language symbolic/layers files descriptions",
    "codegen": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation symbolic/checking "
        "document words templating formulas files descriptions formats program backends/numpy backends checking "
        "lesson lesson/sections lesson/frames exercises courses training"
    ),
    "codegen/page/parts": (
        "symbolic/index symbolic/layers symbolic/derivation symbolic/checking "
        "document words templating files formulas descriptions formats program backends checking "
        "lesson lesson/sections exercises marking codegen"
    ),
    "codegen/page": "symbolic/index symbolic/layers words templating formulas descriptions page/parts",
    "codegen/cli": (
        "symbolic/index symbolic/system symbolic/layers symbolic/derivation symbolic/checking "
        "words templating files formulas descriptions formats program backends/fast backends checking lesson lesson/sections exercises "
        "courses summary training marking importers page codegen"
    ),
}


def allowed(room: str) -> set[str]:
    package = room.split("/")[0]
    return {name if name.split("/")[0] in ("symbolic", "codegen") else f"{package}/{name}" for name in ROOMS[room].split()}


def test_every_folder_has_its_row() -> None:
    assert {path.parent.relative_to(ROOT).as_posix() for path in (*sources(SYMBOLIC), *sources(CODEGEN))} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_folder_imports_what_its_row_allows(room: str) -> None:
    for path in sorted((ROOT / room).glob("*.py")):
        found = {imported.parent.relative_to(ROOT).as_posix() for imported in imports(path)} - {room}
        assert found <= allowed(room), f"{path.relative_to(ROOT)} imports {sorted(found - allowed(room))}"


@pytest.mark.parametrize("room", ROOMS)
def test_inside_of_a_folder_imports_are_relative(room: str) -> None:
    inside = f"chainrule.{room.replace('/', '.')}"
    for path in sorted((ROOT / room).glob("*.py")):
        nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
        assert not [node.module for node in nodes if (node.module or "").rpartition(".")[0] == inside], path


@pytest.mark.parametrize("room", ROOMS)
def test_inside_of_a_folder_no_import_leads_back(room: str) -> None:
    files = sorted((ROOT / room).glob("*.py"))
    TopologicalSorter({path: {imported for imported in imports(path) if imported.parent == path.parent} for path in files}).prepare()


def test_no_two_files_of_tests_have_one_name() -> None:
    """What tests share is imported by its name alone."""
    names = [path.name for path in sources(ROOT / "tests")]
    assert not {name for name in names if names.count(name) > 1 and name != "__init__.py"}


#: Tables of sentences may be longer.
LONGEST_FILE = 300


@pytest.mark.parametrize("path", sources(SYMBOLIC) + sources(CODEGEN), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_holds_one_concept(path: Path) -> None:
    assert path.name == "sentences.py" or len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", sources(SYMBOLIC) + sources(CODEGEN), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_part_may_not_import(path: Path) -> None:
    """`symbolic` knows nothing of what is printed, and neither part of tests."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    printing = {"jinja2", "click", "rich", "jsonschema", "pygments"} if SYMBOLIC in path.parents else set()
    assert not ({"tests", "pytest", "hypothesis", "conftest"} | printing) & names


#: Who may take Python apart: readers of what users write, and those who make a mistake in a line.
READERS = {"codegen/marking", "codegen/marking/python", "codegen/marking/equations", "codegen/mistakes"}


def test_printed_source_is_not_read_back() -> None:
    """A program is data: whoever needs a line's names asks what it was printed of."""
    importing = re.compile(r"^ *(import|from) (ast|tokenize|symtable)\b", re.MULTILINE)
    found = {path.relative_to(ROOT) for path in sources(CODEGEN) if importing.search(path.read_text(encoding="utf-8"))}
    assert not {path for path in found if {path.as_posix(), path.parent.as_posix()}.isdisjoint(READERS)}


def test_importing_symbolic_loads_neither_codegen_nor_jinja() -> None:
    program = (
        "import sys, chainrule.symbolic.derivation.chain_rule; without = [name for name in sys.modules if 'chainrule.codegen' in name]; "
        "chainrule.derive; print([*without, *(name for name in ('jinja2', 'chainrule.templates') if name in sys.modules)])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=IN_CHECKOUT)
    assert found.stdout.strip() == "[]"


def test_a_gradient_is_there_before_anything_is_loaded_that_computes_or_prints() -> None:
    program = (
        "import sys, chainrule; chainrule.derive('2-3-1').gradient('W1'); late = ('numpy', 'jinja2', 'pygments', 'babel', "
        "'chainrule.codegen.document.nodes', 'chainrule.codegen.program.program', 'chainrule.symbolic.checking.verification'); "
        "print([name for name in late if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=IN_CHECKOUT)
    assert found.stdout.strip() == "[]"


def test_a_plain_module_is_there_before_anything_is_loaded_that_checks_or_prints_another() -> None:
    program = (
        "import sys, chainrule; chainrule.load(chainrule.derive('2-3-1'), verify=False); late = ('backends.fast.', 'backends.c.', "
        "'.second_program', '.derived_functions', 'checking.verification', 'checking.interpreter', 'checking.gradient_check'); "
        "print([name for name in sys.modules if name.startswith('chainrule') and any(word in name for word in late)])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=IN_CHECKOUT)
    assert found.stdout.strip() == "[]"


def test_differentiation_happens_in_one_place() -> None:
    found = [path.name for path in sources(SYMBOLIC) if DIFFERENTIATION.search(path.read_text(encoding="utf-8"))]
    # A maximum says itself where its derivative is taken: at its place, the first in a tie. |u| has the slope sign(u), which has none.
    assert found == ["differentiation.py", "named_functions.py", "real_functions.py"]
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


def test_a_generated_module_imports_numpy_only(network: Network) -> None:
    """Of the standard library what reads and writes files; safetensors only where a file of that kind is read or written."""
    tree = ast.parse(module_source(derive(network)))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node: {node.module} if isinstance(node, ast.ImportFrom) else {alias.name for alias in node.names} for node in imported}
    assert set().union(*(names[node] for node in imported if node in tree.body)) == {"numpy", "typing", "pathlib", "zipfile"}
    assert set().union(*(names[node] for node in imported if node not in tree.body)) == {"safetensors.numpy"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"exec", "eval", "compile", "__import__", "open", "getattr"}


def test_a_generated_module_has_no_engine_in_it(network: Network) -> None:
    source = module_source(derive(network))
    for word in ("autograd", "sympy", "jax", "torch", "symbolic", "codegen"):
        assert word not in source.lower()


def test_generated_source_is_the_same_every_time(network: Network) -> None:
    assert module_source(derive(network)) == module_source(derive(network))


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
