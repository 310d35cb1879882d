"""Worker processes: limits on time, memory and size, what a process may not do, and the order in which questions have their turn."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from places import SOURCE
from served import gallery

from chainrule.codegen.page.limits import Limits
from chainrule.codegen.page.pool import Pool, QueueFull, Seat, process_context
from chainrule.codegen.page.rates import Rates
from chainrule.codegen.page.results import Results
from chainrule.codegen.page.usage import Usage

#: So many layers of four gates each are derived for longer than any of these tests lasts.
LONG = '[[layers]]\nkind = "gru"\nunits = 3\n' * 60
LONG = f'name = "long"\ninput = [5, 2]\n{LONG}[cost]\nkind = "quadratic"\n'


def question(text: str) -> bytes:
    return json.dumps({"text": text}).encode()


def seat(**limits: int) -> Seat:
    return Seat(process_context(), Limits(**limits))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def usual() -> Iterator[Seat]:
    made = seat()
    yield made
    made.leave()


def test_a_process_answers_again_and_again(usual: Seat) -> None:
    first = json.loads(usual.answer("picture", question("3-2"), "3-2"))
    process = usual._process
    assert "<svg" in first["html"]
    assert "<svg" in json.loads(usual.answer("picture", question("3-5"), "3-5"))["html"]
    assert usual._process is process


def test_one_that_takes_too_long_is_ended_and_the_next_question_answered() -> None:
    made = seat(seconds=1)
    assert json.loads(made.answer("derivation", question(LONG), "long")) == {"stopped": "time"}
    assert made._process is None
    assert "<svg" in json.loads(made.answer("picture", question("3-2"), "3-2"))["html"]
    made.leave()


def test_one_that_waits_too_long_is_ended() -> None:
    made = seat(longest_wait=0.2)
    assert json.loads(made.answer("derivation", question(LONG), "long")) == {"stopped": "time"}
    made.leave()


def test_one_that_takes_too_much_memory_is_ended() -> None:
    made = seat(memory=230_000_000)
    assert json.loads(made.answer("derivation", question(gallery("lenet")), "lenet"))["stopped"] in ("memory", "ended")
    made.leave()


def test_an_answer_that_is_too_long_is_not_sent(usual: Seat) -> None:
    made = seat(most_answered=2000)
    assert json.loads(made.answer("derivation", question("3-2"), "3-2")) == {"stopped": "size"}
    made.leave()


def test_a_process_ends_after_so_many_answers() -> None:
    made = seat(answers=2)
    made.answer("picture", question("3-2"), "3-2")
    assert made._process is not None
    made.answer("picture", question("3-2"), "3-2")
    assert made._process is None


def test_a_process_that_was_killed_between_two_questions_is_replaced(usual: Seat) -> None:
    usual.answer("picture", question("3-2"), "3-2")
    assert usual._process is not None
    assert usual._process.pid is not None
    os.kill(usual._process.pid, signal.SIGKILL)
    usual._process.join()
    assert "<svg" in json.loads(usual.answer("picture", question("3-2"), "3-2"))["html"]


CONFINED = """
import sys
from chainrule.codegen.page.confinement import confine
import json, numpy, socket, subprocess, os
confine(400_000_000)
tried = {
    "read": lambda: open("/etc/passwd"),
    "read by the system": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "write": lambda: open(json.__file__, "r+"),
    "write elsewhere": lambda: open("/tmp/chainrule-page", "w"),
    "remove": lambda: os.remove("/tmp/chainrule-page"),
    "start": lambda: subprocess.run(["true"]),
    "shell": lambda: os.system("true"),
    "connect": lambda: socket.create_connection(("127.0.0.1", 9)),
    "memory": lambda: numpy.ones(100_000_000),
}
for name, attempt in tried.items():
    try:
        attempt()
        print(name, "went")
    except (PermissionError, MemoryError) as refused:
        print(name, type(refused).__name__)
import colorsys
print("import went")
"""


def test_what_a_process_may_not_do() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CONFINED], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)}, check=False
    )
    assert ran.returncode == 0, ran.stderr
    *refused, imported = ran.stdout.splitlines()
    assert [line.rpartition(" ")[2] for line in refused] == ["PermissionError"] * 8 + ["MemoryError"]
    assert imported == "import went"


def test_addresses_have_their_turns_and_one_seat_is_left_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    gates: dict[str, asyncio.Event] = {}

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def answer(self: Seat, part: str, asked: bytes, text: str) -> bytes:
            loop.call_soon_threadsafe(begun.append, text)
            asyncio.run_coroutine_threadsafe(gates[text].wait(), loop).result()
            return asked

        monkeypatch.setattr(Seat, "answer", answer)
        pool = Pool(2, queue=4)
        names = ["a1", "a2", "a3", "b1", "c1"]
        gates.update({name: asyncio.Event() for name in names})
        tasks = {}
        for name in names:
            tasks[name] = asyncio.create_task(pool.answer("picture", b"", name, name[0]))
            await asyncio.sleep(0.05)
        # The first address has one seat, and the other one is left for the second.
        assert begun == ["a1", "b1"]
        assert pool.waiting == 3
        tasks["d1"] = asyncio.create_task(pool.answer("picture", b"", "c1", "d"))
        await asyncio.sleep(0.05)
        with pytest.raises(QueueFull):
            await pool.answer("picture", b"", "e1", "e")
        tasks["d1"].cancel()
        gates["b1"].set()
        await tasks["b1"]
        await asyncio.sleep(0.05)
        assert begun == ["a1", "b1", "c1"]
        gates["a1"].set()
        await tasks["a1"]
        await asyncio.sleep(0.05)
        assert begun == ["a1", "b1", "c1", "a2"]
        for gate in gates.values():
            gate.set()
        await asyncio.gather(tasks["a2"], tasks["a3"], tasks["c1"])
        assert begun == ["a1", "b1", "c1", "a2", "a3"]
        assert (pool.running, pool.waiting) == (0, 0)
        pool.close()

    asyncio.run(run())


def test_an_answer_is_made_once_and_the_oldest_go() -> None:
    made: list[str] = []

    async def run() -> None:
        results = Results(most=5)

        async def make(name: str) -> bytes:
            made.append(name)
            await asyncio.sleep(0)
            return b"12"

        async def ask(name: str) -> bytes:
            return await results.answer("part", name.encode(), lambda: make(name))

        await asyncio.gather(ask("a"), ask("a"), ask("b"))
        assert made == ["a", "b"]
        await ask("a")
        await ask("c")
        # Of five bytes, two answers: b is the one that nobody asked for last.
        await ask("a")
        assert made == ["a", "b", "c"]
        await ask("b")
        assert made == ["a", "b", "c", "b"]

    asyncio.run(run())


def test_an_address_may_ask_so_often() -> None:
    now = [0.0]
    rates = Rates(per_minute=60, at_once=3, clock=lambda: now[0])
    assert [rates.wait("a") for _ in range(3)] == [0, 0, 0]
    assert rates.wait("a") == pytest.approx(1)
    assert rates.wait("b") == 0
    now[0] = 0.5
    assert rates.wait("a") == pytest.approx(0.5)
    now[0] = 1.0
    assert rates.wait("a") == 0
    now[0] = 100.0
    assert [rates.wait("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_who_has_used_much_comes_behind_the_others_and_leaves_a_process_to_them() -> None:
    """Several addresses with long questions are no reason for the others to wait."""
    order: list[str] = []

    async def answered(pool: Pool, address: str, ended: asyncio.Future[None] | None) -> None:
        seat = await pool._seat(address, "")
        order.append(address)
        if ended:
            await ended
        pool._release(seat, address)

    async def run() -> None:
        pool, held = Pool(2), asyncio.get_running_loop().create_future()
        for hostile in "abc":
            pool._usage.add(hostile, 60)
        waiting = [asyncio.create_task(answered(pool, hostile, held)) for hostile in "abc"]
        await asyncio.sleep(0)
        others = [asyncio.create_task(answered(pool, address, None)) for address in "def"]
        await asyncio.wait(others, timeout=5)
        assert order == [*"adef"]
        held.set_result(None)
        await asyncio.wait(waiting, timeout=5)
        assert sorted(order[4:]) == ["b", "c"]

    asyncio.run(run())


def test_one_address_does_not_fill_the_queue() -> None:
    async def run() -> None:
        pool = Pool(2, queue=8)
        waiting = [asyncio.create_task(pool._seat("a", "")) for _ in range(4)]
        await asyncio.sleep(0)
        assert [task.done() for task in waiting] == [True, False, False, True]
        assert isinstance(waiting[3].exception(), QueueFull)
        assert await pool._seat("b", "")
        for task in waiting[1:3]:
            task.cancel()

    asyncio.run(run())


def test_what_was_used_long_ago_counts_less() -> None:
    now = [0.0]
    usage = Usage(clock=lambda: now[0])
    usage.add("a", 20)
    usage.add("b", 40)
    assert usage.in_order(["b", "a", "c"]) == ["c", "a", "b"]
    now[0] = 60
    assert not usage.is_heavy("a")
    assert usage.in_order(["b", "a", "c"]) == ["a", "c", "b"]
    assert usage.of("b") == 10
