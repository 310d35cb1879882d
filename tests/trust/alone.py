"""One input tried in a process of its own; the exit status says whether it goes wrong there too.

python -m trust.alone FINDING
"""

from __future__ import annotations

import sys
from pathlib import Path

from trust.fuzzing_targets import TARGETS
from trust.tried import Finding, Tally, try_one


def main() -> int:
    finding = Finding.of_text(Path(sys.argv[1]).read_text(encoding="utf-8"))
    again = try_one(finding.target, TARGETS[finding.target], finding.data, Tally())
    return 0 if again is None else 1


if __name__ == "__main__":
    sys.exit(main())
