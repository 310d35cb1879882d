"""A run that several workers share: the same script, with the examples at the workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chainrule.codegen.files.write import write_data
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray

from .cluster import cluster
from .given import Given
from .parts import PARTS, read_parts
from .run import Epoch, train
from .run_folder import RunFolder

if TYPE_CHECKING:
    from types import ModuleType

    from .distributed_examples import DistributedExamples


def train_distributed(
    folder: RunFolder,
    scheduler: str | None,
    workers: int | None,
    takes: Sequence[Given] = (),
    resume: bool = False,
    report: Callable[[Epoch], None] = lambda _: None,
) -> NumericArray:
    """As `train`, by the workers of a scheduler or by some of our own; `takes` is what the arrays are checked to be.

    Raises:
        InvalidDescription: where there are no workers, or as of `train`.
    """
    parts = read_parts(folder.path / PARTS)
    try:
        sources = tuple((path.stem, path.read_text(encoding="utf-8")) for path in (folder.path / f"{folder.name}.py", folder.script))
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidDescription(f"{folder.path}: the module and its script cannot be read ({problem})") from None

    with cluster(scheduler, workers) as client:
        from .distributed_examples import DistributedExamples

        def examples(script: ModuleType) -> DistributedExamples:
            found = DistributedExamples(client, parts, script, sources, takes)
            if found.parts != parts:
                write_data(folder.path / PARTS, found.parts.text())
            return found

        return train(folder, resume, report, examples)
