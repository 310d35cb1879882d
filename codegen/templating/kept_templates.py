"""Compiled templates, kept where Python keeps its bytecode and as it does: no process compiles again what has not changed.

The name of a file says the version of Python, and Jinja2 compares the text of the template with the one that was compiled.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class KeptTemplates(BytecodeCache):
    """One file a template, for environments that compile it alike; where nothing can be written, nothing is kept."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The path of the file; none without a file of the template, or where Python has no such files."""
        return cache_from_source(f"{filename}.py") if filename and sys.implementation.cache_tag else ""

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key:
            with suppress(OSError), Path(bucket.key).open("rb") as file:
                bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not bucket.key or sys.dont_write_bytecode:
            return
        path = Path(bucket.key)
        own = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            own.write_bytes(bucket.bytecode_to_string())
            # Whole, as others may read it meanwhile.
            own.replace(path)
