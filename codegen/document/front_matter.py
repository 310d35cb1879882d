"""What stands on the first page of a document: its title, who wrote it and when, and files of the author's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file of the author's that documents have in them: what it is called there and in messages, and what is in it."""

    name: str
    typed: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands at the head of a document; only the title must be there.

    `header` stands above every page, `logo` (PNG or JPEG) beside the title, and `preamble` is LaTeX for the preamble.
    """

    title: str
    author: str = ""
    course: str = ""
    date: str = ""
    header: str = ""
    logo: OwnFile | None = None
    preamble: OwnFile | None = None
