"""Files that a build writes, and everything else in the folder: nothing that chainrule did not make is lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from trust.hostile import command

from chainrule.codegen.files import atomic_move, write
from chainrule.codegen.files.fingerprints import is_untouched, with_fingerprint
from chainrule.codegen.files.write import STAGED, is_staged, write_all
from chainrule.symbolic.index.failures import InvalidDescription

OLD = {"net.py": "old = 1\n", "net.md": "old\n"}
NEW = {"net.py": "new = 1\n", "net.md": "new\n", "net.tex": "new\n"}


def begins(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text()[:3] for path in folder.iterdir()}


@pytest.mark.parametrize("name", [f"{STAGED}notes", f"{STAGED}a1b2c3d4", f"{STAGED}{'0' * 32}", STAGED, ".chainrule"])
def test_a_folder_of_the_users_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "thesis.txt").write_text("three years")
    write_all(tmp_path, OLD, force=True)
    assert (tmp_path / name / "thesis.txt").read_text() == "three years"


def test_what_a_killed_build_left_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "_move", lambda *_: os._exit(9))
    if (child := os.fork()) == 0:
        write_all(tmp_path, OLD, force=False)
    os.waitpid(child, 0)
    monkeypatch.undo()
    (left,) = tmp_path.iterdir()
    assert is_staged(left.name)
    assert sorted(path.name for path in left.iterdir()) == sorted(OLD)
    write_all(tmp_path, OLD, force=False)
    assert begins(tmp_path) == {"net.py": "old", "net.md": "old"}


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK])
def test_a_disk_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("sys.executable", "")
    monkeypatch.setattr(os, "link", refuse)
    write_all(tmp_path, OLD, force=False)
    write_all(tmp_path, NEW, force=False)
    assert begins(tmp_path) == {"net.py": "new", "net.md": "new", "net.tex": "new"}
    # And all or none, where one cannot be moved.
    replace = os.replace

    def refuse_last(source: str | Path, place: str | Path) -> None:
        if Path(place).name == "net.tex" and Path(source).parent.name != atomic_move.FORMER:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        replace(source, place)

    monkeypatch.setattr(os, "replace", refuse_last)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(InvalidDescription, match="cannot be written"):
        write_all(tmp_path, {**OLD, "net.tex": "old\n"}, force=False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_disk_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("sys.executable", "")
    monkeypatch.setattr(fcntl, "flock", refuse)
    write_all(tmp_path, OLD, force=False)
    assert begins(tmp_path) == {"net.py": "old", "net.md": "old"}


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_file_stays(tmp_path: Path, force: bool) -> None:
    (tmp_path / "net.md").mkdir()
    (tmp_path / "net.md" / "kept").write_text("kept")
    with pytest.raises(InvalidDescription, match="found a folder where a file is to be written"):
        write_all(tmp_path, OLD, force)
    (tmp_path / "net.md" / "kept").unlink()
    (tmp_path / "net.md").rmdir()
    os.mkfifo(tmp_path / "net.md")
    with pytest.raises(InvalidDescription, match="found a device or pipe"):
        write_all(tmp_path, OLD, force)
    assert [path.name for path in tmp_path.iterdir()] == ["net.md"]


def test_capitals_make_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    layers = "input = 2\n[[layers]]\nunits = 3\n[cost]\nkind = 'quadratic'\n"
    for name in ("net", "Net"):
        Path(f"of_{name}.toml").write_text(f"name = '{name}'\n{layers}")
    assert command("build", "of_net.toml", "-o", "out", "--formats", "").status == 0
    ended = command("build", "of_Net.toml", "-o", "out", "--formats", "")
    assert ended.status == 2
    assert "'net'" in ended.said


@pytest.mark.parametrize("place", ["with a blank", "größe/深", "new\nline", "-dash", "..dots", "a'quote\"s", "x" * 200])
def test_places_of_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        ended = command("build", "2-3-2", f"--output={place}", "--formats", "md")
        assert ended.status == 0, ended.said
    assert Path(place, "network_2_3_2.py").is_file()
    write_all(Path(place), NEW, force=True)


def test_a_text_without_comments_has_its_fingerprint_too() -> None:
    """A format of documents may end in anything."""
    written = with_fingerprint("net.titles", "The network\n")
    assert is_untouched("net.titles", written)
    assert not is_untouched("net.titles", written.replace(b"network", b"net"))
