"""Names in LaTeX as those of the module: w^{(1)}_{ji} as w1[j,i], \\mathrm{d}Z^{[2]\\top} as dZ2⊤, \\delta^{L} as delta3."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from chainrule.codegen.marking.python.reasons import Unreadable

from .unread import stopped

IsName = Callable[[str], bool]
#: Words in another script, of which the letters are meant, and marks above a letter.
STYLES = frozenset(
    "mathrm mathbf boldsymbol bm mathit operatorname mathbb mathsf mathcal mathscr mathfrak mathtt text textrm textbf mbox vec "
    "underline mathop".split()
)
ACCENTS = frozenset("hat bar tilde widehat overline widetilde dot".split())
GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta kappa lambda mu nu xi rho sigma tau phi varphi chi psi omega ell "
    "Delta Theta Lambda Phi Psi Omega Sigma Gamma".split()
)
LETTERS = {"varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi", "ell": "l"}
TRANSPOSES = frozenset(
    [r"\top", "T", r"\intercal", "⊤", r"\mathrm{T}", r"\mathsf{T}", r"\mathsf{T}", r"\text{T}", r"\rm{T}", r"\mathit{T}"]
)
MARKS = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}
#: What is no name of a quantity where brackets follow it.
FUNCTIONS = frozenset("sigma phi psi f g G sigmoid ReLU relu act activation".split())
#: Letters of costs, which have no indices.
COSTS = frozenset(("C", "J", "L", "E"))
#: Functions by their own names, whose slope is asked for by a prime.
SLOPES = frozenset(("tanh", "exp", "log"))
DEEPEST = 40
MOST_LAYERS = 100


@dataclass(frozen=True)
class Names:
    """What is a name of the network; `layer` is the one that l stands for."""

    is_name: IsName
    layer: int | None = None

    @property
    def last(self) -> int:
        return max((number for number in range(1, MOST_LAYERS) if self.is_name(f"z{number}")), default=0)

    def number(self, layer: str) -> str:
        """The number of a layer: L is the last one, and L − 1 the one before, l the one that a rule is of."""
        found = re.fullmatch(r"([LKl])(?:([-−+])(\d))?", layer)
        if found is None or (found[1] == "l" and self.layer is None):
            return layer
        first = self.layer if found[1] == "l" else self.last
        step = int(found[3] or 0)
        return str((first or 0) + (step if found[2] == "+" else -step)) if first else layer


class Named:
    """Goes through the signs of a formula once; `within` is the text of a part of it."""

    def __init__(self, signs: list[str], names: Names, depth: int = 0, is_index: bool = False) -> None:
        self.is_index = is_index
        self.signs, self.names, self.is_name, self.place, self.depth = signs, names, names.is_name, 0, depth
        if depth > DEEPEST:
            raise Unreadable("deep")

    def text(self) -> str:
        raise NotImplementedError

    def peek(self, ahead: int = 0) -> str:
        return self.signs[self.place + ahead] if self.place + ahead < len(self.signs) else ""

    def take(self) -> str:
        sign = self.peek()
        if not sign:
            raise stopped("")
        self.place += 1
        return sign

    def group(self) -> list[str]:
        """What stands in braces, or the one sign that stands without."""
        first = self.take()
        if first.isdigit() and len(first) > 1:
            # \frac12 is one half.
            self.signs[self.place - 1 : self.place] = [first[0], first[1:]]
            return [first[0]]
        if first != "{":
            return [first, *self.group_behind()] if first.lstrip("\\") in STYLES | ACCENTS else [first]
        start, depth = self.place, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
        return self.signs[start : self.place - 1]

    def group_behind(self) -> list[str]:
        """The group of a style that stands without braces itself: x^\\mathsf{T}."""
        start = self.place
        self.group()
        return self.signs[start : self.place]

    def ahead(self, behind: int) -> list[str]:
        """The group that stands some signs further on, which is not taken."""
        kept, self.place = self.place, self.place + behind
        try:
            return self.group()
        except Unreadable:
            return []
        finally:
            self.place = kept

    def within(self, signs: list[str]) -> str:
        return self.inner(signs).text()

    def inner(self, signs: list[str]) -> Self:
        return type(self)(signs, self.names, self.depth + 1)

    def is_transpose(self, inside: list[str]) -> bool:
        return "".join(inside) in TRANSPOSES

    def word(self, sign: str) -> str:
        """A letter with what stands before it: dz of a gradient; the letters of a word in another script."""
        command = sign[1:] if sign.startswith("\\") else ""
        if command in ACCENTS:
            inside = self.plain(self.group())
            return f"{inside}hat" if command in ("hat", "widehat") else f"{inside}_{command}"
        found = self.plain(self.group()) if command in STYLES else LETTERS.get(command, command) or sign
        follows = self.peek().lstrip("\\")
        is_gradient = found == "d" and (follows in GREEK | STYLES | ACCENTS or (len(follows) == 1 and follows.isalpha()))
        return found + self.word(self.take()) if is_gradient else found

    def plain(self, signs: list[str]) -> str:
        """The letters of a group: styles and braces say nothing of the name."""
        inner = self.inner(signs)
        found = ""
        while inner.peek():
            sign = inner.take()
            command = sign[1:] if sign.startswith("\\") else ""
            if command in STYLES | ACCENTS:
                found += inner.word(sign)
            elif sign not in "{}":
                found += LETTERS.get(command, command) or sign
        return found

    def named(self, word: str) -> str:
        """A name with its layer above or below, and its indices; a transpose, a prime or an exponent behind it."""
        if self.peek() == "_" and (word == "N" or (self.is_index and self.ahead(1)[0].isdigit())):
            # N_t is the size of the axis t, and p_2 the letter of an index.
            self.take()
            return f"{word}{'_' * (word == 'N')}{self.plain(self.group()).replace('_', '')}"
        layer, primes, behind = "", "", ""
        indices: list[str] = []
        examples: list[str] = []
        while self.peek() in ("'", "^", "_"):
            if self.peek() == "'":
                primes += self.take()
            elif self.take() == "_":
                inside = self.group()
                if behind:
                    raise stopped("_")
                below = self.below(word, layer, inside)
                layer, indices = (layer, below) if below is not None else (self.plain(inside), [])
            else:
                inside = self.group()
                own, inside = self.layer(word, inside, bool(indices))
                layer = own or layer
                if not own and (letters := self.example(word, inside)):
                    examples, inside = letters, []
                if inside and all(each in ("'", r"\prime") for each in inside):
                    primes += "'" * len(inside)
                elif inside:
                    behind += self.above(inside)
        if word in COSTS and (word == "C" or not self.is_name(word)):
            # C_0 and C_n are the cost of an example.
            return word + behind
        is_function = word in FUNCTIONS and not self.is_name(word) and not indices and self.peek() == "("
        return self.joined(word if is_function else word + layer, [] if is_function else examples + indices, primes) + behind

    def joined(self, word: str, indices: list[str], primes: str) -> str:
        if self.peek() == "(" and not indices and not self.is_name(word):
            if primes and word in FUNCTIONS | SLOPES:
                return f"slope_{word}" if word in SLOPES else "slope"
            if word in FUNCTIONS:
                return "σ" if word == "sigma" else "activation"
        if word in ("delta", "I") and len(indices) == 2 and not self.is_name(word):
            return f"δ({indices[0]},{indices[1]})"
        if word == "lambda" and indices and all(index.isdigit() for index in indices):
            return f"l{indices[0]}"
        if not indices:
            is_turned = primes == "'" and word[-1:].isalnum() and word.lstrip("d")[:1].isupper() and not self.is_name(word + primes)
            return f"{word}⊤" if is_turned else word + primes
        return f"{word}{primes}[{','.join(indices)}]"

    def above(self, inside: list[str]) -> str:
        if self.is_transpose(inside):
            return "⊤"
        if inside[0] in (r"\odot", r"\circ"):
            return f"^⊙({self.within(inside[1:])})"
        return f"^({self.within(inside)})"

    def layer(self, word: str, inside: list[str], has_indices: bool) -> tuple[str, list[str]]:
        """The layer that stands above, and what stands behind it there: (1), [1], 1 where that makes a name, (1)⊤."""
        closing = MARKS.get(inside[0], "") if inside else ""
        if closing in inside:
            end = inside.index(closing)
            own, rest = self.number(self.plain(inside[1:end]).replace(",", "")), inside[end + 1 :]
            return (own, rest) if self.is_layer(word, own) else ("", inside)
        for end in range(len(inside), 0, -1):
            own = self.number(self.plain(inside[:end]))
            is_other_name = self.is_name(word) and (has_indices or self.peek() != "_")
            if (
                own.isalnum()
                and self.is_layer(word, own)
                and (not is_other_name or not own.isdigit() or own == "0")
                and not self.is_transpose(inside[:end])
            ):
                return own, inside[end:]
        return "", inside

    def number(self, layer: str) -> str:
        return self.names.number(layer)

    def is_layer(self, word: str, own: str) -> bool:
        if word in FUNCTIONS and not self.is_name(word):
            return own.isdigit()
        return self.is_name(word + own) or self.is_name(f"d{word}{own}") or (own.isdigit() and len(own) < 3 and not self.is_name(word))

    def example(self, word: str, inside: list[str]) -> list[str]:
        """The letter of an example above: x^{(n)}."""
        is_letter = len(inside) == 3 and inside[0] in MARKS and len(inside[1]) == 1 and inside[1].isalpha()
        return [inside[1]] if is_letter else []

    def below(self, word: str, layer: str, inside: list[str]) -> list[str] | None:
        """Indices; None where a number below says the layer."""
        own = self.plain(inside)
        if self.is_name(word) and word.islower() and word not in ("w", "b") and own.isdigit() and own != "0":
            # y_1 is an entry of y, and no other name of a layer's output.
            return self.letters(inside)
        if not layer and own.isalnum() and (own.isdigit() or len(own) > 1 or not self.is_name(word)) and self.is_name(word + own):
            return None
        return self.letters(inside)

    def letters(self, signs: list[str]) -> list[str]:
        """Indices: letters beside each other, or with commas between; i_{2} is one letter with a number."""
        found: list[list[str]] = [[]]
        depth = 0
        has_commas = "," in signs
        if not has_commas and not all(re.fullmatch(r"[^\W_]|'|\d+|[_{}]|\\prime|\^|\\ell", sign) for sign in signs):
            return [self.index(signs)]
        if has_commas:
            for sign in signs:
                depth += {"{": 1, "}": -1, "(": 1, ")": -1}.get(sign, 0)
                if sign == "," and depth == 0:
                    found.append([])
                else:
                    found[-1].append(sign)
            return [self.index(part) for part in found if part]
        inner = self.inner(signs)
        indices: list[str] = []
        while inner.peek():
            sign = inner.take()
            if sign in ("'", r"\prime") and indices:
                indices[-1] += "'"
            elif sign == "^":
                indices[-1:] = [each + "'" * len(inner.group()) for each in indices[-1:]]
            elif sign == "_" and indices:
                indices[-1] += self.plain(inner.group())
            elif sign.isdigit():
                indices += list(sign)
            elif sign not in "{}":
                indices.append(LETTERS.get(sign[1:], sign))
        return indices

    def index(self, part: list[str]) -> str:
        """One index between commas: a letter with its number, or an expression."""
        own = self.plain([token for token in part if token != "_"])
        is_letter = bool(re.fullmatch(r"[^\W\d_]\d*'*", own)) and not self.is_name(part[0])
        return own if is_letter else type(self)(part, self.names, self.depth + 1, is_index=True).text()
