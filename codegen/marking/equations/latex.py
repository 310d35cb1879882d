"""LaTeX by index as the lines that the terminal would write: \\frac{a}{b} as (a)/(b), w^{(1)}_{ji} as w1[j,i]."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.codegen.marking.python.bounds import Unreadable

from .lines import LONGEST, FormulaLine

#: What has no meaning of its own.
DROPPED = re.compile(
    r"\\(?:left|right)\.|\\(?:left|right|bigl?|bigr?|Bigl?|Bigr?|displaystyle|qquad|quad|nonumber|notag)(?![A-Za-z])"
    r"|\\[,;:! ]|&|~|\\label\{[^{}]*\}"
)
COMMANDS = {
    "cdot": "*", "times": "*", "odot": "⊙", "partial": "∂", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "ne": "!=", "neq": "!=",
    "top": "⊤", "exp": "exp", "log": "log", "ln": "log", "tanh": "tanh", "sinh": "sinh", "cosh": "cosh", "sin": "sin", "cos": "cos",
    "tan": "tan", "max": "max", "sqrt": "sqrt", "pi": "pi", "sum": "Σ", "leftarrow": "=", "prime": "'", "mid": "|", "vert": "|",
    "if": "if", "else": "else",
}  # fmt: skip
#: Words in another script, of which the letters are meant.
STYLES = frozenset("mathrm mathbf boldsymbol mathit operatorname mathbb mathsf hat bar tilde".split())
GREEK = frozenset("alpha beta gamma delta epsilon varepsilon eta theta kappa lambda mu nu xi rho sigma tau phi psi omega".split())
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
DISPLAYED = re.compile(r"\\(?:begin|end)\{[A-Za-z]+\*?\}|\$\$|\\\[|\\\]")
#: One of two values by a condition.
CASES = re.compile(r"\\begin\{cases\}(.*?)&(.*?)\\\\(.*?)&\s*\\text\{[^{}]*\}\s*\\end\{cases\}")
BARE_TARGET = re.compile(r"(?<![A-Za-z\\{])y(?![A-Za-z])|\{\\partial y")
EQUAL = re.compile(r"=|\\leftarrow")
DEEPEST = 40


def latex_lines(text: str) -> Iterator[FormulaLine]:
    """The equations of a document: rows of its displayed formulas, and formulas between dollar signs."""
    is_displayed = False
    if not BARE_TARGET.search(text):
        # Some call targets ŷ; beside a y it is the prediction.
        text = text.replace(r"\hat{y}", "y")
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) <= LONGEST:
            line = CASES.sub(r"(\1 \\if \2 \\else \3)", line)
        own = line.split("%")[0] if not line.rstrip().endswith(r"\%") else line
        for part in re.split(r"\\\\(?:\[[^\]]*\])?", own):
            marks = DISPLAYED.findall(part)
            is_formula = is_displayed or bool(marks)
            for mark in marks:
                is_displayed = mark.startswith(r"\begin") or mark == r"\[" or (mark == "$$" and not is_displayed)
            inside = DISPLAYED.sub(" ", part)
            formulas = [inside] if is_formula else re.findall(r"\$([^$]+)\$|\\\((.+?)\\\)", inside)
            for found in formulas:
                formula = found if isinstance(found, str) else found[0] or found[1]
                if EQUAL.search(formula) and r"\text" not in formula:
                    yield FormulaLine(number, _line(formula[:LONGEST]))


def _line(formula: str) -> str:
    """The line of text, or what is no formula as it stands, which the reader of text refuses."""
    try:
        return Translation([token for token in TOKEN.findall(DROPPED.sub(" ", formula)) if not token.isspace()]).text()
    except Unreadable:
        return f"{formula.strip()} ?"


class Translation:
    """Goes through the signs of a formula once."""

    def __init__(self, signs: list[str], depth: int = 0) -> None:
        self.signs, self.place, self.depth = signs, 0, depth
        if depth > DEEPEST:
            raise Unreadable("it is nested too deeply")

    def peek(self, ahead: int = 0) -> str:
        return self.signs[self.place + ahead] if self.place + ahead < len(self.signs) else ""

    def take(self) -> str:
        sign = self.peek()
        if not sign:
            raise Unreadable("it ends too early")
        self.place += 1
        return sign

    def group(self) -> list[str]:
        """What stands in braces, or the one sign that stands without."""
        first = self.take()
        if first != "{":
            return [first]
        start, depth = self.place, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
        return self.signs[start : self.place - 1]

    def within(self, signs: list[str]) -> str:
        return Translation(signs, self.depth + 1).text()

    def text(self) -> str:
        written = []
        while self.peek():
            written.append(self.sign())
        return " ".join(written)

    def sign(self) -> str:
        sign = self.take()
        command = sign[1:] if sign.startswith("\\") else ""
        if command == "frac":
            above, below = self.group(), self.group()
            if above[:1] == [r"\partial"] and below[:1] == [r"\partial"]:
                return f"∂{self.within(above[1:])}/∂{self.within(below[1:])}"
            return f"(({self.within(above)})/({self.within(below)}))"
        if command == "underbrace":
            found = self.within(self.group())
            if self.peek() == "_":
                self.take()
                self.group()
            return found
        if command == "sum":
            return self.total()
        if command == "sqrt":
            return f"sqrt({self.within(self.group())})"
        if command in COMMANDS:
            return COMMANDS[command]
        if sign == "{":
            self.place -= 1
            return f"({inside})" if (inside := self.within(self.group())) else ""
        if sign == "e" and self.peek() == "^":
            self.take()
            return f"exp({self.within(self.group())})"
        if sign == "^":
            return f"^({self.within(self.group())})"
        if sign.isalpha() or command in GREEK or command in STYLES:
            return self.named(self.word(sign))
        if command:
            raise Unreadable(f"{sign} is not read")
        return sign

    def total(self) -> str:
        """The letters below a sum, or below several that stand beside each other."""
        if self.take() != "_":
            raise Unreadable("a sum has no letters below it")
        return f"Σ_{','.join(self.letters(self.group()))}"

    def word(self, sign: str) -> str:
        """A letter with what stands before it: dz of a gradient."""
        command = sign[1:] if sign.startswith("\\") else ""
        found = "".join(each.lstrip("\\") for each in self.group() if each not in "{}") + (command if command == "hat" else "") if (
            command in STYLES) else command or sign  # fmt: skip
        is_gradient = found == "d" and (self.peek().isalpha() or self.peek().startswith("\\"))
        return found + self.word(self.take()) if is_gradient and self.peek()[1:] not in COMMANDS else found

    def named(self, word: str) -> str:
        """A name with its layer above and its indices below."""
        if self.peek() == "^" and (layer := self.layer()):
            word += layer
        primes = ""
        while self.peek() == "'":
            primes += self.take()
        if self.peek() != "_":
            return "sigmoid" if word == "sigma" and self.peek() == "(" else word + primes
        self.take()
        indices = self.letters(self.group())
        if word in ("delta", "I") and len(indices) == 2 and not word[-1].isdigit():
            return f"δ({indices[0]},{indices[1]})"
        if word == "lambda" and all(index.isdigit() for index in indices):
            return f"l{indices[0]}"
        return f"{word}[{','.join(indices)}]"

    def layer(self) -> str:
        """The number of a layer: ^{(1)}, ^{[1]}, or ^{1} of a letter whose indices follow."""
        kept = self.place
        self.take()
        inside = self.group()
        marked = inside[:1] in (["("], ["["]) and len(inside) == 3 and inside[1].isalnum()
        if marked:
            return inside[1]
        if len(inside) == 1 and inside[0].isdigit() and self.peek() == "_":
            return inside[0]
        self.place = kept
        return ""

    def letters(self, signs: list[str]) -> list[str]:
        """Indices: letters beside each other, or with commas between."""
        found: list[str] = []
        if "," in signs:
            part: list[str] = []
            for sign in [*signs, ","]:
                if sign == ",":
                    found.append(self.within(part))
                    part = []
                else:
                    part.append(sign)
            return found
        if not all(sign.isalnum() or sign == "'" for sign in signs):
            return [self.within(signs)]
        for sign in signs:
            if sign == "'" and found:
                found[-1] += "'"
            else:
                found.append(sign)
        return found
