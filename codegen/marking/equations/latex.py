"""A formula in LaTeX as the line that the terminal would write: \\frac{a}{b} as (a)/(b), w^{(1)}_{ji} as w1[j,i], W^{\\top} as W⊤."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chainrule.codegen.marking.python.reasons import TOO_DEEP, Unreadable

from .latex_names import ACCENTS, GREEK, STYLES, IsName, Named, Names
from .latex_rows import Row, latex_rows
from .lines import FormulaLine
from .unread import stopped

#: What has no meaning of its own.
DROPPED = re.compile(
    r"\\(?:left|right)\.|\\(?:left|right|[bB]igg?[lrm]?|middle|cal|bf|rm|it|sf|nonumber|notag|limits|nolimits|allowbreak)(?![A-Za-z])"
    r"|\\(?:displaystyle|textstyle|qquad|quad)(?![A-Za-z])|(?<!\\)\\[,;:! ]|~"
    r"|\\(?:no)?reason\w*\s*\{(?:[^{}]|\{[^{}]*\})*\}|\\(?:label|tag\*?|eqref|ref|color|hspace|vspace|phantom)\{[^{}]*\}"
)
COMMANDS = {
    **{name: name for name in "exp log tanh sinh cosh sin cos tan max min arctan arcsin arccos pi det if else".split()},
    "ln": "log", "cdot": "·", "times": "·", "ast": "*", "odot": "⊙", "circ": "⊙", "bullet": "⊙",
    "oslash": "/", "div": "/", "partial": "∂", "sum": "Σ",
    "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "land": "and", "wedge": "and",
    "top": "⊤", "intercal": "⊤", "prime": "'", "leftarrow": "=", "gets": "=", "coloneqq": "=", "equiv": "=",
    "mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "lbrace": "(", "rbrace": ")", "lbrack": "[", "rbrack": "]",
}  # fmt: skip
#: Spellings of a fraction, and of what stands below a brace, which is a remark.
FRACTIONS = frozenset("frac dfrac tfrac cfrac".split())
BRACED = frozenset("underbrace overbrace underset overset underline boxed cancel".split())
DIFFERENTIALS = ([r"\partial"], ["d"], [r"\mathrm", "{", "d", "}"], [r"\text", "{", "d", "}"])
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
BARE_TARGET = re.compile(r"(?<![A-Za-z\\{])[yY](?![A-Za-z])|\{\\partial [yY]")
HATTED = re.compile(r"\\hat\s*\{?\s*([yY])(?![A-Za-z])\s*\}?")
#: A layer that is any of them, and the one after or before it.
ANY_LAYER = re.compile(r"\^\s*\{?\s*[\[(]?\s*(?:l|\\ell)(?![A-Za-z])")
NEXT_LAYER = re.compile(r"\^\s*\{?\s*[\[(]?\s*(?:l|\\ell)\s*([-+])\s*1")
#: How many ones there are: 3, N, N_t, m.
SIZE = re.compile(r"\d|[A-Zmn]")
#: What stands below a brace, as 4 \times N, and the names in it.
SHAPE = re.compile(r"\}_\{([^{}]*)\}")
NAME_OF_SIZE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]+")


def latex_lines(text: str, is_name: IsName) -> Iterator[FormulaLine]:
    """The equations of a document; `is_name` says whether a name is one of the network's quantities."""
    rows = [*latex_rows(text)]
    is_all_remarks = all(row.is_remark for row in rows)
    for row in rows:
        for layer in general_layers(row.text, is_name):
            line = translated(row, Names(is_name, layer))
            sizes = frozenset(name for shape in SHAPE.findall(row.text) for name in NAME_OF_SIZE.findall(shape))
            yield replace(line, is_remark=row.is_remark and not is_all_remarks, part=row.part, section=row.section, sizes=sizes)


def meanings(text: str) -> list[str]:
    """A document as it may be meant: some call targets ŷ, which beside a y is as a rule the prediction."""
    other = HATTED.sub(r"\1", text)
    return [text] if other == text else [text, other] if BARE_TARGET.search(text) else [other]


def general_layers(formula: str, is_name: IsName) -> Iterator[int | None]:
    """The layers that a formula is of: with an l above it is a rule for all of them that it can be of."""
    last = Names(is_name).last if ANY_LAYER.search(formula) else 0
    if not last:
        yield None
        return
    steps = [int(f"{found[1]}1") for found in NEXT_LAYER.finditer(formula)]
    yield from range(1 - min([0, *(step + 1 for step in steps)]), last + 1 - max([0, *steps]))


def translated(row: Row, names: Names) -> FormulaLine:
    """The line of text, or what is none with the sign that it stops at."""
    try:
        text = Translation([token for token in TOKEN.findall(DROPPED.sub(" ", row.text)) if not token.isspace()], names).text()
    except Unreadable as problem:
        return FormulaLine(row.number, row.text.strip(), problem.reason)
    except RecursionError:
        return FormulaLine(row.number, row.text.strip(), TOO_DEEP)
    return FormulaLine(row.number, text)


class Translation(Named):
    """Goes through the signs of a formula once."""

    def text(self) -> str:
        written = []
        while self.peek():
            if self.peek() in (r"\text", r"\mbox", r"\textrm") and not self.is_word():
                # A remark behind the formula.
                break
            written.append(self.sign())
        return re.sub(r"[\s.,;]+$", "", " ".join(written))

    def is_word(self) -> bool:
        """Whether a text is a name, as of a function."""
        inside = self.ahead(1)
        return bool(inside) and all(each.isalnum() or each in "._" for each in inside) and inside[-1] != "."

    def sign(self) -> str:
        sign = self.take()
        command = sign[1:] if sign.startswith("\\") else ""
        if command in FRACTIONS:
            return self.fraction()
        if command in BRACED:
            return self.braced(command)
        if command == "nabla":
            return self.gradient()
        if sign == "'":
            return "⊤"
        if command == "sum":
            return self.total()
        if command == "sqrt":
            return f"sqrt({self.within(self.group())})"
        if command == "begin":
            return self.environment()
        if sign == "&" or (sign == ":" and self.peek() == "="):
            return ""
        if sign == r"\|" or command in ("lVert", "rVert", "Vert"):
            return self.norm()
        if sign in (r"\{", r"\}"):
            return "(" if sign == r"\{" else ")"
        if command in ("mathbf", "mathbb", "boldsymbol", "mathds", "bm") and self.ahead(0) == ["1"]:
            self.group()
            return self.ones()
        if sign == "1" and self.peek() in ("_", "^") and self.is_raised_one():
            return self.ones()
        if command in COMMANDS:
            return COMMANDS[command]
        if sign == "{":
            self.place -= 1
            return f"({inside})" if (inside := self.within(self.group())) else ""
        if sign == "e" and self.peek() == "^" and not self.is_name("e"):
            self.take()
            return f"exp({self.within(self.group())})"
        if sign == "^":
            return self.raised()
        if sign.isalpha() or command in GREEK or command in STYLES or command in ACCENTS:
            return self.named(self.word(sign))
        if command:
            raise stopped(sign)
        return sign

    def raised(self) -> str:
        """What stands above a bracket: a transpose, or an exponent."""
        inside = self.group()
        if self.is_transpose(inside):
            return "⊤"
        if inside[:1] == [r"\odot"] or inside[:1] == [r"\circ"]:
            return f"^⊙({self.within(inside[1:])})"
        return f"^({self.within(inside)})"

    def fraction(self) -> str:
        above, below = self.group(), self.group()
        for sign in DIFFERENTIALS:
            if above[: len(sign)] == sign and below[: len(sign)] == sign and len(below) > len(sign):
                return self.derivative(above[len(sign) :], below[len(sign) :])
        return f"(({self.within(above)})/({self.within(below)}))"

    def derivative(self, above: list[str], below: list[str]) -> str:
        """∂C/∂w; with a bar behind it what the equation of C itself reads of w. Places of a whole array may stand behind."""
        of, by = self.within(above), self.within(below)
        if self.peek() == "|" and self.peek(1) == "_":
            self.place += 2
            self.group()
            return f"derivative({of}, {by})"
        places = ""
        if self.peek() == "_" and "[" not in by:
            self.take()
            places = f"[{','.join(self.letters(self.group()))}]"
        of = re.sub(r"\s*\(.*\)$", "", of)
        if not of:
            raise stopped(r"\partial")
        return f"∂{of}/∂{by}{places}"

    def gradient(self) -> str:
        """∇_W C, the gradient by W; ∇_a C is that by the last a."""
        if self.take() != "_":
            raise stopped(r"\nabla")
        by = self.within(self.group())
        self.sign()
        return f"d{by}" if self.is_name(by) else f"d{by}{self.number('L')}"

    def braced(self, command: str) -> str:
        """What stands above or below a brace says its shape."""
        if command in ("underset", "overset"):
            self.group()
        found = self.within(self.group())
        while self.peek() in ("_", "^") and command in ("underbrace", "overbrace"):
            self.take()
            self.group()
        return f"({found})" if command not in ("underbrace", "overbrace") or " " in found else found

    def total(self) -> str:
        """The letters below a sum, or below several that stand beside each other; where they end is what the axis says."""
        found: list[str] = []
        while self.peek() in ("_", "^"):
            is_below = self.take() == "_"
            inside = self.group()
            if is_below:
                found = self.letters(inside[: inside.index("=")] if "=" in inside else inside)
        if not found:
            return "Σ"
        return f"Σ_{','.join(found)}"

    def ones(self) -> str:
        """1_N and 1_N^⊤, a vector of ones; 1_y, which is 1 where the labels are; 1[…], which is 1 where a test holds."""
        if self.peek() == "[":
            return self.indicator()
        turned, below = "", ""
        while self.peek() in ("_", "^"):
            if self.take() == "^":
                turned = "⊤" if self.is_transpose(self.group()) else ""
            else:
                below = self.within(self.group())
        if below.startswith("("):
            return f"[{below[1:-1]}]"
        is_size = not below or (SIZE.match(below) and (below.startswith("N") or not self.is_name(below)))
        return f"ones({below}){turned}" if is_size else f"onehot({below})"

    def indicator(self) -> str:
        """A test in brackets, of places as a rule."""
        start, depth = self.place + 1, 0
        while True:
            depth += {"[": 1, "]": -1}.get(self.take(), 0)
            if not depth:
                break
        return f"[{type(self)(self.signs[start : self.place - 1], self.names, self.depth + 1, is_index=True).text()}]"

    def is_raised_one(self) -> bool:
        return self.peek() == "_" or self.is_transpose(self.ahead(1))

    def norm(self) -> str:
        """‖a − y‖², the sum of all squares; a number below and what is above are taken as they are."""
        inside = []
        while self.peek() not in (r"\|", r"\rVert", r"\Vert"):
            inside.append(self.take())
        self.take()
        if self.peek() == "_":
            self.take()
            self.group()
        return f"norm({self.within(inside)})"

    def environment(self) -> str:
        """One of several values, each with its condition; what stands last is what is left."""
        name = "".join(self.group())
        if name not in ("cases", "dcases"):
            raise stopped(rf"\begin{{{name}}}")
        rows: list[list[str]] = [[]]
        while self.peek() and self.peek() != r"\end":
            token = self.take()
            if token == r"\\":
                rows.append([])
            else:
                rows[-1].append(token)
        self.take()
        self.group()
        branches = [self.branch(row) for row in rows if row]
        *others, (last, _) = branches
        return f"({''.join(f'{value} if {test} else ' for value, test in others)}{last})"

    def branch(self, row: list[str]) -> tuple[str, str]:
        """A value and its condition, behind a & or a word."""
        words = ("&", r"\text", r"\mbox", r"\textrm", r"\mathrm")
        place = next((place for place, token in enumerate(row) if token in words), len(row))
        test = self.inner(row[place:])
        found = ""
        while test.peek() in words:
            if test.take() != "&":
                test.group()
        if test.peek():
            found = test.text()
        return self.within([token for token in row[:place] if token != ","]), found
