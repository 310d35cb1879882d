"""The folder of a training run: the module, the script, the data, the weights, the history and its curve."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from zipfile import BadZipFile

import numpy as np

from chainrule.codegen.document.document import Words
from chainrule.codegen.document.shapes import Ink
from chainrule.codegen.figures.plot import PlottedCurve, plot
from chainrule.codegen.files.write import write_data
from chainrule.codegen.formats.svg import svg_file
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray

from .parts import PARTS
from .script import SCRIPT, script_name

DATA, TEXT, WEIGHTS, CURVE = "data.npz", "text.txt", "weights.npz", "curve.svg"
#: The parameters that a run begins with, where its description has some.
BEGINNING = "first_weights.npz"


@dataclass(frozen=True)
class RunFolder:
    """A folder in which a run is, and the name of its network."""

    path: Path
    name: str

    @property
    def script(self) -> Path:
        return self.path / script_name(self.name)

    @contextmanager
    def modules(self, *names: str) -> Iterator[list[ModuleType]]:
        """Files of the folder as modules, as Python runs them there; what they import of each other is of this folder too."""
        before = {name: sys.modules.pop(name, None) for name in (self.name, self.script.stem)}
        sys.path.insert(0, str(self.path))
        try:
            yield [_loaded(self.path / f"{name}.py") for name in names]
        finally:
            sys.path.remove(str(self.path))
            for name, module in before.items():
                sys.modules.pop(name, None)
                if module is not None:
                    sys.modules[name] = module

    def refuse_other_data(self, is_shared: bool) -> None:
        """Raises InvalidDescription where the data are not where they are looked for: in the folder, or shared among workers."""
        if is_shared and not (self.path / PARTS).exists():
            raise InvalidDescription(f"{self.path}: its data are in {DATA}, and were not shared; leave --scheduler and --workers out")
        if not is_shared and (self.path / PARTS).exists():
            raise InvalidDescription(f"{self.path}: its data are shared, as {PARTS} says; add --workers N or --scheduler ADDRESS")

    def weights(self) -> dict[str, NumericArray]:
        """All that was saved last.

        Raises:
            InvalidDescription: where nothing was.
        """
        try:
            with np.load(self.path / WEIGHTS) as file:
                return dict(file)
        except (OSError, ValueError, EOFError, BadZipFile):
            raise InvalidDescription(f"{self.path / WEIGHTS}: no weights of a run; begin it with chainrule train") from None

    def write_curve(self, history: NumericArray) -> None:
        """Cost and held-out cost over the epochs, as SVG; nothing where there is but one epoch."""
        if len(history) < 2:
            return
        curves = [
            PlottedCurve(tuple((float(row[0]), float(row[column])) for row in history), (Words(name),), ink, dashed)
            for column, name, ink, dashed in ((1, "training", Ink.INK, False), (2, "held out", Ink.GRADIENT, True))
        ]
        frame = tuple(point for curve in curves for point in curve.points)
        drawing = plot(curves, (Words("epoch"),), (Words("cost"),), frame=frame)
        said = f"Cost over {len(history)} epochs: of the examples to learn from, and of those held out"
        write_data(self.path / CURVE, svg_file(drawing, f"{self.name}_curve", f"{self.name}: cost", said))


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def found_run(path: Path) -> RunFolder:
    """The run in a folder.

    Raises:
        InvalidDescription: where there is none.
    """
    scripts = sorted(path.glob(f"{SCRIPT}*.py")) if path.is_dir() else []
    names = [script.stem.removeprefix(SCRIPT) for script in scripts]
    names = [name for name in names if (path / f"{name}.py").is_file()]
    if len(names) != 1:
        raise InvalidDescription(f"{path}: no folder of a training run, which chainrule train SPEC --data FILE -o {path} makes")
    return RunFolder(path, names[0])
