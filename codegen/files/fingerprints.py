"""A fingerprint in every file that is generated: by it one sees later whether the file was edited since.

It is a hash of the rest of the file, and stands in a last comment; a PDF or a picture may have one after its end. A notebook has no
comments: there it stands in the metadata, and covers what its author wrote, so that a notebook that was only run is still as it was
generated. JSON has none either: there it is a last key.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

#: How a comment looks in each kind of text; in others it is a line.
COMMENTS = (
    {".py": "# {}", ".toml": "# {}", ".tex": "% {}"}
    | dict.fromkeys((".c", ".h"), "/* {} */")
    | dict.fromkeys((".html", ".md", ".svg", ".xml"), "<!-- {} -->")
)
#: Where it stands in JSON.
KEY = "fingerprint"
MARK = re.compile(r"\n[^\n]*chainrule fingerprint ([0-9a-f]{16})[^\n]*\n?\Z")
#: Whoever reads these stops at their own end.
BINARY = (".pdf", ".png", ".jpg")
PDF_MARK = re.compile(rb"%chainrule fingerprint ([0-9a-f]{16})\n\Z")


def with_fingerprint(name: str, content: str | bytes) -> bytes:
    """The content of a file of this name with its fingerprint."""
    suffix = Path(name).suffix
    if isinstance(content, bytes):
        assert suffix in BINARY, f"{name}: there is no place for a fingerprint"
        body = content.rstrip(b"\n") + b"\n"
        return body + f"%chainrule fingerprint {_hash(body)}\n".encode()
    if suffix == ".ipynb":
        notebook = json.loads(content)
        notebook["metadata"]["chainrule"] = {"fingerprint": _hash(_written_in(notebook))}
        return _notebook_text(notebook).encode()
    if suffix == ".json":
        data = json.loads(content)
        return _json_text(data | {KEY: _hash(_json_text(data).encode())}).encode()
    text = content.rstrip("\n") + "\n"
    comment = COMMENTS.get(suffix, "{}").format(f"chainrule fingerprint {_hash(text.encode())}")
    return f"{text}\n{comment}\n".encode()


def is_untouched(name: str, content: bytes) -> bool:
    """Whether a file is as it was generated."""
    match Path(name).suffix:
        case suffix if suffix in BINARY:
            mark = PDF_MARK.search(content)
            return mark is not None and mark.group(1).decode() == _hash(content[: mark.start()])
        case ".ipynb":
            return _is_untouched_notebook(content)
        case ".json":
            return _is_untouched_json(content)
        case _:
            text = content.decode("utf-8", errors="replace").replace("\r\n", "\n")
            found = MARK.search(text)
            return found is not None and found.group(1) == _hash((text[: found.start()].rstrip("\n") + "\n").encode())


def _is_untouched_notebook(content: bytes) -> bool:
    try:
        notebook = json.loads(content)
        return bool(notebook["metadata"]["chainrule"]["fingerprint"] == _hash(_written_in(notebook)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_untouched_json(content: bytes) -> bool:
    try:
        data = json.loads(content)
        return bool(data.pop(KEY) == _hash(_json_text(data).encode()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _json_text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _written_in(notebook: Any) -> bytes:
    """What a person writes in a notebook: kinds and sources of the cells, and not outputs, counts and what a run notes about the kernel."""
    cells = [[cell["cell_type"], "".join(cell["source"]), cell.get("attachments", {})] for cell in notebook["cells"]]
    return json.dumps(cells, sort_keys=True, ensure_ascii=False).encode("utf-8", errors="surrogatepass")


def _notebook_text(notebook: Any) -> str:
    """As Jupyter itself saves notebooks."""
    return json.dumps(notebook, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
