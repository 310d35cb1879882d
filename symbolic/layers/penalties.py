"""Regularisation: a factor's name → the penalty of one weight `w`."""

from __future__ import annotations

PENALTIES: dict[str, str] = {
    "l1": "abs(w)",
    "l1_half": "abs(w)/2",
    "l2": "w**2",
    "l2_half": "w**2/2",
}
