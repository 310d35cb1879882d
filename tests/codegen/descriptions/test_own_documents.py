"""The table [document]: a logo, a line above every page and LaTeX of the author's own, and what is said where one of them is wrong."""

from __future__ import annotations

import re
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from test_render import required

from chainrule import derive
from chainrule.codegen.build import material_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.document.document import Document, Paragraph
from chainrule.codegen.exercises.sheet import exercises
from chainrule.codegen.files.write import write_all
from chainrule.codegen.formats.registry import document_files, slide_files
from chainrule.codegen.handout import handout
from chainrule.codegen.lesson.frames.registry import lecture
from chainrule.codegen.words.sentences import plain
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.index.failures import InvalidDescription

NET = 'name = "net"\ninput = 2\ntitle = "A title"\n[[layers]]\nunits = 3\n[cost]\nkind = "quadratic"\n[document]\n'
EQUATIONS = 'name = "net"\nparameters = ["w"]\nequations = "C = w**2"\n[document]\nheader = "Course 101"\n'


def png() -> bytes:
    """A red square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 7, 7, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xc0\x20\x20" * 7) * 7
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def described(folder: Path, table: str, preamble: str = "") -> Document:
    """A short document of a description with this table."""
    (folder / "logo.png").write_bytes(png())
    (folder / "own.tex").write_text(preamble, encoding="utf-8")
    (folder / "net.toml").write_text(NET + table, encoding="utf-8")
    return Document(read_description(folder / "net.toml").front, (Paragraph(plain("A sentence.")),))


ALL = 'logo = "logo.png"\nheader = "Course 101 & more, autumn"\npreamble = "own.tex"\n'


def test_every_format_has_what_makes_sense_there(tmp_path: Path) -> None:
    files = document_files(described(tmp_path, ALL, "\\newcommand\\mine{1}\n"), "net", ["tex", "html", "md", "slides"])
    for name in ("net.tex", "net_slides.tex"):
        source = str(files[name])
        assert "\\newcommand\\mine{1}" in source.split("\\begin{document}")[0]
        assert "{logo.png}" in source
    assert r"Course 101 \& more, autumn" in str(files["net.tex"])
    assert files["logo.png"] == png()
    page = str(files["net.html"])
    assert "Course 101 &amp; more, autumn" in page
    assert 'src="data:image/png;base64,iVBOR' in page
    assert "logo" not in str(files["net.md"])


def test_a_description_of_equations_has_the_table_too(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(EQUATIONS)
    assert read_description(tmp_path / "net.toml").front.header == "Course 101"


def test_documents_without_the_table_are_as_before(tmp_path: Path) -> None:
    source = str(document_files(described(tmp_path, ""), "net", ["tex"])["net.tex"])
    assert "fancyhdr" not in source
    assert "includegraphics" not in source


def test_a_logo_that_was_changed_is_not_replaced(tmp_path: Path) -> None:
    write_all(tmp_path / "out", {"logo.png": png()}, force=False)
    write_all(tmp_path / "out", {"logo.png": png()}, force=False)
    (tmp_path / "out" / "logo.png").write_bytes(png())
    with pytest.raises(InvalidDescription, match="edited"):
        write_all(tmp_path / "out", {"logo.png": png()}, force=False)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('logo = "logo.pgn"', r"net\.toml:9: document\.logo: logo\.pgn: no such file, did you mean 'logo\.png'\?; expected a picture"),
        ('logo = "own.tex"', r"net\.toml:9: document\.logo: own\.tex: found another kind of file, expected a picture, PNG or JPEG"),
        ('logo = "."', r"document\.logo: \.: found a folder, expected a picture"),
        ('preamble = "logo.png"', r"document\.preamble: logo\.png: found the byte 0x89, expected a file of LaTeX in UTF-8"),
        ('preamble = "mine.tex"', r"document\.preamble: mine\.tex: no such file.*expected a file of LaTeX"),
        ('headr = "x"', "did you mean 'header'"),
        ("header = 3", r"net\.toml:9: header of document: found 3, expected one line of text in quotes"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(table: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription, match=message):
        described(tmp_path, table)


@pytest.mark.tex
def test_a_pdf_has_logo_and_header(tmp_path: Path) -> None:
    required("xelatex", "pdftotext", "pdfimages")
    document = described(tmp_path, ALL.replace("autumn", "秋季"), "\\newcommand\\mine{1}\n")
    made = {**document_files(document, "net", ["pdf"]), **slide_files(document, "net", ["pdf", "slides"])}
    for name, header in (("net.pdf", "Course 101 & more, 秋季"), ("net_slides.pdf", "")):
        path = tmp_path / name
        path.write_bytes(bytes(made[name]))  # type: ignore[arg-type]
        text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
        assert header in text
        images = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True, check=True).stdout
        assert re.search(r"^\s+1\s+0 image\s+7\s+7", images, re.MULTILINE)


@pytest.mark.tex
def test_an_error_in_a_preamble_is_said_with_its_line(tmp_path: Path) -> None:
    required("xelatex")
    with pytest.raises(InvalidDescription) as refused:
        document_files(
            described(tmp_path, 'preamble = "own.tex"', "% first\n\\newcommand\\mine{1}\n\\nosuchcommand here\n"), "net", ["pdf"]
        )
    expected = r"net.pdf: own.tex, line 3: xelatex stopped with: Undefined control sequence. (\nosuchcommand)"
    assert str(refused.value).replace(r" (\nosuchcommand here)", r" (\nosuchcommand)") == expected


BY_LANGUAGE = NET.replace(
    'title = "A title"', 'title = { en = "A title", zh-TW = "一個標題" }\nauthor = { zh-CN = "王小明" }\ncourse = "Course 101"'
).replace(
    "[document]\n", '[document]\nheader = { en = "Autumn", zh-TW = "秋季" }\n[example.note]\nen = "Of my own."\nzh-TW = "自行設定。"\n'
)


@pytest.mark.parametrize(
    ("language", "front", "note"),
    [
        ("en", ("A title", "王小明", "Autumn"), "Of my own."),
        ("zh-TW", ("一個標題", "王小明", "秋季"), "自行設定。"),
        ("zh-CN", ("A title", "王小明", "Autumn"), "Of my own."),
    ],
)
def test_the_author_s_words_are_those_of_the_document_s_language(language: str, front: tuple[str, ...], note: str) -> None:
    """Where the one is missing, the first that is there."""
    description = read_description(BY_LANGUAGE)
    derivation = derive(description.network)
    material = material_of(description, derivation, verify(derivation), checked_module(derivation))
    for document in (handout(material, language), lecture(material, language), exercises(material, language, 2, 1).sheet):
        found = document.front
        assert (found.author, found.header, found.course) == (*front[1:], "Course 101")
        assert front[0] in found.title
    assert note in document_files(handout(material, language), "net", ["md"])["net.md"]


def test_a_title_that_is_given_is_that_of_every_language() -> None:
    front = read_description(BY_LANGUAGE).front.called("Another")
    assert [(front.in_language(tag).title, front.in_language(tag).header) for tag in ("en", "zh-TW")] == [
        ("Another", "Autumn"),
        ("Another", "秋季"),
    ]


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        ('title = { de = "Ein Netz" }', 3, ["de", "zh-TW"]),
        ("title = {}", 3, ["title", "one line of text"]),
        ('title = { en = "two\\nlines" }', 3, ["en", "one line of text"]),
        ("title = 3", 3, ["title", "one line of text", "for each language"]),
    ],
)
def test_words_by_language_that_are_none(written: str, line: int, said: list[str]) -> None:
    with pytest.raises(InvalidDescription) as raised:
        read_description(NET.replace('title = "A title"', written))
    message = str(raised.value)
    assert f":{line}:" in message
    assert all(words in message for words in said), message
