"""Several people at one page at once, two of them hostile: nobody waits in vain, and nobody gets another one's answer."""

from __future__ import annotations

from page_clients import crowd

from chainrule.codegen.page.limits import LIMITS


def test_hostile_clients_disturb_nobody() -> None:
    seen = crowd(clients=7, hostiles=2, seconds=10, pause=1)
    assert not seen.wrong
    assert seen.seconds
    assert seen.hostile.total() > 5
    # The server, the process that the workers are copies of, and two workers.
    assert seen.most_memory < 4 * LIMITS.memory
