"""What is fuzzed: functions of bytes, each a way in which a stranger's text comes in. They return nothing, or refuse.

A target ends cleanly where it returns, or raises `InvalidDescription` with a message that a person can read. Anything else (another
exception, a warning, an exit status but 0 and 2, a traceback) is a finding. `tried.py` measures time and memory around them.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import shlex
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from chainrule.codegen import build as pipeline
from chainrule.codegen.cli import main as command_line
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.formulas.notation_file import notation_of
from chainrule.codegen.handout import HANDOUT_SECTIONS
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.report import as_csv, as_json, report
from chainrule.codegen.marking.work_file import read_work
from chainrule.symbolic.derivation import chain_rule
from chainrule.symbolic.index.failures import ChainruleError, InvalidDescription, NotExpressible
from chainrule.symbolic.layers.layer import Dense
from chainrule.symbolic.layers.network import Network

Target = Callable[[bytes], None]

LONGEST_MESSAGE = 3_000
#: The endings of works.
WORKS = (b"py", b"ipynb", b"txt", b"tex", b"md")
#: What goes through the chain rule while being fuzzed: beyond, one input would take the time of a thousand.
MOST_EQUATIONS, LONGEST_DERIVED = 6, 400

#: For equations alone: tensors of every kind to read.
DECLARED = {
    "parameters": ["w[k]", "W[j,k]", "b"],
    "inputs": ["X[n,k]", "tok[n,t] in v", "E[v,d]"],
    "targets": ["y[n]", "label[n] in j"],
}
HEAD = 'name = "net"\ninput = 2\n[[layers]]\nunits = 3\nactivation = "tanh"\n[[layers]]\nunits = 2\n[cost]\nkind = "quadratic"\n'


class Untidy(Exception):
    """A refusal that is none of which a person is told: no words, too many, or a traceback in them."""


@contextlib.contextmanager
def refusals(*also: type[ChainruleError]) -> Iterator[None]:
    """Lets clean refusals pass."""
    try:
        yield
    except (InvalidDescription, *also) as problem:
        check_message(str(problem))


def check_message(message: str) -> None:
    if not message.strip() or len(message) > LONGEST_MESSAGE or "Traceback" in message:
        raise Untidy(f"a message of {len(message)} characters: {message[:100]!r}")


def text_of(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def as_file(data: bytes, name: str = "net.toml") -> Path:
    """The bytes as a file, one for each process."""
    place = _place() / name
    place.write_bytes(data)
    return place


#: Where files are written and read a thousand times a second.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_PLACES: dict[int, Path] = {}


def _place() -> Path:
    if os.getpid() not in _PLACES:
        _PLACES[os.getpid()] = Path(tempfile.mkdtemp(prefix="chainrule-fuzzing-", dir=IN_MEMORY))
        atexit.register(shutil.rmtree, _PLACES[os.getpid()], ignore_errors=True)
    return _PLACES[os.getpid()]


def equations(data: bytes) -> None:
    """A text of equations, with tensors of every kind declared."""
    with refusals():
        Network.from_equations(text_of(data), **DECLARED)


def declarations(data: bytes) -> None:
    """Four lines of parameters, inputs, targets and the batch's letter, and equations below."""
    with refusals():
        _system(data)


def _system(data: bytes) -> object:
    parts = text_of(data).split("\n", 4)
    parameters, inputs, targets, batch, text = [*parts, *[""] * (5 - len(parts))]
    given = [[word for word in line.split(";") if word] for line in (parameters, inputs, targets)]
    return Network.from_equations(text, given[0], given[1], given[2], batch=batch or None)


def description(data: bytes) -> None:
    """A whole file."""
    with refusals():
        read_description(as_file(data))


def shorthand(data: bytes) -> None:
    """What is typed in place of a file, such as 784-16-16-10."""
    with refusals():
        read_description(text_of(data))


def formulas(data: bytes) -> None:
    """A line with an activation, one with a cost, one with the targets."""
    activation, cost, targets = [*text_of(data).split("\n"), "", "", ""][:3]
    with refusals():
        read_description("3-2-2", activation=activation or None, cost=cost or None, targets=targets or None)


def symbols(data: bytes) -> None:
    """What stands below [symbols] in a good file: letters that end up inside formulas."""
    with refusals():
        read_description(as_file(HEAD.encode() + b"[symbols]\n" + data))


def notation(data: bytes) -> None:
    """The text of a notation's file."""
    with refusals():
        notation_of(text_of(data), "own.toml", HANDOUT_SECTIONS)


@cache
def marker() -> Marker:
    """Works are of a small network."""
    return Marker(chain_rule.derive(Network(3, [Dense(2, "tanh"), Dense(2, "sigmoid")])))


def work(data: bytes) -> None:
    """A work that is marked: behind a line with its ending the text of a file, which is read as it is."""
    ending, _, text = data.partition(b"\n")
    place = as_file(text, f"work.{text_of(ending).strip()}") if ending in WORKS else as_file(data, "work.py")
    with refusals():
        marked = marker().marked(read_work(place), "work", None, place.suffix)
        for line in (*report(marked), as_json([marked]), as_csv([marked])):
            check_text(line)


def check_text(text: str) -> None:
    """What is printed or written has no half of a sign."""
    text.encode()


class Reached(Exception):
    """The command has read its arguments and would begin to work."""


def command(data: bytes) -> None:
    """Words behind `chainrule`, beside a good file; it stops where it would begin to derive or to write."""
    try:
        words = shlex.split(text_of(data))
    except ValueError:
        return
    as_file(HEAD.encode())
    printed, said = io.StringIO(), io.StringIO()
    before = Path.cwd()
    os.chdir(_place())
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said), _stopped():
            status = _status_of([word.replace("\0", "") for word in words])
    finally:
        os.chdir(before)
    check_message(said.getvalue() or "nothing")
    if strange := [sign for sign in said.getvalue() if sign != "\n" and unicodedata.category(sign).startswith("C")]:
        raise Untidy(f"a message with {strange[0]!r}")
    if status not in (0, 2) or (status == 2 and not said.getvalue()):
        raise Untidy(f"exit status {status} with {said.getvalue()[:100]!r}")


def _status_of(words: list[str]) -> int:
    """The exit status of the command, by its own `main`."""
    import sys

    arguments, sys.argv = sys.argv, ["chainrule", *words]
    try:
        command_line.main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Reached:
        return 0
    finally:
        sys.argv = arguments
    return 0


@contextlib.contextmanager
def _stopped() -> Iterator[None]:
    def stop(*_: object, **__: object) -> None:
        raise Reached

    kept = pipeline.build, chain_rule.derive
    pipeline.build, chain_rule.derive = stop, stop  # type: ignore[assignment]
    try:
        yield
    finally:
        pipeline.build, chain_rule.derive = kept


def derivation(data: bytes) -> None:
    """As `declarations`; what is small goes through the chain rule, and every step is checked on numbers."""
    with refusals(NotExpressible):
        system = _system(data)
        if len(data) <= LONGEST_DERIVED and len(system.equations) <= MOST_EQUATIONS:  # type: ignore[attr-defined]
            chain_rule.derive(system)  # type: ignore[arg-type]


def building(data: bytes) -> None:
    """As `declarations`; everything is made of it and written into a folder that is taken away again."""
    with refusals(NotExpressible), tempfile.TemporaryDirectory(dir=_place()) as folder:
        system = _system(data)
        pipeline.build(Description(system, _front("net")), Path(folder), pipeline.Choices(formats=("tex", "html", "md")))  # type: ignore[arg-type]


def _front(name: str) -> object:
    from chainrule.codegen.document.document import FrontMatter

    return FrontMatter(name)


#: Every target by its name.
TARGETS: dict[str, Target] = {
    "equations": equations,
    "declarations": declarations,
    "description": description,
    "shorthand": shorthand,
    "formulas": formulas,
    "symbols": symbols,
    "notation": notation,
    "command": command,
    "work": work,
    "derivation": derivation,
    "building": building,
}
