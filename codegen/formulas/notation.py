"""A notation: which letter stands for a tensor, where the layer's number goes, how an adjoint is written.

The structure of a document does not depend on it. Letters of single tensors can be replaced by a description's [symbols].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from chainrule.codegen.document.node_walk import letters as letters_in
from chainrule.codegen.document.nodes import Letter, Node, Style, bracketed, row
from chainrule.symbolic.system.system import System

from .letters import GREEK, letter_of, name_as_letter, upright

#: Letters of a notation that chooses no others.
UPRIGHT_D, DELTA, SIGMA, ETA = upright("d"), Letter("δ"), Letter("σ"), Letter("η")


#: Signs for the Kronecker delta; no tensor can be written with the last one.
KRONECKER = (DELTA, Letter("I"), Letter("1", Style.DOUBLE_STRUCK))


#: Letters of learning rates, constants and places, where the usual one stands for something else.
RATES = tuple(map(Letter, "ηαλρκ"))
CONSTANTS = tuple(map(Letter, "κτνξπψχ"))
PLACES = "vuqprslmgcfoebdkhijtnxyzwμιωζ"


@dataclass(frozen=True, slots=True)
class TensorSymbol:
    """A tensor's letter, with its layer where it belongs to one."""

    letter: Node
    layer: str = ""


#: How much a document says: each pattern once with its numbers, or every step of every gradient.
LENGTHS = {
    "short": "each pattern once, with numbers, and the rest as tables",
    "full": "every gradient with all of its steps, and the module",
}


@dataclass(frozen=True)
class Notation:
    """Choices of one way of writing; see the folder notations beside this one for their files.

    `entry_letters` are for single entries, `matrix_letters` for whole arrays. `layer_marks` stand around the layer's number. Gradients
    are "partial", ∂C/∂w, or "d", dw with `gradient_mark` in front; where there is an
    `error_letter`, it stands for ∂C/∂z. With `chain_from_cost` a chain of derivatives is written from the cost back; with
    `local_factor_first` a local derivative stands before the gradient that it is multiplied with. `sections` are those of a full document,
    `short` those of a short one; without any, both have the same. `source` says whose lectures write so.
    """

    name: str
    entry_letters: Mapping[str, Node]
    matrix_letters: Mapping[str, Node]
    meaning: str = ""
    source: str = ""
    sections: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    layer_marks: str = "()"
    entry_gradients: str = "partial"
    array_gradients: str = "d"
    gradient_mark: Node = UPRIGHT_D
    error_letter: Node | None = None
    chain_from_cost: bool = False
    local_factor_first: bool = False
    entrywise_product: str = "⊙"
    sums_over_examples: str = "ones"
    examples: str = "rows"
    kronecker: Node = DELTA
    activation: Node = SIGMA
    output: Node | None = None
    learning_rate: Node = ETA
    assignment: str = "←"
    overrides: Mapping[str, str] = field(default_factory=dict)
    of_layers: bool = True
    owned: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Node] = field(default_factory=dict)

    def adapted(self, symbols: Mapping[str, str], of_layers: bool, owned: Mapping[str, tuple[str, str]] | None = None) -> Notation:
        """The same notation with the letters of a description put in; names of an equation network are its author's own letters.

        `owned` are tensors of layers of several kinds, each with its stem and what stands above: Wi2, of a gate, is W^{(i, 2)}.
        """
        return replace(self, overrides=dict(symbols), of_layers=of_layers, owned=owned or {})

    def sections_of(self, length: str) -> tuple[str, ...]:
        """The sections of a document of one of `LENGTHS`, in order."""
        return self.short if length == "short" and self.short else self.sections

    def of(self, system: System) -> Notation:
        """The same notation beside the letters of a system."""
        places = (letter for axis in system.axes.values() for letter in (axis.name, *axis.letters))
        return self.beside(system.tensors, places, system.constants)

    def beside(self, tensors: Iterable[str], places: Iterable[str] = (), constants: Iterable[str] = ()) -> Notation:
        """The same notation with other letters where it has those of these tensors, places or constants for something else.

        That is the Kronecker delta, the learning rate, the d of a gradient, a place w of an image beside weights w, and a constant δ, as
        of Huber, beside errors δ.
        """
        letters = {letter for tensor in tensors for whole in (False, True) for letter in letters_in(self.symbol(tensor, whole).letter)}
        known = {name: name_as_letter(name) for name in constants}
        letters |= {letter for constant in known.values() for letter in letters_in(constant)}
        firsts = sorted({place[0] for place in places})
        free = (place for place in PLACES if place not in firsts and Letter(place) not in letters)
        return replace(
            self,
            kronecker=next(sign for sign in (self.kronecker, *KRONECKER) if sign not in letters),
            learning_rate=next((sign for sign in (self.learning_rate, *RATES) if sign not in letters), self.learning_rate),
            gradient_mark=UPRIGHT_D if self.gradient_mark in letters | set(map(Letter, firsts)) else self.gradient_mark,
            constants={
                name: next(letter for letter in CONSTANTS if letter not in letters) for name in known if known[name] == self.error_letter
            },
            places={first: next(free, first) for first in firsts if Letter(first) in letters},
        )

    def constant(self, name: str) -> Node:
        """How a constant is written."""
        return self.constants.get(name) or name_as_letter(name)

    def place(self, name: str) -> str:
        """The name of an index as it is written."""
        return self.places.get(name[0], name[0]) + name[1:]

    def symbol(self, tensor: str, whole: bool) -> TensorSymbol:
        """How a tensor of the network is written: one entry of it, or the whole array."""
        letters = self.matrix_letters if whole else self.entry_letters
        if tensor in self.overrides:
            return TensorSymbol(name_as_letter(self.overrides[tensor]))
        stem, layer = split_name(tensor)
        if tensor in self.owned:
            stem, layer = self.owned[tensor]
            return TensorSymbol(letters.get(stem) or letter_of(stem), layer)
        if self.of_layers and stem in letters:
            return TensorSymbol(letters[stem], layer)
        return _own_name(tensor)

    def error_of(self, tensor: str) -> Node | None:
        """The letter of the gradient of a tensor, where the notation calls that an error."""
        return self.error_letter if self.of_layers and split_name(tensor)[0] == "z" else None

    @property
    def any_layer(self) -> Letter:
        """The letter for any layer: beside marks an l is clear, without them a script one cannot be taken for 1."""
        return Letter("l" if self.layer_marks else "ℓ")

    @property
    def last_layer(self) -> Letter:
        """The letter for the number of the last layer, which is not that of the cost."""
        return Letter("K" if self.entry_letters.get("C") == Letter("L") else "L")

    def raised(self, layer: Node | str) -> Node:
        """The layer as it stands above a letter, with its marks."""
        return bracketed(layer, self.layer_marks) if self.layer_marks else row(layer)


def _own_name(tensor: str) -> TensorSymbol:
    """The author's own name: z1[n,j] is z^{(1)}_{nj}, as the place below is taken by indices, and Wi, the weights of a gate i, W^{(i)}."""
    if gate := re.fullmatch(r"([WUVb])_?([a-z])", tensor):
        return TensorSymbol(Letter(gate[1]), gate[2])
    stem, digits = re.fullmatch(r"(.*?)_?(\d*)", tensor).groups()  # type: ignore[union-attr]
    # bndiff^{(2)} beside bndiff² would be read as a power: the number stays in the word.
    is_word = len(stem) > 1 and stem.isascii() and stem not in GREEK
    return TensorSymbol(upright(tensor), "") if is_word else TensorSymbol(name_as_letter(stem), digits)


def split_name(tensor: str) -> tuple[str, str]:
    """W12 → W, 12 and Wenc → W, enc; a name that no layer owns is its own stem."""
    if len(tensor) > 1 and tensor[0] in "Wbza":
        return tensor[0], tensor[1:]
    return tensor, ""
