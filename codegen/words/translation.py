"""The languages of documents: for each a gettext catalogue, read from its source in `translations/`, and what else it decides.

Which language is spoken is set around the writing of a document, as gettext does it; sentences then come out in that language:

    with speaking("zh-TW"):
        document = handout(material)

A catalogue is the text that translators edit: there is no compiled form to keep beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Language:
    """A language of documents.

    `tag` is of BCP 47, `locale` is what gettext and Babel call it; `times` stands between a number and its power of ten; `glyphs`
    is the end of the names of fonts that draw Chinese letters as they are drawn there, and empty where the language is another.
    """

    tag: str
    name: str
    locale: str
    times: str = "·"
    glyphs: str = ""

    @property
    def is_chinese(self) -> bool:
        return bool(self.glyphs)


ENGLISH = Language("en", "English", "en")
LANGUAGES: dict[str, Language] = {
    language.tag: language
    for language in (
        ENGLISH,
        Language("zh-TW", "繁體中文", "zh_Hant_TW", "×", "TC"),
        Language("zh-CN", "简体中文", "zh_Hans_CN", "×", "SC"),
    )
}

_spoken: ContextVar[Language] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(tag: str) -> Iterator[Language]:
    """Everything said inside is said in this language.

    Raises:
        InvalidDescription: where there is no such language.
    """
    if tag not in LANGUAGES:
        raise InvalidDescription(f"unknown language {tag!r}; {expected_one_of(tag, LANGUAGES)}")
    before = _spoken.set(LANGUAGES[tag])
    try:
        yield LANGUAGES[tag]
    finally:
        _spoken.reset(before)


def spoken_language() -> Language:
    """The language of the document that is being written."""
    return _spoken.get()


def in_language(text: str | Mapping[str, str], tag: str) -> str:
    """What an author wrote once for all languages, or for each: where the one is missing, the first that is there."""
    return text if isinstance(text, str) else text.get(tag, next(iter(text.values())))


@cache
def translations(tag: str) -> NullTranslations:
    """The catalogue of a language; English needs none, as its sentences are the messages themselves."""
    if tag == ENGLISH.tag:
        return NullTranslations()
    # Only documents in other languages need it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with resources.files(__package__).joinpath("translations", f"{tag}.po").open("rb") as file:
        catalogue = read_po(file, locale=LANGUAGES[tag].locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def translated(key: str, english: str) -> str:
    """A text in the language that is spoken; in English where the catalogue has no other for the key."""
    return translations(spoken_language().tag).pgettext(key, english)


def written_date(text: str) -> str:
    """A date such as 2026-03-01 as the language writes it; English leaves it, and any other text stays as its author wrote it."""
    language = spoken_language()
    if language is ENGLISH or not ISO_DATE.fullmatch(text):
        return text
    from babel.dates import format_date

    return format_date(date.fromisoformat(text), "long", locale=language.locale)
