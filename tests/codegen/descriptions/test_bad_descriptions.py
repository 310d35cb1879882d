"""What is wrong with a description is one message with its line, whatever is wrong."""

from __future__ import annotations

import string
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_descriptions import DECLARED, EQUATIONS, GOOD, LABELLED, ONE_HOT, SMALL, message, read, with_line

from chainrule.codegen.descriptions.layer_schema import layer_schema
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.descriptions.schema import EQUATIONS_SCHEMA, SCHEMA
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.layers import KINDS

BAD: dict[str, tuple[str | bytes, int | str | None, list[str]]] = {
    # the file
    "empty": ("", None, ["empty", "name", "input", "[[layers]]", "[cost]"]),
    "only a comment": ("# nothing\n", None, ["name is missing"]),
    "only spaces": (" \n\n", None, ["empty"]),
    "not UTF-8": (b'name = "net"\ntitle = "\xe4"\n', 2, ["0xe4", "UTF-8"]),
    "NUL byte": (b'name = "net"\n\x00', 2, ["NUL"]),
    "UTF-16": (SMALL.encode("utf-16"), 1, ["NUL"]),
    "too large": (b"#" * 1_000_001, None, ["1000000 bytes"]),
    # TOML
    "no quotes": (with_line('"tanh"', "tanh"), 5, ["Invalid value", "quotes", "activation = tanh", "^"]),
    "open string": (SMALL + 'targets = "', 8, ["Unterminated string"]),
    "open list": (SMALL + "[example]\nx = [1,\n", 9, ["not TOML"]),
    "duplicate key": (with_line("input = 2", "input = 2\ninput = 3"), 3, ["given twice"]),
    "duplicate table": (SMALL + "[cost]\n", 8, ["given twice"]),
    "not a line": (SMALL + "what is this\n", 8, ["key = value"]),
    "deep lists": ("x = " + "[" * 5000, None, ["nested too deeply"]),
    "endless key": (".".join("a" * 50_000) + " = 1", None, ["joined by dots"]),
    "many digits": (with_line("2", "9" * 5000), None, ["digits"]),
    "many hexadecimal digits": (with_line("2", "0x" + "F" * 5000), None, ["number too long"]),
    # keys
    "unknown key of a layer": (
        with_line("activation", "activaton"),
        5,
        [
            "unknown key 'activaton' in [[layers]] 1; expected one of kind, units, bias, ",
            "activation, name, from, weights_of",
            "did you mean 'activation'?",
        ],
    ),
    "unknown key at the top": ("titel = 'x'\n" + SMALL, 1, ["unknown key 'titel'; expected one of name, title", "did you mean 'title'?"]),
    "unknown section": (with_line("[cost]", "[costs]"), 6, ["unknown key 'costs'", "did you mean 'cost'?"]),
    "key of the top in a section": (SMALL + "title = 'x'\n", 8, ["unknown key 'title' in [cost]", "above the first [table]"]),
    "number of the top in a section": (with_line("input = 2\n", "") + "input = 2\n", None, ["input is missing", "move it from [cost]"]),
    "key of the top in a layer": (with_line('"tanh"', '"tanh"\nauthor = "x"'), 6, ["unknown key 'author'", "above the first [table]"]),
    "unknown key of an activation": (
        with_line('"tanh"', '{ kimd = "elu" }'),
        5,
        ["unknown key 'kimd' in activation of [[layers]] 1", "did you mean 'kind'?"],
    ),
    "unknown key of the cost": (SMALL + 'reducton = "sum"\n', 8, ["unknown key 'reducton' in [cost]", "did you mean 'reduction'?"]),
    "unknown key of the layout": (SMALL + "[layout]\nweigths = 'in-out'\n", 9, ["'weigths' in [layout]", "'weights'"]),
    "unknown regularisation": (SMALL + "[regularisation]\nl3 = 1\n", 9, ["unknown key 'l3' in [regularisation]", "l1, l1_half"]),
    "no name": (with_line('name = "net"\n', ""), None, ["name is missing", "identifier"]),
    "no input": (with_line("input = 2\n", ""), None, ["input is missing", "whole number"]),
    "no layers": ('name = "net"\ninput = 2\n[cost]\nkind = "mae"\n', None, ["layers is missing", "[[layers]]"]),
    "no cost": (SMALL[: SMALL.index("[cost]")], None, ["cost is missing", "[cost]"]),
    "no units": (with_line("units = 3\n", ""), 3, ["[[layers]] 1: units is missing", "whole number"]),
    "empty list of layers": ("name = 'n'\ninput = 1\nlayers = []\ncost.kind = 'mae'\n", 3, ["[[layers]]: found an empty list"]),
    "equations without parameters": ("name = 'n'\n" + 'equations = "L = 1"\n', None, ["parameters is missing", '"X[n,k]"']),
    "equations with a misspelt key": (EQUATIONS.replace("inputs", "input"), 2, ["unknown key 'input'", "did you mean 'inputs'?"]),
    "equations with an unknown tensor": (EQUATIONS.replace("*w[k]", "*v[k]"), "6:22", ["equation 1 (s)", "unknown tensor 'v'", "^"]),
    "equations with an unknown letter": (EQUATIONS.replace("*w[k]", "*w[m]"), "6:24", ["index 'm' is neither on the left nor summed"]),
    "equations with an index left": (EQUATIONS.replace("L    = sum(n, ", "L[n] = (1*"), "7:1", ["equation 2", "the cost and has no index"]),
    "equations with an unknown size": (EQUATIONS + "sizes = { q = 3 }\n", 9, ["no index is called 'q'"]),
    "equations with a name taken": (EQUATIONS.replace("s[n] =", "w[n] ="), "6:1", ["'w' is given twice"]),
    # values
    "name with a hyphen": (with_line('"net"', '"my-net"'), 1, ["name: found 'my-net'", "identifier"]),
    "name is a keyword": (with_line('"net"', '"lambda"'), 1, ["'lambda'", "keyword"]),
    "name with a line break": (with_line('"net"', '"net\\n"'), 1, ["identifier"]),
    "name is a path": (with_line('"net"', '"../net"'), 1, ["'../net'", "identifier"]),
    "name is long": (with_line('"net"', '"' + "n" * 300 + '"'), 1, ["300 characters"]),
    "name is a number": (with_line('"net"', "3"), 1, ["name: found 3"]),
    "title is a number": ("title = 3\n" + SMALL, 1, ["title: found 3", "text in quotes"]),
    "title with a control character": ('title = "a\\u0000b"\n' + SMALL, 1, ["title", "one line of text"]),
    "date is a number": ("date = 2024\n" + SMALL, 1, ["date: found 2024"]),
    "input is a bool": (with_line("input = 2", "input = true"), 2, ["input: found true", "whole number of at least 1"]),
    "input is a fraction": (with_line("input = 2", "input = 2.0"), 2, ["input: found 2.0", "whole number"]),
    "input is zero": (with_line("input = 2", "input = 0"), 2, ["input: found 0"]),
    "input is huge": (with_line("input = 2", "input = 99999999999"), 2, ["at most 10000000"]),
    "input is text": (with_line("input = 2", "input = '2'"), 2, ["input: found '2'"]),
    "input is a shape": (with_line("input = 2", "input = [1, 28, 28]"), 3, ["1 × 28 × 28", "dense takes features", "flatten"]),
    "input is an empty list": (with_line("input = 2", "input = []"), 2, ["an empty list"]),
    "input holds a bool": (with_line("input = 2", "input = [true]"), 2, ["found true"]),
    "negative units": (with_line("units = 3", "units = -3"), 4, ["units of [[layers]] 1: found -3, expected a whole number of at least 1"]),
    "huge units": (with_line("units = 3", "units = 1_000_001"), 4, ["found 1000001", "at most 1000000"]),
    "units is nan": (with_line("units = 3", "units = nan"), 4, ["found nan"]),
    "unknown kind of layer": (with_line("units", "kind = 'dens'\nunits"), 4, ["kind of [[layers]] 1: found 'dens'", "'dense'?"]),
    "name of a layer": (with_line("units", "name = 'a b'\nunits"), 4, ["name of [[layers]] 1", "identifier"]),
    "layer whose tensor is a keyword": (
        with_line("units", "name = 's'\nunits"),
        4,
        ["name of [[layers]] 1: found 's'", "keyword"],
    ),
    "two layers of one name": (
        with_line("[cost]", "name = 'e'\n[[layers]]\nunits = 1\nname = 'e'\n[cost]"),
        9,
        ["two layers are called 'e'"],
    ),
    "layers is a number": ("name = 'n'\ninput = 1\nlayers = 3\ncost.kind = 'mae'\n", 3, ["[[layers]]: found 3", "two brackets"]),
    "layers in single brackets": (with_line("[[layers]]", "[layers]"), 3, ["[[layers]]: found a table", "two brackets"]),
    "cost is text": (
        "name = 'n'\ncost = 'quadratic'\ninput = 1\n[[layers]]\nunits = 1\n",
        2,
        ["'quadratic'", "[cost] with one", 'kind = "'],
    ),
    "cost in double brackets": (with_line("[cost]", "[[cost]]"), 6, ["[cost]: found a list of 1", "one pair of brackets"]),
    "regularisation is text": (SMALL + "[regularisation]\nl2 = 'x'\n", 9, ["l2 of [regularisation]: found 'x'", "number"]),
    "regularisation is infinite": (SMALL + "[regularisation]\nl2 = inf\n", 9, ["l2 of [regularisation]: found inf", "finite"]),
    "unknown layout": (SMALL + "[layout]\nexamples = 'row'\n", 9, ["found 'row'", "did you mean 'rows'?"]),
    "unknown reduction": (SMALL + "reduction = 'men'\n", 8, ["reduction of [cost]: found 'men'", "'mean'?"]),
    "another's word for a reduction": (SMALL + "reduction = 'average'\n", 8, ["found 'average'", "did you mean 'mean'?"]),
    "another's word for a key": (with_line("units = 3", "hidden_size = 3"), 4, ["unknown key 'hidden_size'", "did you mean 'units'?"]),
    "another's word for a table": (with_line("[cost]", "[loss]"), 6, ["unknown key 'loss'", "did you mean 'cost'?"]),
    "another's word for a number": (
        with_line("units = 3", "kind = 'conv1d'\nfilters = 3\nkernel = 1"),
        5,
        ["unknown key 'filters' in [[layers]] 1", "did you mean 'channels'?"],
    ),
    "units is a list": (with_line("units = 3", "units = [3]"), 4, ["units of [[layers]] 1: found a list of 1", "whole number"]),
    "units is a fraction": (with_line("units = 3", "units = 3.0"), 4, ["units of [[layers]] 1: found 3.0", "whole number"]),
    "unknown targets": (SMALL + "targets = 'label'\n", 8, ["targets of [cost]: found 'label'", "'labels'?"]),
    # activations and costs
    "unknown activation": (
        with_line('"tanh"', '"sigmoyd"'),
        5,
        ["unknown activation 'sigmoyd'", "did you mean 'sigmoid'?", "[[layers]] 1"],
    ),
    "unknown kind of activation": (with_line('"tanh"', '{ kind = "sigmoyd" }'), 5, ["found 'sigmoyd'", "did you mean 'sigmoid'?"]),
    "activation is a number": (with_line('"tanh"', "3"), 5, ["activation of [[layers]] 1: found 3"]),
    "activation is empty": (with_line('"tanh"', '""'), 5, ["activation of [[layers]] 1: found ''"]),
    "kind and expression": (with_line('"tanh"', '{ kind = "elu", expression = "z" }'), 5, ["both kind and expression"]),
    "neither kind nor expression": (with_line('kind = "quadratic"', "reduction = 'sum'"), 6, ["neither kind nor expression"]),
    "formula with an unknown name": (with_line('"tanh"', '"z*beta"'), "5:17", ["activation: unknown name 'beta'", "z*beta\n", "      ^"]),
    "formula of the second layer": (
        with_line("[cost]", '[[layers]]\nunits = 2\n\nactivation = "z +"\n[cost]'),
        "9:18",
        ["layer 2: activation: not an expression", "^"],
    ),
    "formula of a named layer": (with_line('"tanh"', '"z.real"\nname = "enc"'), "5:15", ["layer enc: activation", "a name with a dot"]),
    "formula that calls": (with_line('"tanh"', '\'__import__("os").system("ls")\''), "5:15", ["not part of the equation language"]),
    "constant that does not exist": (
        with_line('activation = "tanh"', '[layers.activation]\nkind = "elu"\nbeta = 2'),
        7,
        ["the activation elu has no constant 'beta'; its constants: alpha"],
    ),
    "constant that is a bool": (with_line('"tanh"', '{ kind = "elu", alpha = true }'), 5, ["found true", "finite number"]),
    "constant that is nan": (with_line('"tanh"', '{ kind = "elu", alpha = nan }'), 5, ["alpha of activation of [[layers]] 1: found nan"]),
    "constant with a taken name": (with_line('"tanh"', '{ expression = "z*x", x = 1 }'), 5, ["'x' already has a meaning"]),
    "unknown kind of cost": (with_line('"quadratic"', '"quadratc"'), 7, ["kind of [cost]: found 'quadratc'", "did you mean 'quadratic'?"]),
    "constant of a cost": (SMALL + "\ndelta = 1\n", 9, ["the cost quadratic has no constant 'delta'"]),
    "formula of a cost": (with_line('kind = "quadratic"', "expression = '(a - t)**2'"), "7:20", ["cost: unknown name 't'", "    ^"]),
    "targets that do not fit": (SMALL + "\ntargets = 'labels'\n", 9, ["takes real numbers as targets", "labels go with cross_entropy"]),
    # symbols
    "symbol of an unknown tensor": (SMALL + "[symbols]\na7 = 'h'\n", 9, ["unknown name 'a7' in [symbols]", "W1"]),
    "symbol with LaTeX": (SMALL + "[symbols]\na1 = '\\input{x}'\n", 9, ["a1 of [symbols]", "\\alpha"]),
    "symbol with two commands": (SMALL + "[symbols]\na1 = '\\alpha\\beta'\n", 9, ["a1 of [symbols]"]),
    "symbol with an unknown command": (SMALL + "[symbols]\na1 = '\\alphabet'\n", 9, ["a1 of [symbols]"]),
    "symbol with markup": (SMALL + "[symbols]\na1 = '<b>'\n", 9, ["'<b>'"]),
    "symbol with an index": (SMALL + "[symbols]\na1 = 'h_1'\n", 9, ["'h_1'"]),
    "symbol that is blank": (SMALL + "[symbols]\na1 = ' '\n", 9, ["a1 of [symbols]"]),
    "symbol that is long": (SMALL + "[symbols]\na1 = 'abcdefghijklmnopqrstu'\n", 9, ["at most 20"]),
    "symbol that is a number": (SMALL + "[symbols]\na1 = 1\n", 9, ["a1 of [symbols]: found 1"]),
    # the worked example
    "unknown key of the example": (SMALL + "[example]\nz = [1]\n", 9, ["unknown key 'z' in [example]"]),
    "x too short": (SMALL + "[example]\n\nx = [1.0]\n", 10, ["x of [example], row 1: found a list of 1", "2 numbers"]),
    "x ragged": (SMALL + "[example]\nx = [[1, 2], [3]]\n", 9, ["row 2", "found a list of 1", "2 numbers"]),
    "x mixed": (SMALL + "[example]\nx = [[1, 2], 3]\n", 9, ["row 2", "found 3"]),
    "x too deep": (SMALL + "[example]\nx = [[[1, 2]]]\n", 9, ["found a list of 1"]),
    "x with text": (SMALL + "[example]\nx = [1, 'a']\n", 9, ["row 1, entry 2: found 'a'"]),
    "x with nan": (SMALL + "[example]\nx = [1, nan]\n", 9, ["row 1, entry 2: found nan", "finite number"]),
    "x with a bool": (SMALL + "[example]\nx = [1, true]\n", 9, ["found true"]),
    "x empty": (SMALL + "[example]\nx = []\n", 9, ["found an empty list"]),
    "x is text": (SMALL + "[example]\nx = 'a'\n", 9, ["x of [example]: found 'a'", "a list of numbers"]),
    "x is a number": (SMALL + "[example]\nx = 3\n", 9, ["x of [example]: found 3"]),
    "x flat where rows are meant": (
        with_line("input = 2", "input = 1") + "[example]\nx = [1, 2]\n",
        9,
        ["one row of 2", "[[1.0], [2.0]]"],
    ),
    "y does not match": (SMALL + "[example]\ny = [1, 2]\n", 9, ["y of [example], row 1", "3 numbers"]),
    "y is a number": (SMALL + "[example]\ny = 3\n", 9, ["y of [example]: found 3"]),
    "y of another number of examples": (SMALL + "[example]\nx = [1, 2]\ny = [[1, 2, 3], [1, 2, 3]]\n", 10, ["2 examples", "expected 1"]),
    "label out of range": (LABELLED + "[example]\ny = [0, 3]\n", 10, ["entry 2: found 3", "from 0 to 2"]),
    "label negative": (LABELLED + "[example]\ny = -1\n", 10, ["found -1"]),
    "label with a fraction": (LABELLED + "[example]\ny = [1.0]\n", 10, ["found 1.0"]),
    "labels empty": (LABELLED + "[example]\ny = []\n", 10, ["an empty list"]),
    "not one-hot": (ONE_HOT + "[example]\ny = [1, 1, 0]\n", 9, ["2 ones", "exactly one 1"]),
    "not one-hot entries": (ONE_HOT + "[example]\ny = [0.5, 0.5, 0]\n", 9, ["0.5", "0 or 1"]),
    "an array that is not symmetric": (DECLARED + "[example]\nA = [[1, 2], [3, 4]]\n", 7, ["A of [example]", "its own transpose"]),
    "a length beyond its axis": (DECLARED + "[example]\nk = 3\n", 7, ["found 3.0", "up to the size of axis i"]),
    "unknown parameter": (SMALL + "[example.parameters]\nW2 = [1]\n", 9, ["unknown parameter 'W2'", "W1, b1", "did you mean 'W1'?"]),
    "parameter of a wrong shape": (
        SMALL + "[example.parameters]\nW1 = [[1, 2, 3], [4, 5, 6]]\n",
        9,
        ["W1 of parameters of [example]: found a list of 2", "3 rows of 2 numbers"],
    ),
    "parameter ragged": (SMALL + "[example.parameters]\nW1 = [[1, 2], [3, 4], [5]]\n", 9, ["row 3: found a list of 1", "2 numbers"]),
    "parameters is a list": (SMALL + "[example]\nparameters = [1]\n", 9, ["found a list of 1", "a table of arrays"]),
    "learning rate": (SMALL + "[example]\nlearning_rate = 0\n", 9, ["learning_rate of [example]: found 0", "above 0"]),
    "note": (SMALL + "[example]\nnote = 3\n", 9, ["note of [example]: found 3"]),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_message_with_its_line(case: str, tmp_path: Path) -> None:
    text, line, words = BAD[case]
    found = message(tmp_path, text)
    start = f"{tmp_path / 'net.toml'}:{line}: " if line else f"{tmp_path / 'net.toml'}: "
    assert found.startswith(start)
    for word in words:
        assert word in found


SEVERAL_ROWS = """name = "net"
inputs = [
  "X[n,k]",
  "tok[n] in v",  # of words
]
parameters = ["w[k]", "E[v,k]"]
equations = QUOTES
# a remark
s[n] = sum(k,  # over features
   X[n,k]
     *w[k])
L = sum(n, s[n]**2 + sum(k, E[tok[n],k]))
QUOTES
"""


#: What is written wrong, in quotes of three kinds, and the line and column of the message.
PLACES_IN_EQUATIONS = {
    "in a row of its own": (SEVERAL_ROWS.replace("*w[k]", "*v[k]"), "11:7"),
    "in an element of a list": (SEVERAL_ROWS.replace("tok[n] in v", "tok[n] in v, w"), "4"),
    "in literal quotes": (SEVERAL_ROWS.replace("E[tok", "F[tok").replace("QUOTES", "'''"), "12:29"),
    "at an equation's beginning": (SEVERAL_ROWS.replace("L =", "w ="), "12:1"),
    "behind a bracket that is not closed": (SEVERAL_ROWS.replace("*w[k])", "*w[k]"), "9:11"),
    "behind a backslash that joins rows": (SEVERAL_ROWS.replace("   X[n,k]", "  \\\n\n   Y[n,k]"), "12:4"),
    "in one line": ('parameters = ["w"]\nname = "net"\nequations = "s = w\\t*2\\nC = s*ss"\n', "3:31"),
    "in one literal line": ("parameters = ['w']\nname = 'net'\nequations = 'C = w*ww'\n", "3:20"),
    "behind a letter by its number": ('parameters = ["w"]\nname = "net"\nequations = "C = \\u0077*ww"\n', "3:25"),
}


@pytest.mark.parametrize("case", PLACES_IN_EQUATIONS)
def test_the_line_and_column_of_what_is_wrong_in_equations(case: str, tmp_path: Path) -> None:
    text, place = PLACES_IN_EQUATIONS[case]
    assert message(tmp_path, text.replace("QUOTES", '"""')).startswith(f"{tmp_path / 'net.toml'}:{place}: ")


MISSPELLINGS = string.ascii_letters + string.digits + string.punctuation + " \n\t\0é∂"


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A good description with lines deleted, doubled or moved and characters deleted, doubled or replaced."""
    lines = draw(st.sampled_from([GOOD, LABELLED + "[example]\nx = [1, 2]\ny = 2\n", ONE_HOT])).splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(lines) - 1))
        target = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["delete", "double", "move"]))
        moved = lines.pop(place)
        lines[target:target] = {"delete": [], "double": [moved, moved], "move": [moved]}[change]
    text = "".join(lines)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text) - 1))
        replacement = draw(st.sampled_from(["", text[place] * 2, draw(st.sampled_from(MISSPELLINGS))]))
        text = text[:place] + replacement + text[place + 1 :]
    return text


@given(text=broken())
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_broken_file_is_read_or_refused(text: str, tmp_path: Path) -> None:
    with suppress(InvalidDescription):
        read(tmp_path, text)
        return
    assert message(tmp_path, text).startswith(f"{tmp_path / 'net.toml'}:")


def test_a_message_is_worded_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.toml").write_text(with_line("units = 3", "units = -3"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidDescription) as caught:
        read_description("net.toml")
    assert str(caught.value) == "net.toml:4: units of [[layers]] 1: found -3, expected a whole number of at least 1"


def test_every_part_of_the_schema_says_what_is_expected() -> None:
    def without_words(part: object, path: tuple[object, ...]) -> list[tuple[object, ...]]:
        match part:
            case dict():
                asks = {"type", "pattern", "minimum", "minLength", "maxLength", "minItems"} & part.keys() and path[-1:] != ("properties",)
                own = [path] if asks and "description" not in part else []
                # What stands under `if` decides what is asked, and is never a problem itself.
                return own + [found for key, inner in part.items() if key != "if" for found in without_words(inner, (*path, key))]
            case list():
                return [found for number, inner in enumerate(part) for found in without_words(inner, (*path, number))]
            case _:
                return []

    assert without_words(SCHEMA, ("layers",)) == []
    assert without_words(EQUATIONS_SCHEMA, ("equations",)) == []
    assert [found for kind in KINDS for found in without_words(layer_schema(kind), (kind,))] == []
    assert without_words({"items": {"type": "string"}, "description": "a list"}, ("list",)) == [("list", "items")]
