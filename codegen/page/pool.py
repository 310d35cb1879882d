"""The worker processes, and the questions that wait for one: who has used least is next, and what goes over its limits is killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

from .limits import LIMITS, QUEUE, Limits
from .usage import Usage
from .worker import ENDS, stopped, work

#: One address has no more than a fourth of the queue.
PART = 4


class QueueFull(Exception):
    """So many questions wait already, of all or of one address, that one more is refused."""


def process_context() -> BaseContext:
    """How worker processes are started: as copies of one that has imported everything, where the system can do that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["chainrule.codegen.page.warm"])
    return context


@dataclass
class Seat:
    """A place for one worker process at a time; `last` is the text that the process knows best."""

    context: BaseContext
    limits: Limits
    last: str = ""
    is_closed: bool = False
    _process: BaseProcess | None = None
    _questions: Connection | None = None

    def answer(self, part: str, asked: bytes, text: str) -> bytes:
        """Asks the process and waits; where it went over a limit, the answer says so."""
        self.last = text
        try:
            self._ask(part, asked)
        except OSError:
            # It ended since its last answer.
            self.leave()
            self._ask(part, asked)
        return self._answered()

    def begin(self) -> Connection:
        """The way to the process, which is started where there is none; raises `OSError` where none is started any more."""
        if self.is_closed:
            raise OSError("closed")
        if self._questions is None:
            self._questions, theirs = self.context.Pipe()
            self._process = self.context.Process(target=work, args=(theirs, self.limits), daemon=True)  # type: ignore[attr-defined]
            self._process.start()
            theirs.close()
        return self._questions

    def _ask(self, part: str, asked: bytes) -> None:
        self.begin().send_bytes(part.encode() + b"\n" + asked)

    def _answered(self) -> bytes:
        questions, process = self._questions, self._process
        assert questions is not None
        assert process is not None
        try:
            if not questions.poll(self.limits.longest_wait):
                self.leave()
                return stopped("time")
            found = questions.recv_bytes()
        except (EOFError, OSError):
            process.join(1)
            status = process.exitcode
            self.leave()
            return stopped("time" if status == -getattr(signal, "SIGXCPU", 0) else "ended")
        if found.startswith(ENDS):
            self.leave()
        return found[len(ENDS) :]

    def leave(self) -> None:
        """Ends the process, whatever it does."""
        process, questions = self._process, self._questions
        self._process, self._questions, self.last = None, None, ""
        if process is not None:
            process.kill()
            process.join()
        if questions is not None:
            questions.close()

    def close(self) -> None:
        """Ends the process and starts no other."""
        self.is_closed = True
        self.leave()


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that waits for a seat, and the text that it is about."""

    seat: asyncio.Future[Seat]
    text: str


@dataclass
class Pool:
    """So many worker processes; one of them is always left to the other addresses, and to those that have not used much lately."""

    size: int
    limits: Limits = LIMITS
    queue: int = QUEUE
    _seats: list[Seat] = field(init=False)
    _free: list[Seat] = field(init=False)
    _waiting: dict[str, deque[Turn]] = field(default_factory=dict)
    _running: Counter[str] = field(default_factory=Counter)
    _usage: Usage = field(default_factory=Usage)

    def __post_init__(self) -> None:
        context = process_context()
        self._seats = [Seat(context, self.limits) for _ in range(self.size)]
        self._free = list(self._seats)
        self._threads = ThreadPoolExecutor(self.size)

    def begin(self) -> None:
        """Starts the processes before anybody waits for them."""
        for seat in self._seats:
            self._threads.submit(seat.begin)

    @property
    def waiting(self) -> int:
        """Questions that no process has begun with."""
        return sum(len(queue) for queue in self._waiting.values())

    @property
    def running(self) -> int:
        return self._running.total()

    async def answer(self, part: str, asked: bytes, text: str, address: str) -> bytes:
        """The answer of a process, of one that knows the text where it is free; raises `QueueFull`."""
        seat = await self._seat(address, text)
        begun = time.monotonic()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, seat.answer, part, asked, text)
        finally:
            self._usage.add(address, time.monotonic() - begun)
            self._release(seat, address)

    async def _seat(self, address: str, text: str) -> Seat:
        if self._may_run(address) and not self._waiting.get(address):
            return self._taken(address, text)
        if self.waiting >= self.queue or len(self._waiting.get(address, ())) >= max(2, self.queue // PART):
            raise QueueFull
        turn = Turn(asyncio.get_running_loop().create_future(), text)
        self._waiting.setdefault(address, deque()).append(turn)
        try:
            return await turn.seat
        except asyncio.CancelledError:
            if turn.seat.done() and not turn.seat.cancelled():
                self._release(turn.seat.result(), address)
            raise

    def _release(self, seat: Seat, address: str) -> None:
        self._running[address] -= 1
        if not self._running[address]:
            del self._running[address]
        self._free.append(seat)
        self._next()

    def _may_run(self, address: str) -> bool:
        """Whether a process may be given to it: one that has used much may have none that would leave none to those that have not."""
        most = max(1, self.size - 1)
        if not self._free or self._running[address] >= most:
            return False
        heavy = sum(count for other, count in self._running.items() if self._usage.is_heavy(other))
        return not self._usage.is_heavy(address) or heavy < most

    def _taken(self, address: str, text: str) -> Seat:
        seat = next((free for free in self._free if free.last == text), self._free[0])
        self._free.remove(seat)
        self._running[address] += 1
        return seat

    def _next(self) -> None:
        """Gives what is free to the addresses that have used least; of these, one that has had its turn stands behind the others."""
        before: dict[str, deque[Turn]] = {}
        behind: dict[str, deque[Turn]] = {}
        for address in self._usage.in_order(self._waiting):
            queue = self._waiting[address]
            while queue and queue[0].seat.done():
                queue.popleft()
            kept = before
            if queue and self._may_run(address):
                turn = queue.popleft()
                turn.seat.set_result(self._taken(address, turn.text))
                kept = behind
            if queue:
                kept[address] = queue
        self._waiting = before | behind

    def close(self) -> None:
        for seat in self._seats:
            seat.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
