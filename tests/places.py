"""Where things are, whatever room a test is in."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SOURCE = ROOT / "src"
GALLERY = ROOT / "generated"
#: Descriptions of published problems.
CASES = TESTS / "problems" / "cases"
