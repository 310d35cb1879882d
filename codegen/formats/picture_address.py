"""A picture as an address that has the picture in it, so that a page needs no other file."""

from __future__ import annotations

from base64 import b64encode

from chainrule.codegen.document.document import OwnFile

KINDS = {"png": "image/png", "jpg": "image/jpeg"}


def data_address(picture: OwnFile) -> str:
    return f"data:{KINDS[picture.name.rpartition('.')[2]]};base64,{b64encode(picture.content).decode()}"
