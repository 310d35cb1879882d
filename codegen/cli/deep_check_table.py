"""What a deep check found, as a table for the terminal and one line that sums it up."""

from __future__ import annotations

import numpy as np
from rich.table import Table

from chainrule.codegen.checking.deep_check import DeepCheck
from chainrule.codegen.checking.extrapolation import EXTENDED, is_wider
from chainrule.codegen.checking.finding import CHECKS, Finding

#: Failures of one row that are written out; the rest are counted.
MOST_FAILURES = 3


def findings_table(found: DeepCheck, name: str) -> Table:
    """A row for each finding, in the order of the checks."""
    table = Table(title=f"{name}: deep check")
    table.add_column("check")
    table.add_column("of")
    table.add_column("tried", justify="right")
    table.add_column("difference", justify="right")
    table.add_column("± numeric", justify="right")
    table.add_column("")
    last = ""
    for finding in sorted(found.findings, key=lambda finding: list(CHECKS).index(finding.check)):
        shown = finding.check if finding.check != last else ""
        last = finding.check
        table.add_row(shown, finding.subject, f"{finding.tried:,}", _number(finding.largest), _number(finding.numeric), _verdict(finding))
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1e}"


def _verdict(finding: Finding) -> str:
    if not finding.failed:
        return "right"
    if not finding.failures:
        return "not checked"
    is_undecided = all("no verdict" in failure for failure in finding.failures)
    return "no verdict" if is_undecided else "wrong"


def failure_lines(found: DeepCheck) -> list[str]:
    """What is wrong, a few lines of each row."""
    lines = []
    for finding in found.failed:
        for failure in finding.reasons[:MOST_FAILURES]:
            lines.append(f"{finding.check} of {finding.subject}: {failure}")
        if len(finding.reasons) > MOST_FAILURES:
            lines.append(f"{finding.check} of {finding.subject}: and {len(finding.reasons) - MOST_FAILURES} more")
    return lines


def kink_lines(found: DeepCheck) -> list[str]:
    """Where steps were shortened so as not to cross a kink."""
    notes = dict.fromkeys(note for finding in found.findings for note in finding.notes)
    return list(notes)


def summary(found: DeepCheck) -> str:
    """One line: how much was tried, how much is wrong, how good the numbers are, and how to have it again."""
    gradients = [finding for finding in found.findings if finding.check == "gradients"]
    own = max((finding.numeric or 0.0 for finding in gradients), default=0.0)
    largest = max((finding.largest or 0.0 for finding in gradients), default=0.0)
    verdict = f"{len(found.failed)} of {len(found.findings)} rows fail" if found.failed else "all right"
    return (
        f"{found.tried('steps'):,} steps, {found.tried('rewrites'):,} rewrites, {found.tried('gradients'):,} slopes of modules, "
        f"differences up to {largest:.1e}, numeric values good to {own:.1e} ({precision()}): {verdict}; seed {found.seed}."
    )


def precision() -> str:
    """In what floats the numeric values were computed."""
    bits = np.finfo(EXTENDED).nmant + 1
    return f"floats of {bits} significant bits" if is_wider() else f"long double is no wider than float64 here: {bits} significant bits"
