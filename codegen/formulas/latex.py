"""Formulas as LaTeX in a given notation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from sympy import Add, Expr, Indexed, Integer, Rational, Symbol
from sympy.core.relational import Relational

from chainrule.codegen.words.sentences import text_of
from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.index.axes import axis_of_size
from chainrule.symbolic.index.functions import ELEMENTARY, NAMES
from chainrule.symbolic.index.index_letters import is_letter, names_read
from chainrule.symbolic.system.system import System

from .notation import Notation, latex_letter, operator, upright
from .printed_number import number
from .printer import Precedence, Printer, Text

#: From so many zeros on, nobody counts them in 1/10000.
FEWEST_ZEROS = 4
RELATIONS = {">": ">", "<": "<", ">=": r"\ge", "<=": r"\le"}


class Latex(Printer):
    """Index notation: w^{(1)}_{ji}, and ∂C/∂w for the adjoint of w."""

    pi = r"\pi"
    infinity = r"\infty"

    def __init__(self, system: System, notation: Notation, examples: int | None = None) -> None:
        """With one example, its index is left out: w^{(1)}_{12} x_2."""
        self.system = system
        self.notation = notation
        self.examples = examples
        #: Names that stand for σ′ at a pre-activation, which a view may have.
        self.slopes: Mapping[str, str] = {}

    def write(self, node: Expr) -> Text:
        """A number that all terms share stands in front of them, 2 (a − y), which SymPy multiplies out; 10⁻⁶ is a power of ten."""
        if isinstance(node, Rational) and node.p == 1 and (zeros := _zeros(node.q)) >= FEWEST_ZEROS:
            return rf"10^{{-{zeros}}}", Precedence.POWER
        if isinstance(node, Add) and not node.is_number and (shared := _shared_number(node)) != 1:
            return rf"{self.text(shared)} \, {self.brackets(self.text(node / shared))}", Precedence.PRODUCT
        return super().write(node)

    def brackets(self, written: str) -> str:
        return rf"\left({written}\right)"

    def relation(self, sign: str) -> str:
        return RELATIONS[sign]

    def entry(self, name: str, indices: tuple[Expr, ...]) -> str:
        if self.is_adjoint(name):
            return self.gradient(self.system.adjoint_of[name], indices)
        if spelled := self.spelled(name, indices):
            return spelled
        if name not in self.system.tensors:
            return self.notation.learning_rate if name == "eta" else latex_letter(name)
        symbol = self.notation.symbol(name, whole=False)
        return f"{symbol.letter}{self.above(symbol.layer)}{self.lowered(name, indices)}"

    def gradient(self, name: str, indices: tuple[Expr, ...]) -> str:
        """∂C/∂w, or dw, or δ where that is the letter for it."""
        if self.notation.is_pre_activation(name):
            layer = self.notation.symbol(name, whole=False).layer
            return f"{self.notation.error_letter}{self.above(layer)}{self.lowered(name, indices)}"
        if self.notation.entry_gradients == "d":
            return f"{self.notation.gradient_mark}{self.entry(name, indices)}"
        return rf"\frac{{\partial {self.cost}}}{{\partial {self.entry(name, indices)}}}"

    def spelled(self, name: str, indices: tuple[Expr, ...]) -> str:
        """How a view writes a tensor in its own way; nothing where it is written as usual."""
        return ""

    def name_of(self, tensor: str) -> str:
        """A tensor without indices."""
        return self.spelled(tensor, ()) or self.entry(tensor, ())

    def above(self, layer: str) -> str:
        return f"^{{{self.notation.raised(self.layer(layer))}}}" if layer else ""

    def lowered(self, name: str, indices: tuple[Expr, ...]) -> str:
        """The indices below; of a single example, its own is left out."""
        if self.examples == 1 and indices:
            axes = self.system.tensors[name].axes
            indices = tuple(index for axis, index in zip(axes, indices, strict=True) if str(axis) != self.system.batch)
        return f"_{{{self.subscript(indices)}}}" if indices else ""

    def is_sensitivity(self, factor: Expr) -> bool:
        """Whether a factor is the gradient of what comes later, and not the local derivative that it is multiplied with."""
        return any(self.is_adjoint(name) for name in names_read(factor))

    def is_adjoint(self, name: str) -> bool:
        return name in self.system.adjoint_of

    @property
    def cost(self) -> str:
        return self.entry(self.system.cost.tensor.name, ())

    def layer(self, suffix: str) -> str:
        return suffix if suffix.isdigit() else upright(suffix)

    @cached_property
    def e_is_taken(self) -> bool:
        """Whether a quantity of the network is called e, beside which e^z would be one too many."""
        return any(self.notation.symbol(name, whole=False).letter == "e" for name in (*self.system.tensors, *self.system.constants))

    @cached_property
    def first(self) -> int:
        """What the first place is called: 1 on paper, and 0 where places are computed or are labels, since these count from 0."""
        return 0 if self.system.has_integers or self.system.computes_places else 1

    def subscript(self, indices: tuple[Expr, ...]) -> str:
        """ji, or with commas where an index is more than a letter."""
        written = [self.place(part) for part in indices]
        long = any(len(text.rstrip("'")) > 1 for text in written)
        return ",".join(written) if long else "".join(written)

    def place(self, index: Expr) -> str:
        if isinstance(index, Integer):
            return str(int(index) + self.first)
        return self.text(index)

    def letter(self, letter: Symbol) -> str:
        name = str(letter.name)
        stem = name.rstrip("_")
        primes = "'" * (len(name) - len(stem))
        return (f"{stem[0]}_{{{stem[1:]}}}" if len(stem) > 1 else stem) + primes

    def size(self, symbol: Symbol) -> str:
        axis = self.system.axes.get(axis_of_size(symbol))
        return str(axis.size) if axis and axis.size is not None else self.size_letter(symbol)

    def size_letter(self, symbol: Symbol) -> str:
        axis = axis_of_size(symbol)
        return "N" if axis == "n" else f"N_{{{self.letter(Symbol(axis))}}}"

    def product(self, factors: list[Expr]) -> str:
        texts = []
        if self.notation.local_factor_first:
            factors = sorted(factors, key=self.is_sensitivity)
        for position, factor in enumerate(factors):
            written, level = self.write(factor)
            open_ended = level == Precedence.PRODUCT and position < len(factors) - 1
            text = self.brackets(written) if level < Precedence.PRODUCT or open_ended else written
            # A number after something else would run into it.
            texts.append(rf"\cdot {text}" if position > 0 and text[:1].isdigit() else text)
        return r" \, ".join(texts)

    def quotient(self, above: list[Expr], below: list[Expr]) -> Text:
        """A fraction; a sum, or a derivative that is a fraction itself, stands beside it: 1/N Σ_n …."""
        tall = [factor for factor in above if self.is_tall(factor)]
        flat = [factor for factor in above if not self.is_tall(factor)]
        over = self.product(flat) if len(flat) > 1 else (self.text(flat[0]) if flat else "1")
        under = self.product(below) if len(below) > 1 else self.text(below[0])
        written = rf"\frac{{{over}}}{{{under}}}"
        if tall:
            # The tall factors keep their own order behind the fraction.
            written += r" \, " + self.product(tall)
        return written, Precedence.PRODUCT

    def is_tall(self, factor: Expr) -> bool:
        """Sums, case distinctions and derivatives: fractions of their own or as high as one."""
        if isinstance(factor, Indexed) and self.is_adjoint(str(factor.base.label)):
            return self.text(factor).startswith(r"\frac")
        return self.write(factor)[1] == Precedence.PRODUCT or bool(factor.is_Piecewise)

    def power(self, base: Expr, exponent: Expr) -> str:
        function = ELEMENTARY.get(NAMES.get(type(base), ""))
        if function and function.is_raised and exponent.is_Integer:
            return rf"{function.latex}^{{{self.text(exponent)}}}\left({self.text(base.args[0])}\right)"
        written, level = self.write(base)
        # a^{(1)} has a superscript already: the square goes outside of brackets.
        plain = level == Precedence.ATOM and "^" not in written and not written.startswith(r"\frac")
        return f"{written if plain else self.brackets(written)}^{{{self.text(exponent)}}}"

    def function(self, name: str, arguments: tuple[Expr, ...]) -> Text:
        inside = ",\\, ".join(self.text(part) for part in arguments)
        match name:
            case "abs":
                return rf"\left|{inside}\right|", Precedence.ATOM
            case "sqrt":
                return rf"\sqrt{{{inside}}}", Precedence.ATOM
            case "floor" | "ceil":
                return whole_number(name, inside), Precedence.ATOM
            case "exp" if _is_short(arguments[0]) and not self.e_is_taken:
                return rf"e^{{{inside}}}", Precedence.ATOM
            case _:
                return rf"{command(name)}\left({inside}\right)", Precedence.ATOM

    def solved(self, form: ImplicitEquation, node: Expr) -> Text:
        """On paper it is enough that a quantity stands on both sides."""
        if form.factored is None and form.right is None:
            return self.write(node.args[1])
        return super().solved(form, node)

    def linear_solution(self, letters: list[Symbol], matrix: Expr, right: Expr) -> Text:
        under = "".join(self.letter(letter) for letter in letters)
        sign = rf"{operator('solve')}_{{{under}}}" if under else operator("solve")
        return rf"{sign}\left({self.text(matrix)},\, {self.text(right)}\right)", Precedence.ATOM

    def total(self, letters: list[Symbol], body: Expr) -> Text:
        signs = "".join(rf"\sum_{{{self.letter(letter)}}} " for letter in letters)
        return f"{signs}{self.bracketed(body, Precedence.PRODUCT)}", Precedence.PRODUCT

    def extreme(self, name: str, letter: Symbol, body: Expr) -> Text:
        sign = r"\max" if name == "max" else r"\operatorname{arg\,max}"
        return rf"{sign}_{{{self.letter(letter)}}} {self.bracketed(body, Precedence.PRODUCT)}", Precedence.PRODUCT

    def cases(self, branches: list[tuple[Expr, Relational | None]]) -> Text:
        rows = [f"{self.text(value)} & {otherwise() if test is None else self.condition(test)}" for value, test in branches]
        return r"\begin{cases}" + r" \\ ".join(rows) + r"\end{cases}", Precedence.ATOM

    def delta(self, first: Expr, second: Expr) -> str:
        if is_letter(first) and is_letter(second):
            return rf"{self.notation.kronecker}_{{{self.text(first)}{self.text(second)}}}"
        # y = 0, not 0 = y.
        left, right = (second, first) if first.is_number else (first, second)
        return rf"\mathbf{{1}}[{self.text(left)} = {self.text(right)}]"

    def partial(self, of: Expr, by: Expr) -> str:
        written = rf"\frac{{\partial {self.text(of)}}}{{\partial {self.text(by)}}}"
        if self.is_direct(of, by):
            return rf"\left.{written}\right|_{{\text{{{text_of('formula.direct')}}}}}"
        return written

    def is_direct(self, of: Expr, by: Expr) -> bool:
        """Whether a derivative of the cost is that of its own equation alone, where other equations read the quantity too."""
        return name_of(of) == self.system.cost.tensor.name and len(self.system.readers.get(name_of(by), ())) > 1


def name_of(entry: Expr) -> str:
    """The name of the tensor that an entry belongs to."""
    return str(entry.base.label) if isinstance(entry, Indexed) else str(entry)


def command(function: str) -> str:
    """What stands before the argument, by the function's name in array forms."""
    known = ELEMENTARY.get(function)
    return (known.latex if known else "") or operator(function)


def whole_number(function: str, inside: str) -> str:
    """The brackets of floor and ceil."""
    return rf"\left\l{function} {inside} \right\r{function}"


def otherwise() -> str:
    """What stands beside the last case, in the language of the document."""
    return rf"\text{{{text_of('formula.otherwise')}}}"


def _shared_number(total: Add) -> Expr:
    """The whole number above 1 that every term is a multiple of once, up to its sign; else 1."""
    sizes = {abs(term.as_coeff_Mul()[0]) for term in total.args}
    (shared, *others) = sizes
    return shared if not others and shared.is_Integer and not any(term.is_number for term in total.args) else Integer(1)


def _is_short(expression: Expr) -> bool:
    """Whether an exponent can stand raised: −z, not a fraction or a sum of three."""
    core = -expression if expression.could_extract_minus_sign() else expression
    return isinstance(core, Indexed | Symbol | Integer)


class LatexNumbers(Latex):
    """The same formulas with numbers in place of the entries."""

    def __init__(self, system: System, notation: Notation, values: dict[Expr, float], digits: int = 6) -> None:
        super().__init__(system, notation)
        self.values = values
        self.digits = digits

    def write(self, node: Expr) -> Text:
        if node in self.values:
            return number(self.values[node], self.digits), Precedence.SUM if self.values[node] < 0 else Precedence.ATOM
        return super().write(node)

    def product(self, factors: list[Expr]) -> str:
        return r" \cdot ".join(self.bracketed(factor, Precedence.PRODUCT) for factor in factors)


def _zeros(number: int) -> int:
    """k of 10^k; 0 of any other number."""
    return len(str(number)) - 1 if str(number).strip("0") == "1" else 0
