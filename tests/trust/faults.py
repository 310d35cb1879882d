"""Faults while files are written: kills, a full disk, an unwritable folder, two builds at once.

After each of them the folder has its old files or the new ones, whole, and what a person edited is as the person left it.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chainrule.codegen.files.atomic_move import locked
from chainrule.codegen.files.write import STAGED, write_all

from .record import Progress, Record

ROOT = Path(__file__).parent.parent.parent
#: Seed of the moments: another run tries the same.
SEED = 20
DESCRIPTION = """
name = "net"
title = "{title}"
input = 2

[[layers]]
units = 3
activation = "tanh"

[cost]
kind = "quadratic"
"""
#: Writes a folder's files as a build does, and kills itself at one of the moments that Python's audit hooks see; 0: at none.
WRITING = """
import os, signal, sys
from pathlib import Path
from chainrule.codegen.files.write import write_all
folder, generation, moment = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
contents = {f"file{number}.{ending}": f"{generation} {number}\\n" * 2000 for number in range(4) for ending in ("py", "md")}
seen = 0
def watch(event, arguments):
    global seen
    if event.split(".")[0] in ("open", "os", "shutil", "tempfile", "subprocess", "fcntl"):
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
try:
    write_all(folder, contents, False)
except Exception as problem:
    sys.exit(f"{type(problem).__name__}: {problem}")
print(seen)
"""

#: Nothing that is in the way is seen before the files are moved.
UNSEEN = "chainrule.codegen.files.write._refuse_edited = chainrule.codegen.files.write._refuse_no_file = lambda path: None"

State = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Trial:
    """A fault, and what was wrong after it; an empty text where nothing was."""

    fault: str
    wrong: str = ""


def state(folder: Path) -> State:
    """What a reader of the folder sees. What waits to be moved, and is hidden, does not count."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(STAGED)}


def settled(folder: Path) -> State:
    """The state once nobody writes any more: what moves files goes on for a moment after its build was killed."""
    time.sleep(0.02)
    for _ in range(2):
        with locked(folder):
            pass
        time.sleep(0.02)
    return state(folder)


def judged(fault: str, found: State, allowed: tuple[State, ...]) -> Trial:
    if found in allowed:
        return Trial(fault)
    generations = {
        name: next((number for number, one in enumerate(allowed) if one.get(name) == content), None) for name, content in found.items()
    }
    return Trial(fault, f"{fault}: a mixture, file by file {generations}")


def killed_builds(kills: int, progress: Progress) -> Iterator[Trial]:
    """Whole commands, killed at moments drawn evenly from the time that one takes."""
    draw = random.Random(SEED)
    with folder() as home:
        (home / "old.toml").write_text(DESCRIPTION.format(title="Old"))
        (home / "new.toml").write_text(DESCRIPTION.format(title="New"))
        states: list[State] = []
        lasting = 0.0
        for which in ("new", "old"):
            begun = time.perf_counter()
            finished = command(home, which).wait()
            lasting = time.perf_counter() - begun
            assert finished == 0, f"{which}.toml cannot be built"
            states.append(state(home / "out"))
        new, old = states
        assert new != old
        for number in range(kills):
            moment = draw.random() * lasting * 1.05
            progress(f"kill {number + 1} of {kills}, after {moment:.2f} s")
            process = command(home, "new")
            time.sleep(moment)
            process.kill()
            process.wait()
            found = settled(home / "out")
            yield judged(f"killed after {moment:.3f} s", found, (old, new))
            if found != old:
                command(home, "old").wait()


def command(home: Path, which: str) -> subprocess.Popen[bytes]:
    """A build of one of the two descriptions into the same folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "chainrule", "build", f"{which}.toml", "-o", "out", "--formats", "html,md"],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def killed_writing(progress: Progress) -> Iterator[Trial]:
    """The writing alone, killed at each of its calls of the system in turn."""
    with folder() as home:
        new = written(home / "new", "new")
        old = written(home / "old", "old")
        moments = int(writing(home / "old", "old").stdout)
        for moment in range(1, moments + 1):
            progress(f"kill at call {moment} of {moments} while writing")
            place = home / f"at{moment}"
            shutil.copytree(home / "old", place)
            stopped = writing(place, "new", moment)
            if stopped.returncode != -9:
                yield Trial("", f"call {moment}: the process was not killed ({stopped.returncode} {stopped.stderr})")
            yield judged(f"killed at call {moment} while writing", settled(place), (old, new))
            # The next build clears away what the killed one left, and finishes.
            writing(place, "new")
            left = [path.name for path in place.iterdir() if path.name.startswith(STAGED)]
            yield Trial("a build after that", f"call {moment}: left behind {left}" if left or state(place) != new else "")


def writing(place: Path, generation: str, moment: int = 0, before: str = "") -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", before + WRITING, str(place), generation, str(moment)]
    return subprocess.run(program, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False)


def is_refused(stopped: subprocess.CompletedProcess[str]) -> bool:
    return stopped.returncode == 1 and stopped.stderr.startswith("InvalidDescription: ") and "cannot be written" in stopped.stderr


def written(place: Path, generation: str) -> State:
    done = writing(place, generation)
    assert done.returncode == 0, done.stderr
    return state(place)


def full_disks(progress: Progress) -> Iterator[Trial]:
    """No file may grow beyond some bytes, as where a disk is full; and a real disk that is full, where one can be mounted."""
    with folder() as home:
        new, old = written(home / "new", "new"), written(home / "place", "old")
        sizes = sorted({len(content) for content in new.values()})
        for limit in (0, 1, sizes[0] // 2, sizes[0] - 1, sizes[-1] - 1, sizes[-1]):
            progress(f"files of at most {limit} bytes")
            limited = f"import resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
            stopped = writing(home / "place", "new", before=limited)
            refused = (
                stopped.returncode == 1 and stopped.stderr.startswith("InvalidDescription: ") and "cannot be written" in stopped.stderr
            )
            fits = limit >= sizes[-1]
            fault = f"no file beyond {limit} bytes"
            if fits == refused:
                yield Trial(fault, f"{fault}: {stopped.stderr}")
            yield judged(fault, settled(home / "place"), (new,) if fits else (old,))
        with mounted(home / "disk", "48k") as disk:
            if disk is not None:
                progress("a full disk")
                # The old files fit; the new ones beside them do not.
                (disk / "out").mkdir()
                write_all(disk / "out", {"file.py": "old\n" * 2000, "file.md": "old\n" * 2000}, force=False)
                before = state(disk / "out")
                stopped = writing(disk / "out", "new")
                message = (
                    "" if "No space left" in stopped.stderr and "Traceback" not in stopped.stderr else f"a full disk: {stopped.stderr}"
                )
                yield Trial("a full disk: the message", message)
                yield judged("a full disk", settled(disk / "out"), (before,))


@contextmanager
def mounted(place: Path, size: str) -> Iterator[Path | None]:
    """A disk of this size in memory; None where this system does not let us mount one."""
    place.mkdir()
    made = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False).returncode
        == 0
    )
    try:
        yield place if made else None
    finally:
        if made:
            subprocess.run(["umount", str(place)], check=True)


def unwritable_folders(progress: Progress) -> Iterator[Trial]:
    """Folders where this user may not write, and places that are taken."""
    progress("unwritable folders")
    with folder() as home:
        old = written(home / "place", "old")
        nobody = "import os; os.setgid(65534); os.setuid(65534)\n" if os.getuid() == 0 else ""
        os.chmod(home, 0o755)
        os.chmod(home / "place", 0o555)
        for fault, place in (
            ("a folder without the right to write", home / "place"),
            ("a folder that cannot be made", home / "place" / "inner"),
        ):
            stopped = writing(place, "new", before="import chainrule.codegen.files.write\n" + nobody)
            refused = (
                stopped.returncode == 1 and stopped.stderr.startswith("InvalidDescription: ") and "cannot be written" in stopped.stderr
            )
            yield Trial(fault, "" if refused else f"{fault}: {stopped.stderr}")
            yield judged(fault, state(home / "place"), (old,))
        os.chmod(home / "place", 0o755)
        # A folder turns up where a file is to be moved, after everything was looked at: all moves before it are taken back.
        (home / "place" / "file3.py").unlink()
        (home / "place" / "file3.py").mkdir()
        (home / "place" / "file3.py" / "kept").write_text("kept")
        stopped = writing(home / "place", "new", before=f"import chainrule.codegen.files.write\n{UNSEEN}\n")
        kept = stopped.returncode == 1 and (home / "place" / "file3.py" / "kept").read_text() == "kept"
        shutil.rmtree(home / "place" / "file3.py")
        fault = "a place that is taken in the last moment"
        yield Trial(fault, "" if kept else f"{fault}: {stopped.stderr}")
        yield judged(fault, state(home / "place"), ({name: content for name, content in old.items() if name != "file3.py"},))


def builds_at_once(pairs: int, progress: Progress) -> Iterator[Trial]:
    """Two processes that write into one folder at the same time."""
    with folder() as home:
        states = tuple(written(home / generation, generation) for generation in ("first", "second"))
        for number in range(pairs):
            progress(f"two at once, {number + 1} of {pairs}")
            place = home / f"place{number}"
            both = [
                subprocess.Popen(
                    [sys.executable, "-c", WRITING, str(place), generation, "0"],
                    env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for generation in ("first", "second")
            ]
            said = [process.communicate()[1] for process in both]
            ended = [process.returncode for process in both]
            yield Trial("two at once: both end well", "" if ended == [0, 0] else f"two at once: {said}")
            yield judged("two at once", settled(place), states)
            left = [path.name for path in place.iterdir() if path.name.startswith(STAGED)]
            yield Trial("two at once: nothing is left", f"two at once: left behind {left}" if left else "")


def edited_files(progress: Progress) -> Iterator[Trial]:
    """A file that a person edited, among files that are to be written anew, also after a kill."""
    progress("files edited by hand")
    with folder() as home:
        written(home / "place", "old")
        moments = int(writing(home / "place", "old").stdout)
        with open(home / "place" / "file2.md", "a") as file:
            file.write("my own remark\n")
        edited = state(home / "place")
        for moment in (0, *range(1, moments + 1, 3)):
            stopped = writing(home / "place", "new", moment)
            if moment == 0:
                told = stopped.returncode == 1 and "edited by hand" in stopped.stderr
                yield Trial("an edited file: the message", "" if told else f"an edited file: {stopped.stderr}")
            yield judged("an edited file is kept, and all beside it", settled(home / "place"), (edited,))


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="faults-") as home:
        yield Path(home)


def run(progress: Progress = lambda _: None, kills: int = 100, pairs: int = 20) -> Record:
    """All faults; `kills` is the number of whole commands that are killed, `pairs` that of writings two at a time."""
    begun = time.perf_counter()
    kinds = {
        f"whole builds killed, at moments drawn with seed {SEED}": list(killed_builds(kills, progress)),
        "writings killed, at each of their calls of the system, and a build after each": list(killed_writing(progress)),
        "full disks": list(full_disks(progress)),
        "unwritable folders and taken places": list(unwritable_folders(progress)),
        "two builds into one folder": list(builds_at_once(pairs, progress)),
        "files edited by hand": list(edited_files(progress)),
    }
    return Record(
        title="Faults",
        asked="Old files or new files, whole, never a mixture; files edited by hand are kept.",
        counts=tuple((kind, len(trials)) for kind, trials in kinds.items()),
        failures=tuple(trial.wrong for trials in kinds.values() for trial in trials if trial.wrong),
        seconds=time.perf_counter() - begun,
    )
