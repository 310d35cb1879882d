"""Why a formula cannot be read: at which sign it stops."""

from __future__ import annotations

from chainrule.codegen.marking.python.reasons import Unreadable


def stopped(sign: str) -> Unreadable:
    """At a sign that cannot stand there, or at the end."""
    return Unreadable("stops", sign=sign) if sign else Unreadable("end")
