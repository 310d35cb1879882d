"""What stands at the head of a page. The logo is part of the page, which needs no other file."""

from __future__ import annotations

from base64 import b64encode

from chainrule.codegen.document.front_matter import FrontMatter, OwnFile
from chainrule.codegen.templating.environments import one_line

_KINDS = {"png": "image/png", "jpg": "image/jpeg"}


def page_front(front: FrontMatter) -> dict[str, str | list[str]]:
    """By the names of the template."""
    return {
        "title": one_line(front.title),
        "subtitle": [one_line(part) for part in (front.course, front.author, front.date) if part.strip()],
        "author": one_line(front.author),
        "header": one_line(front.header),
        "logo": _address(front.logo) if front.logo else "",
    }


def _address(picture: OwnFile) -> str:
    return f"data:{_KINDS[picture.name.rpartition('.')[2]]};base64,{b64encode(picture.content).decode()}"
