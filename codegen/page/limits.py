"""How much the page does for one question, for one address and for all: one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one derivation, in a process of its own: seconds of processor time and by the clock, bytes of address space and of an answer.

    After so many answers, or with so many bytes held, a process makes room for a new one.
    """

    seconds: int = 10
    longest_wait: float = 40.0
    memory: int = 500_000_000
    most_answered: int = 6_000_000
    answers: int = 200
    full: int = 350_000_000


LIMITS = Limits()
#: Of a question, in bytes.
MOST_ASKED = 300_000
#: Questions that wait for a process; more are refused.
QUEUE = 64
#: Answers that are kept, in bytes.
KEPT = 64_000_000
#: With `--public`: questions an address may ask a minute, and at once after it was quiet. Addresses that are remembered.
PER_MINUTE, AT_ONCE, ADDRESSES = 60, 30, 10_000
#: Seconds of a process beyond which an address comes behind others, and those in which what it used is halved.
HEAVY, HALVED_IN = 10.0, 30.0
