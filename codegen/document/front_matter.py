"""What stands on the first page of a document: its title, who wrote it and when, and files of the author's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file of the author's that documents have in them: what it is called there and in messages, and what is in it."""

    name: str
    typed: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands at the head of a document; only the title must be there.

    `header` stands above every page, `logo` (PNG or JPEG) beside the title, and `preamble` is LaTeX for the preamble. `translations`
    are the fields that the author wrote in several languages, by language.
    """

    title: str
    author: str = ""
    course: str = ""
    date: str = ""
    header: str = ""
    logo: OwnFile | None = None
    preamble: OwnFile | None = None
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def called(self, title: str) -> FrontMatter:
        """The same with another title, in every language."""
        others = {tag: {key: text for key, text in own.items() if key != "title"} for tag, own in self.translations.items()}
        return replace(self, title=title, translations=others)

    def in_language(self, tag: str) -> FrontMatter:
        """The same, with what the author wrote in this language."""
        return replace(self, **self.translations.get(tag, {}))  # type: ignore[arg-type]
