"""The attempts of `hostile_texts.py` made: each refused, or rendered harmless in every format. `run` gives the record.

    PYTHONPATH=src:tests:tests/networks python -m trust.hostile --save generated/trust/hostile.json

Harmless is shown twice. What is made has the structure of what is made of plain words: the same tree of the module, the same cells, the
same tags, the same blocks; only texts differ. And it is run: the module and the notebook under watch, the page in a browser, the LaTeX.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from chainrule.codegen.cli import main as command_line
from chainrule.codegen.formats.typesetting import typeset

from .hostile_texts import CANARY, HARMLESS, REFUSED, SECRET, Attempt, with_texts
from .keeping import keep
from .record import Progress, Record
from .watch import watched

ROOT = Path(__file__).parents[2]
SECONDS = 5.0
LONGEST_MESSAGE = 1_500
WHAT_IS_SECRET = "tell-nobody-5f1c"
FORMATS = ("tex", "html", "md", "ipynb", "slides")


@dataclass(frozen=True)
class Place:
    """A folder for one attempt, with a file that nobody may read and one that nobody may make."""

    folder: Path

    @property
    def secret(self) -> Path:
        return self.folder / "secret" / "secret.toml"

    @property
    def canary(self) -> Path:
        return self.folder / "canary"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def filled(self, text: str) -> str:
        """A text whose words for the two files are their places."""
        return text.replace(CANARY, str(self.canary)).replace(SECRET, str(self.secret))


@contextlib.contextmanager
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="chainrule-hostile-") as folder:
        made = Place(Path(folder))
        made.secret.parent.mkdir()
        made.work.mkdir()
        made.secret.write_text(f'name = "{WHAT_IS_SECRET}"\n')
        before = Path.cwd()
        os.chdir(made.work)
        try:
            yield made
        finally:
            os.chdir(before)


@dataclass(frozen=True)
class Ended:
    """How a call of the command ended."""

    status: int
    printed: str
    said: str
    seconds: float


def command(*words: str) -> Ended:
    """The command in this process, as it is called from a shell."""
    printed, said = io.StringIO(), io.StringIO()
    kept, sys.argv = sys.argv, ["chainrule", *words]
    started = time.process_time()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
            command_line.main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.argv = kept
    return Ended(status, printed.getvalue(), said.getvalue(), time.process_time() - started)


def refusal_problems(attempt: Attempt) -> list[str]:
    """What was wrong with how an attempt was refused; nothing where all was well."""
    with place() as here:
        (here.work / "net.toml").write_text(here.filled(attempt.text), encoding="utf-8", errors="surrogatepass")
        with watched(here.work, secrets=(here.secret,)) as watch:
            try:
                ended = command("build", "net.toml", *map(here.filled, attempt.words))
            except Exception as problem:
                return [f"ended with {type(problem).__name__}: {problem}"[:200]]
        # Where the user's own words name a place, trying to read it or to make it is no attempt of the description's.
        own = ("read", "os.mkdir") if attempt.words else ("nothing of this",)
        found = [seen for seen in watch.seen if not seen.startswith(own)]
        if ended.status != 2:
            found.append(f"ended with status {ended.status}")
        if ended.printed.strip():
            found.append(f"printed {ended.printed[:100]!r}")
        if (
            len(re.findall("^(?:chainrule|Error): ", ended.said, re.MULTILINE)) != 1
            or "Traceback" in ended.said
            or len(ended.said) > LONGEST_MESSAGE
        ):
            found.append(f"said {ended.said[:200]!r}")
        if WHAT_IS_SECRET in ended.said + ended.printed:
            found.append("told the secret")
        if ended.seconds > SECONDS:
            found.append(f"took {ended.seconds:.1f} s")
        return found + _left_behind(here, {"net.toml"})


def _left_behind(here: Place, allowed: set[str]) -> list[str]:
    found = [f"made {path.relative_to(here.folder)}" for path in here.work.iterdir() if path.name not in allowed]
    others = {path.name for path in here.folder.iterdir()} - {"secret", "work"}
    return found + [f"made {name} outside" for name in sorted(others)]


def built(text: str, here: Place) -> tuple[Path, list[str]]:
    """Everything made of a description in which a text stands everywhere, under watch: the folder, and what was wrong."""
    (here.work / "net.toml").write_text(with_texts(here.filled(text)), encoding="utf-8")
    with watched(here.work, Path(tempfile.gettempdir()), secrets=(here.secret,)) as watch:
        ended = command("build", "net.toml", "--formats", ",".join(FORMATS))
    wrong = list(watch.seen)
    if ended.status:
        wrong.append(f"ended with status {ended.status}: {ended.said[:200]}")
    return here.work / "net", wrong + _left_behind(here, {"net.toml", "net"})


@cache
def plain() -> dict[str, object]:
    """The structures of what is made of plain words."""
    with place() as here:
        folder, wrong = built("plain words", here)
        assert not wrong, wrong
        return structures(folder)


def structures(folder: Path) -> dict[str, object]:
    """What must be the same whatever the texts are: trees without their texts."""
    notebook = json.loads((folder / "net.ipynb").read_text(encoding="utf-8"))
    return {
        "the files": sorted(path.name for path in folder.iterdir()),
        "the module": module_tree((folder / "net.py").read_text(encoding="utf-8")),
        "the module's test": module_tree((folder / "test_net.py").read_text(encoding="utf-8")),
        "the page": tags((folder / "net.html").read_text(encoding="utf-8")),
        "the Markdown": blocks((folder / "net.md").read_text(encoding="utf-8")),
        "the notebook's code": [module_tree("".join(cell["source"])) for cell in notebook["cells"] if cell["cell_type"] == "code"],
        "the notebook's text": [blocks("".join(cell["source"])) for cell in notebook["cells"] if cell["cell_type"] == "markdown"],
        "the pictures": [picture(path) for path in sorted(folder.glob("*.svg"))],
    }


def module_tree(source: str) -> str:
    """A source's syntax without the texts of its docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def tags(page: str) -> list[tuple[str, ...]]:
    """Every tag of a page with its attributes' names, and what a browser would follow or run."""
    found: list[tuple[str, ...]] = []
    followed = ("href", "src", "style", "action", "content", "type")

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            kept = [f"{name}={value}" if name in followed and tag != "meta" else name for name, value in attrs]
            found.append((tag, *kept))

        def handle_data(self, data: str) -> None:
            if self.lasttag in ("script", "style") and data.strip():
                found.append((f"inside of {self.lasttag}", data))

    Reader(convert_charrefs=True).feed(page)
    return found


def blocks(text: str) -> list[str]:
    """The kinds of a Markdown text's pieces: whatever a text could make is one of these."""
    from markdown_it import MarkdownIt

    # The mark at the end is a remark of HTML, which every file has.
    body = re.sub(r"\n<!-- chainrule fingerprint [0-9a-f]{16} -->\n?\Z", "\n", text)
    found = []
    for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(body):
        found.append(token.type)
        kinds = [child.type for child in token.children or ()]
        found += [kind for kind in kinds if kind not in ("text", "text_special", "softbreak")]
        # Formulas stand between dollar signs: a text may add none that is not behind a backslash.
        found += ["formula"] * (len(re.findall(r"(?<!\\)(?:\\\\)*\$", token.content)) if token.type == "inline" else 0)
    return found


def picture(path: Path) -> list[tuple[str, ...]]:
    return [(str(node.tag), *sorted(map(str, node.attrib))) for node in ElementTree.parse(path).iter()]


def harm(text: str, thorough: bool = False) -> list[str]:
    """What a text did beside standing there; nothing where it is harmless. `thorough` sets the LaTeX too."""
    with place() as here:
        folder, wrong = built(text, here)
        if wrong:
            return wrong
        expected, found = plain(), structures(folder)
        wrong += [f"{what} has another structure" for what in expected if expected[what] != found[what]]
        wrong += run_module(folder, here)
        wrong += browse([folder / "net.html"])
        if thorough:
            wrong += set_latex(folder, here)
        if here.canary.exists():
            wrong.append("the canary was made")
        return wrong


MODULE_PROGRAM = """
import importlib, json, sys
from pathlib import Path
import numpy as np
from trust.watch import watched
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
with watched(secrets=(Path(sys.argv[2]),)) as watch:
    import net
    errors = net.check(np.random.default_rng(3))
print(json.dumps([watch.seen, max(errors.values())]))
"""


def run_module(folder: Path, here: Place) -> list[str]:
    """Imports a module and has it check itself, in a process whose files, programs and connections are watched."""
    run = subprocess.run(
        [sys.executable, "-c", MODULE_PROGRAM, str(folder), str(here.secret)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}"},
        timeout=120,
    )
    if run.returncode:
        return [f"the module: {run.stderr[-300:]}"]
    seen, error = json.loads(run.stdout.splitlines()[-1])
    return [f"the module: {event}" for event in seen] + ([f"the module's gradients are off by {error}"] if error > 1e-6 else [])


def run_notebook(folder: Path) -> list[str]:
    """Runs the notebook from top to bottom in a kernel of its own."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(folder / "net.ipynb", as_version=4)
    try:
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    except CellExecutionError as problem:
        return [f"the notebook: {str(problem)[-300:]}"]
    return []


def browser() -> str | None:
    return next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)


def browse(pages: Sequence[Path]) -> list[str]:
    """Opens pages in a browser and touches everything; no script but the page's own, no dialog, no request for anything else."""
    program = browser()
    if program is None:
        return []
    from playwright.sync_api import sync_playwright

    wrong: list[str] = []
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for path in pages:
            page = opened.new_page()
            asked: list[str] = []
            dialogs: list[str] = []
            page.on("dialog", lambda dialog, dialogs=dialogs: (dialogs.append(dialog.message), dialog.dismiss()))
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('*').forEach(e => { e.dispatchEvent(new Event('mouseover')); })")
            if page.evaluate("window.canary") is not None:
                wrong.append("the page: a script ran")
            own = (path.as_uri(), "data:")
            wrong += [f"the page: a dialog {message!r}" for message in dialogs]
            wrong += [f"the page: asked for {address[:100]}" for address in asked if not address.startswith(own)]
            if page.url != path.as_uri():
                wrong.append(f"the page: went to {page.url[:100]}")
            page.close()
        opened.close()
    return wrong


def set_latex(folder: Path, here: Place) -> list[str]:
    """Sets the handout and the slides, as the command would: no shell, no files beside."""
    wrong: list[str] = []
    if shutil.which("xelatex") is None:
        return wrong
    for name in ("net", "net_slides"):
        source = (folder / f"{name}.tex").read_text(encoding="utf-8")
        try:
            content = typeset(name, source)
        except Exception as problem:
            # A sign that is in no font is refused with its name; that is no harm.
            if "there is no" not in str(problem):
                wrong.append(f"{name}.pdf: {problem}"[:300])
            continue
        (here.work / f"{name}.pdf").write_bytes(content)
        if reader := shutil.which("pdftotext"):
            shown = subprocess.run([reader, str(here.work / f"{name}.pdf"), "-"], capture_output=True, text=True, check=False).stdout
            if WHAT_IS_SECRET in shown or "root:x:0" in shown:
                wrong.append(f"{name}.pdf shows a file")
    return wrong


def run(progress: Progress = lambda _: None, thorough: bool = True) -> Record:
    """Makes every attempt."""
    started = time.monotonic()
    failures: list[str] = []
    for attempt in REFUSED:
        failures += [f"{attempt.title}: {problem}" for problem in refusal_problems(attempt)]
    progress(f"{len(REFUSED)} attempts refused or not, {len(failures)} problems")
    for title, text in HARMLESS.items():
        failures += [f"{title}: {problem}" for problem in harm(text, thorough)]
        progress(f"{title}; {len(failures)} problems so far")
    with place() as here:
        folder, wrong = built(" ".join(text.strip() for text in HARMLESS.values() if len(text) < 150), here)
        failures += [f"all texts at once: {problem}" for problem in wrong or run_notebook(folder) + set_latex(folder, here)]
        if here.canary.exists():
            failures.append("all texts at once: the canary was made")
    aims = {aim: [attempt for attempt in REFUSED if attempt.aim == aim] for aim in dict.fromkeys(attempt.aim for attempt in REFUSED)}
    kinds = {kind: [title for title in HARMLESS if title.startswith(kind)] for kind in dict.fromkeys(map(_kind, HARMLESS))}
    rows = [(aim, "refused", str(len(own)), "; ".join(attempt.title for attempt in own[:4])) for aim, own in aims.items()]
    rows += [(kind, "rendered as text", str(len(own)), "; ".join(_rest(title) for title in own[:4])) for kind, own in kinds.items()]
    remarks = [f"Texts stand in title, author, course, date and note at once, in the formats {', '.join(FORMATS)} and in the module."]
    remarks += [] if thorough else ["The LaTeX was set with all texts in one document; without --quick, with each in one of its own."]
    remarks += [] if shutil.which("xelatex") else ["xelatex was not found on this machine: LaTeX was not set."]
    remarks += [] if browser() else ["No browser was found on this machine: pages were compared in their structure alone."]
    return Record(
        title="Hostile descriptions",
        asked="Refused with exit status 2 and one message, or rendered as the text that it is: nothing run, read or written beside.",
        counts=(("attempts", len(REFUSED) + len(HARMLESS)), ("refused", len(REFUSED)), ("rendered harmless", len(HARMLESS))),
        failures=tuple(failures),
        seconds=time.monotonic() - started,
        columns=("aim", "outcome", "attempts", "such as"),
        rows=tuple(rows),
        remarks=tuple(remarks),
    )


def _kind(title: str) -> str:
    return title.partition(":")[0]


def _rest(title: str) -> str:
    return title.partition(":")[2].strip() or title


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--save", type=Path, help="a file for the record, as JSON")
    parser.add_argument("--quick", action="store_true", help="without LaTeX")
    chosen = parser.parse_args()
    record = run(lambda line: print(line, flush=True), thorough=not chosen.quick)
    print(*record.failures, sep="\n")
    if chosen.save:
        keep(chosen.save, record)
    sys.exit(1 if record.failures else 0)


if __name__ == "__main__":
    main()
