"""The pages of five notations in three languages for four networks, as XeLaTeX and a browser show them.

All of them are written and read. What takes longer, to set and to show them, is done for a part in which every notation, every language
and every network occurs; with --all-pages for all.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gallery_networks
import pytest
import residual_networks
from test_languages import CUT_OFF, Read, english_in
from test_render import Outline, compiled

from chainrule.codegen.build import material_of
from chainrule.codegen.checking.gradient_check import CheckedModule
from chainrule.codegen.descriptions.reader import Description
from chainrule.codegen.document.document import Document
from chainrule.codegen.formats.registry import TEXTS
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.lesson.frames.registry import lecture
from chainrule.codegen.words.translation import LANGUAGES
from chainrule.symbolic.checking.verification import Verified
from chainrule.symbolic.derivation.derivation import Derivation

NETWORKS = ("mazur", "handwriting", "residual", "lenet")
#: In pixels: a screen on a desk, and a telephone.
WIDTHS = (1200, 390)
#: In points: what stands out of the text by less is not seen.
OVERFULL = 5.0


@dataclass(frozen=True)
class Page:
    """A document of the matrix."""

    network: str
    notation: str
    language: str

    def __str__(self) -> str:
        return f"{self.network}-{self.notation}-{self.language}"


MATRIX = [Page(network, notation, language) for network in NETWORKS for notation in NOTATIONS for language in LANGUAGES]
#: Each notation once, and with the notations all networks and all languages.
PART = [
    Page(NETWORKS[place % len(NETWORKS)], notation, list(LANGUAGES)[place % len(LANGUAGES)]) for place, notation in enumerate(NOTATIONS)
]
#: Slides are a lecture of their own.
PART_AS_SLIDES = [Page("mazur", "delta", "zh-CN"), Page("lenet", "graph", "en")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    whole = metafunc.config.getoption("--all-pages")
    for name, part in (("page", PART), ("slides", PART_AS_SLIDES)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, MATRIX if whole else part, ids=str)


@cache
def spec_of(network: str) -> str:
    """The name of a network of the gallery, or a file."""
    if network in gallery_networks.FOLDERS:
        return network
    file = Path(tempfile.mkdtemp(prefix="chainrule-pages-")) / f"{network}.toml"
    file.write_text(residual_networks.OF_CLASSES, encoding="utf-8")
    return str(file)


def derived(network: str) -> tuple[Description, Derivation, Verified, CheckedModule]:
    """What all documents of a network have in common."""
    return gallery_networks.description_of(spec_of(network)), *gallery_networks.derived(spec_of(network))


def document(page: Page) -> Document:
    return gallery_networks.document(spec_of(page.network), page.notation, page.language)


def lecture_of(page: Page) -> Document:
    return lecture(material_of(*derived(page.network), page.notation), page.language)


def test_the_part_has_everything_in_it() -> None:
    assert len(MATRIX) == 60
    assert {page.network for page in PART} == set(NETWORKS)
    assert {page.notation for page in PART} == set(NOTATIONS)
    assert {page.language for page in PART} == set(LANGUAGES)


# Written


@pytest.mark.parametrize("network", NETWORKS)
def test_every_document_is_written(network: str) -> None:
    """In every format; what is referred to is there, once; Chinese says nothing in English."""
    for page in (page for page in MATRIX if page.network == network):
        texts = {name: format_.render(document(page)) for name, format_ in TEXTS.items()}
        tags = Outline(texts["html"]).tags
        anchors = [attributes["id"] for _, attributes in tags if "id" in attributes]
        assert len(anchors) == len(set(anchors)), page
        targets = {attributes["href"] for tag, attributes in tags if tag == "a"}
        assert targets <= {f"#{anchor}" for anchor in anchors}, page
        set_numbers = re.findall(r"\\begin\{derivation\}\[(\d+)\]", texts["tex"])
        assert len(set_numbers) == len(set(set_numbers)), page
        assert set(re.findall(r"\\eqref\{equation-(\d+)\}", texts["tex"])) <= set(set_numbers), page
        if page.language != "en":
            description, derivation, *_ = derived(network)
            assert english_in(Read(texts["html"]), description, derivation) == set(), page


#: Of Mazur's example: h and o; the cost before; gradients; the output weights after one step; the cost after one step, the biases
#: kept, and the article's, which takes some gradients too late.
MAZUR = (
    "0.593269992 0.596884378 0.75136507 0.772928465 0.298371109 0.0821670406 0.0826676278 -0.0226025405 -0.0227402422 0.138498562 "
    "-0.0380982365 0.000438567734 0.000877135469 0.000497712735 0.000995425471 0.00877135469 0.00995425471 0.35891648 0.408666186 "
    "0.51130127 0.561370121 0.149780716 0.199561432 0.249751144 0.299502287 0.2910277737 0.291027924"
).split()


@pytest.mark.parametrize("worked", [page for page in MATRIX if page.network == "mazur"], ids=str)
def test_the_worked_numbers_are_those_of_the_article_and_its_slip_is_named(worked: Page) -> None:
    numbers = set(re.findall(r"-?\d+\.\d+", TEXTS["tex"].render(document(worked))))
    assert set(MAZUR) - numbers == set()


@pytest.mark.parametrize("notation", NOTATIONS)
def test_equation_numbers_stand_behind_code(notation: str) -> None:
    """Formula, table and comment have one number: dW1's."""
    texts = {name: format_.render(document(Page("mazur", notation, "en"))) for name, format_ in TEXTS.items() if name != "slides"}
    (number,) = set(re.findall(r"# dW1\[j,i\] = .*→ \((\d+)\)", texts["md"]))
    assert re.search(rf"# dW1\[j,i\] = .*→ \\equationlink\{{{number}\}}", texts["tex"])
    assert re.search(rf"# dW1\[j,i\] = [^\n]*href=\"#equation-{number}\"", texts["html"])
    code = ["".join(cell["source"]) for cell in json.loads(texts["ipynb"])["cells"] if cell["cell_type"] == "code"]
    assert any(re.search(rf"# dW1\[j,i\] = .*→ \({number}\)", cell) for cell in code)
    assert f"\\begin{{derivation}}[{number}]" in texts["tex"]


def test_a_layer_that_stands_for_any_has_no_letter_of_its_own() -> None:
    """The description calls its layers' activations h and o; of layer l they are a."""
    source = TEXTS["tex"].render(document(Page("mazur", "brackets", "en")))
    assert r"z^{[l]} &= W^{[l]} \, a^{[l-1]} + b^{[l]}" in source
    assert r"\hat{y} &= o" in source


def test_a_bias_is_added_last() -> None:
    source = TEXTS["tex"].render(document(Page("mazur", "graph", "en")))
    assert r"\mathrm{out}_{nk} &= x_{nk} + b_{k}" in source


# Set by XeLaTeX


def set_without_complaint(source: str, folder: Path) -> str:
    log = compiled(source, folder)
    assert "Missing character" not in log
    assert "undefined" not in log
    assert "multiply defined" not in log
    too_wide = [float(points) for points in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", log)]
    assert max(too_wide, default=0.0) <= OVERFULL
    return log


@pytest.mark.tex
def test_the_handout_on_paper(page: Page, tmp_path: Path) -> None:
    set_without_complaint(TEXTS["tex"].render(document(page)), tmp_path)


@pytest.mark.tex
def test_the_slides(slides: Page, tmp_path: Path) -> None:
    source = TEXTS["slides"].render(lecture_of(slides))
    log = set_without_complaint(source.replace(r"\documentclass[", r"\documentclass[handout,"), tmp_path)
    assert "Slide made smaller" not in log


# Shown by a browser

#: Formulas and code that are wider than their frame can be moved in it; nothing is higher than its frame, and no letters leave a picture.
CLIPPED = """() => [
  ...[...document.querySelectorAll(".lines, .scroll, pre")].filter(e => e.scrollHeight > e.clientHeight + 1)
    .map(e => "higher: " + e.textContent.slice(0, 40)),
  ...[...document.querySelectorAll(".lines, .scroll, pre")]
    .filter(e => e.scrollWidth > e.clientWidth && !["auto", "scroll"].includes(getComputedStyle(e).overflowX))
    .map(e => "wider: " + e.textContent.slice(0, 40)),
  ...[...document.querySelectorAll("svg text")].filter(e => {
      const text = e.getBoundingClientRect(), picture = e.ownerSVGElement.getBoundingClientRect();
      return text.left < picture.left - 1 || text.right > picture.right + 1
        || text.top < picture.top - 1 || text.bottom > picture.bottom + 1;
    }).map(e => "outside of a picture: " + e.textContent),
]"""


@pytest.mark.browser
def test_the_handout_on_a_screen(page: Page, browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(TEXTS["html"].render(document(page)), encoding="utf-8")
    complaints: list[str] = []
    requests: list[str] = []
    view = browser.new_page()
    view.on("console", lambda message: complaints.append(message.text))
    view.on("pageerror", lambda error: complaints.append(str(error)))
    view.on("request", lambda request: requests.append(request.url))
    view.goto(file.as_uri())
    for width in WIDTHS:
        view.set_viewport_size({"width": width, "height": 900})
        view.evaluate("() => { document.querySelector('details').open = true; document.getElementById('show-all').click(); }")
        assert view.evaluate(CUT_OFF) == [], width
        assert view.evaluate(CLIPPED) == [], width
    view.close()
    assert complaints == []
    assert requests == [file.as_uri()]
