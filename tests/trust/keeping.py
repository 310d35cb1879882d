"""A record as it is kept in generated/trust: with the day, and the versions that it depends on."""

from __future__ import annotations

import datetime
import json
import platform
from dataclasses import asdict
from pathlib import Path

import numpy
import sympy

from .record import Record


def keep(path: Path, record: Record, **more: object) -> None:
    """Writes a record to a file, and what else belongs to the run."""
    versions = f"Python {platform.python_version()}, NumPy {numpy.__version__}, SymPy {sympy.__version__}"
    precision = f"{numpy.finfo(numpy.longdouble).nmant + 1} bits in a long double"
    machine = f"{versions}, {platform.system()} on {platform.machine()}, {precision}"
    content = {"date": datetime.date.today().isoformat(), "machine": machine, "record": asdict(record), **more}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
