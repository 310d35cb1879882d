"""Where the command's output goes: pipes that close, a full disk, encodings of few signs, Ctrl-C at any moment."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest
from places import SOURCE
from test_command_line import chainrule

from chainrule.codegen.cli.spelling import spell_out, spelled

CALLS = {
    "help": ["--help"],
    "list": ["list"],
    "derive": ["derive", "2-3-2", "--level", "matrix"],
    "check": ["check", "2-2"],
    "equations": ["equations", "2-3-2"],
    "build": ["build", "2-2", "--formats", ""],
}


def started(*words: str, cwd: Path, encoding: str = "utf-8", **given: object) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "chainrule", *words]
    return subprocess.Popen(command, cwd=cwd, env=environment, stderr=subprocess.PIPE, **given)  # type: ignore[call-overload]


@pytest.mark.parametrize("call", CALLS)
def test_a_pipe_that_nobody_reads(call: str, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started(*CALLS[call], cwd=tmp_path, stdout=writing)
    os.close(writing)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's device that is full")
@pytest.mark.parametrize("call", CALLS)
def test_a_full_disk(call: str, tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        process = started(*CALLS[call], cwd=tmp_path, stdout=full)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said == b"chainrule: the output: cannot be written (No space left on device)\n"


@cache
def printed_in(encoding: str) -> str:
    done = chainrule(*CALLS["derive"], cwd=Path.cwd(), encoding=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "cp437", "big5"])
def test_an_encoding_without_the_signs_of_mathematics(encoding: str, tmp_path: Path) -> None:
    printed = printed_in(encoding)
    assert printed == "".join(sign if writes(encoding, sign) else spelled(sign) for sign in printed_in("utf-8"))
    if encoding == "ascii":
        # As a process is told by its environment.
        process = started(*CALLS["derive"], cwd=tmp_path, encoding=encoding, stdout=subprocess.PIPE)
        written, said = process.communicate(timeout=60)
        assert (process.returncode, said, written.decode(encoding)) == (0, b"", printed)


def writes(encoding: str, sign: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def test_how_signs_are_spelled() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    spell_out(stream, None)
    stream.write("∂C/∂W¹ = Σ_n δ⊙σ′(z)ᵀ Δ ₂ x² 中 \N{SNOWMAN}")
    stream.flush()
    assert stream.buffer.getvalue() == rb"dC/dW^1 = sum_n delta(*)sigma'(z)^T Delta _2 x^2 \u4e2d \u2603"  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_at_any_moment(tmp_path: Path) -> None:
    for moment in (0.2, 0.35, 0.5, 0.8, 1.2, 1.8):
        process = started("build", "3-4-4-3", "--formats", "html", cwd=tmp_path, stdout=subprocess.PIPE, preexec_fn=ready)
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        # Before Python itself runs, the signal ends it; after all is done there is nothing to interrupt.
        assert process.returncode in (130, 0, -signal.SIGINT)
        assert b"Traceback" not in said or process.returncode == -signal.SIGINT
        if process.returncode == 130:
            assert said.strip() == b"interrupted; every file is whole, and all are as they were or all are new"


def ready() -> None:
    """Ctrl-C counts, also where the tests run in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
