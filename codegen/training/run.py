"""A run from its beginning, or from where it was ended: data and script into a folder, then epoch after epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

from chainrule.codegen.backends.module_files import ModuleFiles
from chainrule.codegen.backends.registry import backend_of
from chainrule.codegen.files.array_files import npz_bytes
from chainrule.codegen.files.write import write_all, write_data
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray

from .choices import TrainingChoices
from .data_set import DataSet
from .given import counted, given
from .parts import PARTS, Parts
from .run_folder import BEGINNING, DATA, TEXT, WEIGHTS, RunFolder
from .script import script_source
from .text import Text

#: What a script takes in place of its own examples, made for it.
ExamplesOf: TypeAlias = Callable[[ModuleType], object]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What is known after an epoch: the costs, the share of what is held out that is told right, and the seconds that are left."""

    number: int
    of: int
    cost: float
    held_out_cost: float
    right: float | None
    seconds_left: float


def begin(
    derivation: Derivation,
    source: str,
    data: DataSet | Parts | Text,
    choices: TrainingChoices,
    directory: Path,
    force: bool = False,
    beginning: Mapping[str, NumericArray] | None = None,
) -> RunFolder:
    """Writes the folder of a run; `source` is that of the checked module in fast style. Of parts it says where they are.
    It begins with the parameters of a `beginning`, where there is one.

    Raises:
        InvalidDescription: where there are too few examples, a run is there already, or the folder cannot be written.
    """
    if not isinstance(data, Parts):
        _refuse_too_few(_count(derivation, data), choices)
    folder = RunFolder(directory, derivation.system.name)
    if (directory / WEIGHTS).exists() and not force:
        raise InvalidDescription(
            f"{directory / WEIGHTS}: a run is here already; go on with it by chainrule train {directory} --resume, "
            "choose another folder with -o, or replace it with --force"
        )
    script = script_source(derivation, choices, data.windows if isinstance(data, Text) else None, BEGINNING if beginning else "")
    files = backend_of("fast").files(ModuleFiles(source), derivation.system, None)
    write_all(directory, {f"{folder.name}.py": files[f"{folder.name}.py"], folder.script.name: script}, force)
    for name in (DATA, TEXT, PARTS, BEGINNING, WEIGHTS):
        (directory / name).unlink(missing_ok=True)
    if beginning:
        write_data(directory / BEGINNING, npz_bytes(beginning))
    if isinstance(data, DataSet):
        write_data(directory / DATA, npz_bytes({**data.arrays, **data.table}))
    elif isinstance(data, Text):
        write_data(directory / TEXT, data.text)
    else:
        write_data(directory / PARTS, data.text())
    return folder


def train(
    folder: RunFolder, resume: bool = False, report: Callable[[Epoch], None] = lambda _: None, examples: ExamplesOf | None = None
) -> NumericArray:
    """Runs the script of a folder to its end, on the data there or other `examples`; gives the history, a row an epoch.

    Raises:
        InvalidDescription: where the script or its files are not whole, or the cost is no number any more.
    """
    started, done = time.perf_counter(), 0
    try:
        with folder.modules(folder.script.stem) as (script,):
            for row in script.train(resume, examples and examples(script)):
                done += 1
                report(_epoch(row, script, (time.perf_counter() - started) / done))
    except FloatingPointError as problem:
        raise InvalidDescription(f"{folder.path}: {problem}") from None
    except (OSError, SyntaxError, KeyError, AttributeError, ImportError, ValueError) as problem:
        raise InvalidDescription(f"{folder.script}: does not run ({type(problem).__name__}: {problem})") from None
    history: NumericArray = folder.weights()["run/history"]
    folder.write_curve(history)
    return history


def _epoch(row: Sequence[float], script: object, seconds: float) -> Epoch:
    epochs, (number, cost, held_out, *right) = int(script.EPOCHS), row  # type: ignore[attr-defined]
    return Epoch(int(number), epochs, cost, held_out, right[0] if right else None, seconds * (epochs - number))


def _count(derivation: Derivation, data: DataSet | Text) -> int:
    if isinstance(data, Text):
        return data.count
    first = counted(given(derivation.system))
    return int(data.arrays[first.name].shape[first.along or 0])


def _refuse_too_few(count: int, choices: TrainingChoices) -> None:
    held_out = round(choices.held_out * count)
    if not 0 < held_out < count:
        raise InvalidDescription(
            f"--held-out: {choices.held_out} of {count} examples is {held_out}, which leaves {count - held_out}; both parts need some"
        )
