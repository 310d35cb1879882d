"""What worker processes are copies of: everything is imported, and one network was derived, before anybody waits for it."""

from __future__ import annotations

import gc
import json

from chainrule.codegen.words.translation import LANGUAGES, translations

from .parts.answers import answer

#: Derived, it brings in what is imported late.
_TEXT = """
input = 2
name = "net"
layers = [{ units = 3, activation = "sigmoid" }, { units = 2, activation = "softmax" }]
cost = { kind = "cross_entropy" }
"""

for _tag in LANGUAGES:
    translations(_tag)
answer("derivation", json.dumps({"text": _TEXT}).encode())
gc.freeze()
