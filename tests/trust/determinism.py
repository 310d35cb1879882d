"""The same bytes everywhere: under other hash seeds, locales, time zones and folders, with other Pythons and other NumPys.

python tests/trust/determinism.py [PYTHON …]        compares with further interpreters, each with the project's packages installed
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .record import Progress, Record

ROOT = Path(__file__).parent.parent.parent
GALLERY = ROOT / "generated"
#: Builds descriptions in all formats of text and both styles, and prints what the interpreter is and a hash of every file.
PROGRAM = """
import hashlib, json, platform, sys, tempfile
from pathlib import Path
import numpy, sympy
from chainrule.codegen.build import Choices, build
from chainrule.codegen.descriptions.reader import read_description
found = {}
with tempfile.TemporaryDirectory() as home:
    for spec in sys.argv[1:]:
        for style in ("plain", "fast"):
            description = read_description(spec)
            formats = ("tex", "html", "md", "ipynb", "slides") if style == "plain" else ()
            for path in build(description, Path(home) / style, Choices(formats, style=style)).files:
                found[f"{style} {path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
versions = f"Python {platform.python_version()}, NumPy {numpy.__version__}, SymPy {sympy.__version__}"
print(json.dumps({"versions": versions, "files": found}))
"""


@dataclass(frozen=True, slots=True)
class Variation:
    """What is different from the run that it is compared with."""

    label: str
    interpreter: str = sys.executable
    environment: dict[str, str] = field(default_factory=dict)
    folder: str | None = None


#: Without other interpreters: what a machine can have set otherwise.
SETTINGS = (
    Variation("hash seed 0", environment={"PYTHONHASHSEED": "0"}),
    Variation("hash seed 1", environment={"PYTHONHASHSEED": "1"}),
    Variation("hash seed 4294967295", environment={"PYTHONHASHSEED": "4294967295"}),
    Variation("locale C without UTF-8", environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LANGUAGE": "zh_TW"}),
    Variation("locale POSIX, languages of a Turkish user", environment={"LC_ALL": "POSIX", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr:zh_CN"}),
    Variation("time zone of Kiribati", environment={"TZ": "Pacific/Kiritimati"}),
    Variation("time zone west of the date line", environment={"TZ": "Etc/GMT+12"}),
    Variation("working folder /", folder="/"),
    Variation("another home, no terminal, 40 columns", environment={"HOME": "/nonexistent", "TERM": "dumb", "COLUMNS": "40"}),
    Variation("assertions and docstrings stripped (-OO)", environment={"PYTHONOPTIMIZE": "2"}),
    Variation("one thread of BLAS", environment={"OPENBLAS_NUM_THREADS": "1"}),
    Variation("BLAS kernels of an older processor", environment={"OPENBLAS_CORETYPE": "Nehalem"}),
)


@dataclass(frozen=True, slots=True)
class Bytes:
    """What one run made: the versions it ran with, and the hash of each file."""

    versions: str
    files: dict[str, str]


def made(variation: Variation, specs: Sequence[Path]) -> Bytes:
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [variation.interpreter, "-c", PROGRAM, *map(str, specs)],
            cwd=variation.folder or home,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1", **variation.environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode:
        return Bytes(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit status {done.returncode}", {})
    found = json.loads(done.stdout)
    return Bytes(found["versions"], found["files"])


def differences(label: str, found: Bytes, expected: Bytes) -> list[str]:
    if not found.files:
        return [f"{label}: {found.versions}"]
    names = sorted(expected.files.keys() | found.files.keys())
    return [f"{label}: {name} differs" for name in names if expected.files.get(name) != found.files.get(name)]


def few() -> list[Path]:
    """A stack of layers, labels and no layers, a recurrence."""
    return [GALLERY / name / f"{name}.toml" for name in ("mazur", "affine_softmax", "gru")]


def gallery() -> list[Path]:
    return sorted(folder / f"{folder.name}.toml" for folder in GALLERY.iterdir() if (folder / f"{folder.name}.toml").exists())


def run(progress: Progress = lambda _: None, interpreters: Sequence[str] = ()) -> Record:
    """Every variation of settings on a few descriptions, and every further interpreter on the whole gallery."""
    begun = time.perf_counter()
    failures: list[str] = []
    rows: list[tuple[str, ...]] = []
    compared = 0
    others = [Variation("another interpreter", interpreter=path) for path in interpreters]
    for variations, specs in ((SETTINGS, few()), (others, gallery())):
        if not variations:
            continue
        progress(f"{len(specs)} descriptions to compare with")
        expected = made(Variation("reference"), specs)
        assert expected.files, expected.versions
        for variation in variations:
            progress(variation.label)
            found = made(variation, specs)
            wrong = differences(f"{variation.label} ({found.versions})", found, expected)
            failures += wrong
            compared += len(expected.files)
            rows.append((variation.label, found.versions, f"{len(specs)}", f"{len(found.files)}", f"{len(wrong)}"))
    return Record(
        title="Determinism",
        asked="The same description gives the same bytes, whatever the machine has set and whichever Python and NumPy it has.",
        counts=(("files compared", compared), ("settings", len(SETTINGS)), ("further interpreters", len(interpreters))),
        failures=tuple(failures),
        seconds=time.perf_counter() - begun,
        columns=("different in this run", "versions", "descriptions", "files", "that differ"),
        rows=tuple(rows),
    )
