"""What worker processes are copies of: everything is imported, and each part was made once, before anybody waits for it."""

from __future__ import annotations

import gc
import json

from chainrule.codegen.words.translation import LANGUAGES, translations

from .parts.answers import PARTS, answer

#: A network with a square and one without; derived, it brings in all that is imported late.
_TEXT = """
input = 2
name = "net"
layers = [{ units = 3, activation = "sigmoid" }, { units = 2, activation = "softmax" }]
cost = { kind = "cross_entropy" }
"""

for _tag in LANGUAGES:
    translations(_tag)
for _part in PARTS:
    answer(_part, json.dumps({"text": _TEXT}).encode())
gc.freeze()
