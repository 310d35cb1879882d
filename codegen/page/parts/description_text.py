"""A description that is typed into a page: it names no file, and what is wrong with it stands at a place of the text."""

from __future__ import annotations

from chainrule.codegen.descriptions.reader import SHORTHAND, Description, described, read_description
from chainrule.codegen.files.toml_file import TomlFile
from chainrule.symbolic.index.failures import InvalidDescription, KeyPath, located
from chainrule.symbolic.layers.network import Network

#: How the reader calls a text that is no file.
NAME = "the description"
#: Keys whose values are files.
FILES: tuple[KeyPath, ...] = (("weights",), ("document", "logo"), ("document", "preamble"))


def description_of(text: str) -> Description:
    """The description that a text is: TOML, or a shorthand such as 2-3-1.

    Raises:
        InvalidDescription: as `read_description` does, and where it names a file.
    """
    if SHORTHAND.fullmatch(text.strip()):
        network = Network.stack(text.strip(), "sigmoid", "quadratic")
        with located((), f"{text.strip()}: "):
            _ = network.system
        return described(network)
    if b"\0" in text.encode():
        raise InvalidDescription("found a NUL byte, expected text", line=text.count("\n", 0, text.index("\0")) + 1)
    written = f"{text}\n"
    _refuse_files(TomlFile(NAME, written))
    return read_description(written)


def _refuse_files(file: TomlFile) -> None:
    tables = file.tables()
    for path in FILES:
        found: object = tables
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if found is not None:
            with file.places():
                raise InvalidDescription(f"{'.'.join(map(str, path))}: this page reads no files; leave it out", path)
