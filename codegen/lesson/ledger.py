"""The letters of a document, each with the one thing that it stands for; what sections say of no network takes letters that it leaves free.

A document with a letter that is not in its ledger is not made. Sections on functions of their own, y = g(x), say which letters they have
to themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from string import ascii_letters

from chainrule.codegen.document.block_walk import formulas_shown
from chainrule.codegen.document.document import Block
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.node_walk import letters
from chainrule.codegen.document.nodes import Accent, Letter, Node, Scripts, Style
from chainrule.codegen.formulas.function_signs import ONE
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.letters import index_letter, upright
from chainrule.codegen.formulas.notation import KRONECKER, UPRIGHT_D, Notation, TensorSymbol
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.system.system import System

#: Where all letters that are usual are taken.
GREEK_LETTERS = "αβγζηκλμνξπρτυφχψω"
#: What letters of the network stand for, whichever of its quantities that is: the table of symbols says it.
OF_THE_NETWORK = "the network"
INDEX, ANY_LAYER, LAST_LAYER = "an index", "any layer", "the last layer"
#: What stands in front of a quantity's letter where the module has a name of two parts: dW, vW, gW.
PREFIXES = ascii_letters
#: Signs that readers of mathematics know; δ or I is explained where it is met first.
KNOWN = frozenset({*map(Letter, "∂∇⊤eπ…⋮⋯∞σ"), *KRONECKER, ONE, UPRIGHT_D})
#: What optimisers write, by the names of their formulas, the usual letters first.
OF_UPDATES = {"g": "gqξ", "t": "tτ", "v": "vν", "m": "mμ", "s": "sς", "beta": "βγ", "epsilon": "εϵ"}


@dataclass
class Ledger:
    """What each letter stands for; z with an index, a layer or a prime is the letter z.

    `of_layers` has the letters of dense layers in a row; `own` are letters of single blocks, which stand for something else there.
    """

    meanings: dict[Node, str] = field(default_factory=dict)
    of_layers: Notation | None = None
    own: dict[Block, frozenset[Node]] = field(default_factory=dict)

    def enter(self, letter: Node, meaning: str) -> Node:
        """The letter itself.

        Raises:
            CheckFailed: where it stands for something else in this document.
        """
        for part in letters(letter):
            before = self.meanings.setdefault(part, meaning)
            if before != meaning:
                raise CheckFailed(f"a letter would stand for two things, {before} and {meaning}: {write_latex(letter)}")
        return letter

    def to_themselves(self, blocks: Sequence[Block], own: Iterable[str], words: Iterable[str] = ()) -> list[Block]:
        """The blocks, in which these letters, and upright ones, are what they say of them, whatever they stand for elsewhere."""
        self.own |= dict.fromkeys(blocks, frozenset({*map(Letter, own), *map(upright, words)}))
        return list(blocks)

    @property
    def step(self) -> Letter:
        """Of numeric gradients."""
        return self.free("a small step", "hΔετωϕ")

    @property
    def direction(self) -> Letter:
        """Along which parameters are moved together."""
        return self.free("a random direction", "vdqξρ")

    @property
    def parameter(self) -> Node:
        """Any single one."""
        return self.of_layers.entry_letters["W"] if self.of_layers else self.free("any parameter", "wpθ")

    @property
    def argument(self) -> Node:
        """Of an activation function."""
        return self.of_layers.entry_letters["z"] if self.of_layers else self.free("what a function reads", "zxvξ")

    @property
    def activation(self) -> Node:
        """An activation function."""
        return self.of_layers.activation if self.of_layers else self.free("an activation function", "σφψ")

    @property
    def two_indices(self) -> tuple[Letter, Letter]:
        """Of one axis, whichever it is."""
        first = self.free(INDEX, "ikmp")
        return first, self.free(INDEX, (letter for letter in "jlnqr" if letter != first.text))

    @property
    def parameters(self) -> Letter:
        """All of them."""
        return self.free("all parameters", "θϑϕ")

    @property
    def cost_of_one(self) -> Letter:
        """Of one example, beside that of all."""
        return self.free("the cost of one example", "CJE")

    def of_updates(self) -> dict[str, Node]:
        """The letters of optimisers' formulas."""
        found: dict[str, Node] = {name: self.free(f"{name} of an optimiser", usual) for name, usual in OF_UPDATES.items()}
        for name, base in (("mean", "m"), ("variance", "v")):
            found[name] = self.enter(Accent(found[base], "hat"), f"{name} of an optimiser")
        return found

    def free(self, meaning: str, candidates: Iterable[str]) -> Letter:
        """The first of these letters, or of all Greek ones, that stands for nothing else.

        Raises:
            CheckFailed: where there is none.
        """
        for letter in map(Letter, (*candidates, *GREEK_LETTERS)):
            if self.meanings.get(letter, meaning) == meaning:
                self.meanings[letter] = meaning
                return letter
        raise CheckFailed(f"no letter is left for {meaning}")

    def check(self, blocks: Iterable[Block]) -> None:
        """Every letter stands for something; words in upright letters say themselves what they are.

        Raises:
            CheckFailed: at the first that does not.
        """
        for block in blocks:
            for shown in formulas_shown(block):
                for letter in letters(shown):
                    is_word = isinstance(letter, Letter) and letter.style is Style.UPRIGHT and len(letter.text) > 1
                    if not (is_word or letter in KNOWN or letter in self.meanings or letter in self.own.get(block, ())):
                        raise CheckFailed(f"a letter would stand for nothing, {write_latex(letter)}: {write_latex(shown)}")


def ledger_of(system: System, notation: Notation, of_layers: bool = False) -> Ledger:
    """The letters that a network has in a notation: of its quantities, its indices and constants, and what the notation adds.

    Raises:
        CheckFailed: where two quantities are written alike, or one as something else, or an index letter runs over two axes.
    """
    ledger = Ledger()
    written: dict[TensorSymbol, str] = {}
    for name in system.tensors:
        before = written.setdefault(notation.symbol(name, whole=False), name)
        if before != name:
            raise CheckFailed(
                f"a letter would stand for two things, {before} and {name}: {write_latex(notation.symbol(name, False).letter)}"
            )
        for symbol in (notation.symbol(name, whole) for whole in (False, True)):
            ledger.enter(symbol.letter, OF_THE_NETWORK)
            # It stands raised and in brackets: nobody takes the d of dW⁽ᵈ⁾ for two of the same.
            if (layer := upright(symbol.layer)) != notation.gradient_mark:
                ledger.enter(layer, f"the layer {symbol.layer}")
    for letter in map(notation.constant, system.constants):
        ledger.enter(letter, OF_THE_NETWORK)
    added = [(notation.learning_rate, "the learning rate"), (notation.gradient_mark, "a gradient"), (Letter("N"), "a size")]
    if of_layers:
        ledger.of_layers = notation
        for letter in (*notation.entry_letters.values(), *notation.matrix_letters.values()):
            ledger.enter(letter, OF_THE_NETWORK)
        added += [(notation.any_layer, ANY_LAYER), (notation.activation, "the activation function")]
        further = ((notation.error_letter, "the error"), (notation.output, "the prediction"))
        added += [(letter, meaning) for letter, meaning in further if letter is not None]
    for letter, meaning in added:
        ledger.enter(letter, meaning)
    for letter in _index_letters(system, notation):
        # Below the v of v_right stands what it is an index of.
        ledger.enter(letter.base if isinstance(letter, Scripts) else letter, INDEX)
        for part in letters(letter):
            ledger.meanings.setdefault(part, INDEX)
    return ledger


def _index_letters(system: System, notation: Notation) -> list[Node]:
    """Every letter of an axis as it is printed; a user may call places of one axis by several.

    Raises:
        CheckFailed: where one is printed for two axes.
    """
    printer, runs_over = IndexPrinter(system, notation), dict[Node, str]()
    places = dict.fromkeys((*(axis.index for axis in system.axes.values()), *chain(*(tensor.axes for tensor in system.tensors.values()))))
    written = [(printer.letter(place), axis_name(place)) for place in places]
    written += [(index_letter(notation.place(letter)), name) for name, axis in system.axes.items() for letter in axis.letters]
    for letter, axis in written:
        if runs_over.setdefault(letter, axis) != axis:
            raise CheckFailed(f"an index letter would run over two axes, {runs_over[letter]} and {axis}: {write_latex(letter)}")
    return list(runs_over)
