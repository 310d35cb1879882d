"""The files of a build to take away, packed into one."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chainrule.codegen.build import Choices, make
from chainrule.codegen.files.fingerprints import with_fingerprint
from chainrule.codegen.formats.registry import DEFAULT_FORMATS, PDF, TEXTS
from chainrule.codegen.templating.environments import html_template
from chainrule.codegen.words.sentences import text_of
from chainrule.codegen.words.translation import speaking

from .prepared import prepared
from .question import Question

#: What is set by a program of its own is left to the command.
FORMATS = tuple(name for name in TEXTS if name != PDF)
#: The same files are the same packet, whenever it is made: the first date that one can have.
DATE = (1980, 1, 1, 0, 0, 0)


def files_part(question: Question) -> str:
    """The formats to choose from and, where they were chosen, the packet: module, test, documents, and the description itself."""
    description = prepared(question.text).description
    name, chosen = description.network.name, [each for each in FORMATS if question.fields.get(each)]
    is_asked = "pack" in question.fields
    packed: dict[str, bytes] = {}
    if is_asked:
        choices = Choices(chosen, notation=question.notation, language=question.language, length=question.length)
        packed = {each: with_fingerprint(each, content) for each, content in make(description, choices).contents.items()}
        packed |= {f"{name}.toml": question.text.encode()} if description.source else {}
    return html_template("page_files.html.jinja", question.language).render(
        formats={each: (_meaning(each, question), each in (chosen if is_asked else DEFAULT_FORMATS)) for each in FORMATS},
        files={each: f"{len(content):,}" for each, content in packed.items()},
        name=f"{name}.zip",
        packet=b64encode(_zipped(name, packed)).decode() if packed else "",
    )


def _meaning(name: str, question: Question) -> str:
    with speaking(question.language):
        return text_of(f"serve.format.{name}")


def _zipped(folder: str, contents: dict[str, bytes]) -> bytes:
    packet = BytesIO()
    with ZipFile(packet, "w", ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(ZipInfo(f"{folder}/{name}", DATE), content, ZIP_DEFLATED)
    return packet.getvalue()
