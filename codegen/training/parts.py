"""Where the examples of a run are that several workers share, and how the cost of all follows from the costs of their parts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.system.system import System

from .given import given
from .shares import refuse_joined

PARTS = "parts.json"


@dataclass(frozen=True, slots=True)
class Parts:
    """The files, along which dimension of each array the examples lie, and which of the arrays are features to be scaled.

    `fingerprints` are of what the files held when the run began; there are none before.
    """

    files: Sequence[str]
    along: Mapping[str, int | None]
    scaled: Sequence[str]
    is_sum: bool
    has_shared_terms: bool
    fingerprints: Sequence[str] = ()

    def text(self) -> str:
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def parts_of(paths: Sequence[Path], system: System, scales: bool = True) -> Parts:
    """Those of some files; features are scaled where the run `scales` them.

    Raises:
        ExamplesJoined: where the cost is no sum over examples, with the equation.
        InvalidDescription: where they are no arrays.
    """
    other = next((path for path in paths if path.suffix.lower() != ".npz"), None)
    if not paths or other is not None:
        found = "no file" if other is None else str(other)
        raise InvalidDescription(f"--data: found {found}, expected .npz files for workers, each with all arrays of its examples")
    takes = given(system)
    cost = refuse_joined(system, [each.name for each in takes])
    return Parts(
        [str(path.resolve()) for path in paths],
        {each.name: each.along for each in takes},
        [each.name for each in takes if each.is_scaled and scales],
        cost.divisor == 1,
        cost.has_shared_terms,
    )


def read_parts(path: Path) -> Parts:
    """Those that were saved.

    Raises:
        InvalidDescription: where there are none that are whole.
    """
    try:
        return Parts(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as problem:
        raise InvalidDescription(f"{path}: no parts of a run ({problem})") from None
