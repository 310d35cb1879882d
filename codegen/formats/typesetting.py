"""LaTeX to PDF by xelatex: no shell, no file outside of an own folder, no clock, and nothing left out in silence."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chainrule.codegen.document.chinese_letters import has_chinese
from chainrule.symbolic.index.failures import InvalidDescription

PROGRAM = "xelatex"
#: In seconds, for one run.
TIME_LIMIT = 180
#: The second run knows where the first has put what is referred to; slides need both for their page numbers.
RUNS = 2
#: The moment that files say they were made at, so that the same text gives the same bytes: 2000-01-01.
EPOCH = "946684800"
PACKAGES = "texlive-xetex texlive-latex-recommended texlive-latex-extra texlive-fonts-recommended lmodern fonts-dejavu-core"
CHINESE_PACKAGES = "texlive-lang-chinese fonts-noto-cjk"

MISSING_FILE = re.compile(r"! (?:LaTeX|Package \S+) Error: File `([^']+)' not found")
MISSING_FONT = re.compile(r"The font \"([^\"]+)\" cannot\s+be found|There is no font with all Chinese letters")
MISSING_CHARACTER = re.compile(r"Missing character: There is no (\S+)[^\n]*? in font ([^\n!]+)")
#: Around the author's own part of a preamble.
FROM, END = "The author's own:", "End of the author's own."
ERROR_LINE = re.compile(r"^l\.(\d+) (.*)$", re.MULTILINE)
FIRST_ERROR = re.compile(r"^! (.+)$", re.MULTILINE)


def has_xelatex() -> bool:
    return shutil.which(PROGRAM) is not None


def typeset(name: str, source: str, others: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of a LaTeX file with others beside it. Same source, same bytes, on one machine.

    Raises:
        InvalidDescription: where xelatex, a package or a font is missing, a letter is in no font, or it does not come to an end.
    """
    if not has_xelatex():
        other = "" if name.endswith("_slides") else "; without TeX, pip install 'chainrule[typst]'"
        raise InvalidDescription(f"{name}.pdf: {PROGRAM} is not installed; {_remedy(source)}{other}")
    with tempfile.TemporaryDirectory(prefix="chainrule-") as folder:
        place = Path(folder)
        (place / f"{name}.tex").write_text(source, encoding="utf-8")
        for other, content in (others or {}).items():
            (place / other).write_bytes(content)
        for number in range(RUNS):
            log = _run(place, name, source, is_last=number == RUNS - 1)
        if found := MISSING_CHARACTER.search(log):
            raise InvalidDescription(f"{name}.pdf: there is no {found[1]} in {found[2].strip()}; {_remedy(source)}")
        return (place / f"{name}.pdf").read_bytes()


def _run(place: Path, name: str, source: str, is_last: bool) -> str:
    """One run, in which TeX reads and writes in its own folder alone; its log. Only the last one makes the PDF of the pages."""
    command = [PROGRAM, *(() if is_last else ("-no-pdf",)), "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", f"{name}.tex"]
    # TeX breaks the lines of its log, in the middle of a word, unless they may be long.
    limits = {"openin_any": "p", "openout_any": "p", "max_print_line": "2000"}
    clock = {"SOURCE_DATE_EPOCH": EPOCH, "FORCE_SOURCE_DATE": "1"}
    try:
        run = subprocess.run(
            command, cwd=place, env={**os.environ, **limits, **clock}, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT
        )
    except subprocess.TimeoutExpired:
        raise InvalidDescription(f"{name}.pdf: {PROGRAM} has not come to an end within {TIME_LIMIT} seconds; leave out pdf") from None
    log_file = place / f"{name}.log"
    log = log_file.read_text(encoding="utf-8", errors="replace") if log_file.exists() else run.stdout.decode(errors="replace")
    if run.returncode:
        if own := _problem_of_the_author(log, source):
            raise InvalidDescription(f"{name}.pdf: {own}")
        raise InvalidDescription(f"{name}.pdf: {_problem(log)}; {_remedy(source)}")
    return log


def _problem_of_the_author(log: str, source: str) -> str:
    """What TeX says of a preamble that is not ours, with the file's name and the line in it."""
    error, at = FIRST_ERROR.search(log), ERROR_LINE.search(log)
    begin = source.find(f"% {FROM} ")
    if begin < 0 or error is None or at is None:
        return ""
    first = source.count("\n", 0, begin) + 1
    last = source.count("\n", 0, source.index(f"% {END}", begin)) + 1
    if not first < int(at[1]) <= last + 1:
        return ""
    name = source[begin:].partition("\n")[0].removeprefix(f"% {FROM} ")
    return f"{name}, line {min(int(at[1]), last - 1) - first}: {PROGRAM} stopped with: {error[1]} ({at[2].strip()})"


def _problem(log: str) -> str:
    if found := MISSING_FILE.search(log):
        return f"{PROGRAM} has not found {found[1]}"
    if found := MISSING_FONT.search(log):
        return f"{PROGRAM} has not found the font {found[1]}" if found[1] else f"{PROGRAM} has found no font with all Chinese letters"
    first = FIRST_ERROR.search(log)
    return f"{PROGRAM} stopped with: {first[1] if first else 'no message'}"


def _remedy(source: str) -> str:
    packages = f"{PACKAGES} {CHINESE_PACKAGES}" if has_chinese(source) else PACKAGES
    return f"install the Debian packages {packages}, or leave out pdf"
