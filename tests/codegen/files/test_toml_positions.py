"""Where keys, values and characters of values stand in a TOML text."""

from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.codegen.files.toml_positions import line_of

POSITIONS = '''\
a = """
[cost]
b = 1 \\""" ""quoted"" """
# [not] = a header
b.c = [ # ]
  "x ] # \\" ]", 'y [ \\',
  {d = 1},
]
"quoted key" = \'\'\'
e = 2\'\'\'
[[layers]] # first
units = 1
[layers.activation]
kind = "x"
[[ layers ]]
  units=2
[[layers.parts]]
q = 1
[[layers.parts]]
q = 2
[f.g]
h = { i = 1, j = 2 }
'''


def test_positions_of_keys() -> None:
    tomllib.loads(POSITIONS)
    expected = {
        ("a",): 1,
        ("b",): 5,
        ("b", "c"): 5,
        ("b", "c", 1): 6,
        ("b", "c", 2, "d"): 7,
        ("quoted key",): 9,
        ("layers",): 11,
        ("layers", 0): 11,
        ("layers", 0, "units"): 12,
        ("layers", 0, "activation"): 13,
        ("layers", 0, "activation", "kind"): 14,
        ("layers", 0, "missing"): 11,
        ("layers", 1): 15,
        ("layers", 1, "units"): 16,
        ("layers", 1, "parts", 1, "q"): 20,
        ("f",): 21,
        ("f", "g", "h", "j"): 22,
        ("cost",): None,
        ("e",): None,
        (): None,
    }
    assert {path: line_of(POSITIONS, path) for path in expected} == expected


@given(st.text(alphabet="a.=[]{}\"'\\\n# ,1", max_size=60))
@settings(deadline=None, max_examples=200)
def test_positions_of_any_text(text: str) -> None:
    for path in (("a", 0, "b"), ("a", 1), ("a", 0, 3)):
        assert line_of(text, path) in (None, *range(1, text.count("\n") + 2))
