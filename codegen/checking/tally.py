"""What is found of one subject, added up over points and ways of calling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Expr

from .finding import Finding

#: The largest difference that counts as rounding, relative to what it is a part of: as for the steps of a derivation.
TOLERANCE = 1e-9


@dataclass
class Tally:
    """What is found of one subject, added up over points and ways; `seen` counts comparisons of what was not 0 on both sides."""

    tried: int = 0
    seen: int = 0
    largest: float = 0.0
    numeric: float = 0.0
    failures: list[str] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)

    def add(self, where: str, difference: float, numeric: float | None = None, limit: float = TOLERANCE, *, is_zero: bool = False) -> None:
        """One comparison; a numeric value that is not known well enough decides nothing, and fails."""
        self.tried += 1
        self.seen += not is_zero
        self.largest = max(self.largest, difference) if difference == difference else float("nan")
        self.numeric = max(self.numeric, numeric or 0.0)
        if not difference <= limit:
            self.failures.append(f"{where}: differs by {difference:.1e}; at most {limit:.0e} is allowed")
        elif numeric is not None and not numeric <= limit:
            self.failures.append(f"{where}: no verdict, as the numeric value itself may be off by {numeric:.1e}")

    def finding(self, check: str, subject: str, with_numeric: bool = True, must_be_seen: bool = False) -> Finding:
        numeric = self.numeric if with_numeric else None
        vacuous = int(must_be_seen and self.tried > 0 and not self.seen)
        return Finding(check, subject, self.tried, self.largest, numeric, tuple(self.failures), tuple(self.notes), vacuous)

    def fail_to_decide(self, where: str, kinks: Sequence[Expr]) -> None:
        """No step is short enough to stay on one side of every kink; a difference over it would be the slope of neither."""
        crossed = ", ".join(map(str, kinks)) or "the edge of where the cost is a number"
        self.failures.append(f"{where}: no verdict, as every step crosses {crossed}")
