"""A notation: which letter stands for a tensor, where the layer's number goes, how an adjoint is written.

The structure of a document does not depend on it. Letters of single tensors can be replaced by a description's [symbols].
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega".split()
)
#: Combining marks and LaTeX's accents.
ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot"}
#: Names of constants that are written with another letter.
CONSTANT_LETTERS = {
    "l1": r"\lambda_1",
    "l2": r"\lambda_2",
    "l1_half": r"\lambda_1",
    "l2_half": r"\lambda_2",
    "epsilon": r"\varepsilon",
    "scale": r"\lambda",
    "mean": r"\hat m",
    "variance": r"\hat v",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
}


#: Signs for the Kronecker delta; no tensor can be written with the last one.
KRONECKER = (r"\delta", "I", r"\mathbb{1}")


@dataclass(frozen=True, slots=True)
class TensorSymbol:
    """A tensor's letter, with its layer where it belongs to one."""

    letter: str
    layer: str = ""


@dataclass(frozen=True)
class Notation:
    """Choices of one way of writing; see the folder notations beside this one for their files.

    `entry_letters` are for single entries, `matrix_letters` for whole arrays. `layer_marks` stand around the layer's number. Gradients
    are "partial", ∂C/∂w, or "d", dw with `gradient_mark` in front; where there is an
    `error_letter`, it stands for ∂C/∂z. With `chain_from_cost` a chain of derivatives is written from the cost back; with
    `local_factor_first` a local derivative stands before the gradient that it is multiplied with.
    """

    name: str
    entry_letters: Mapping[str, str]
    matrix_letters: Mapping[str, str]
    meaning: str = ""
    sections: tuple[str, ...] = ()
    layer_marks: tuple[str, str] = ("(", ")")
    entry_gradients: str = "partial"
    array_gradients: str = "d"
    gradient_mark: str = r"\mathrm{d}"
    error_letter: str = ""
    chain_from_cost: bool = False
    local_factor_first: bool = False
    entrywise_product: str = r"\odot"
    sums_over_examples: str = "ones"
    examples: str = "rows"
    kronecker: str = r"\delta"
    activation: str = r"\sigma"
    output: str = ""
    learning_rate: str = r"\eta"
    assignment: str = r"\leftarrow"
    overrides: Mapping[str, str] = field(default_factory=dict)
    of_layers: bool = True
    owned: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def adapted(self, symbols: Mapping[str, str], of_layers: bool, owned: Mapping[str, tuple[str, str]] | None = None) -> Notation:
        """The same notation with the letters of a description put in; names of an equation network are its author's own letters.

        `owned` are tensors of layers of several kinds, each with its stem and what stands above: Wi2, of a gate, is W^{(i, 2)}.
        """
        return replace(self, overrides=dict(symbols), of_layers=of_layers, owned=owned or {})

    def beside(self, tensors: Iterable[str]) -> Notation:
        """The same notation with a sign for the Kronecker delta that none of these tensors is written with."""
        letters = {self.symbol(tensor, whole).letter for tensor in tensors for whole in (False, True)}
        return replace(self, kronecker=next(sign for sign in (self.kronecker, *KRONECKER) if sign not in letters))

    def symbol(self, tensor: str, whole: bool) -> TensorSymbol:
        """How a tensor of the network is written: one entry of it, or the whole array."""
        letters = self.matrix_letters if whole else self.entry_letters
        if tensor in self.overrides:
            return TensorSymbol(latex_letter(self.overrides[tensor]))
        stem, layer = split_name(tensor)
        if tensor in self.owned:
            stem, layer = self.owned[tensor]
            return TensorSymbol(letters.get(stem, stem), layer)
        if self.of_layers and stem in letters:
            return TensorSymbol(letters[stem], layer)
        return _own_name(tensor)

    def is_pre_activation(self, tensor: str) -> bool:
        """Whether the gradient of a tensor is what the notation calls an error."""
        return bool(self.error_letter) and self.of_layers and split_name(tensor)[0] == "z"

    @property
    def any_layer(self) -> str:
        """The letter for any layer: beside marks an l is clear, without them a script one cannot be taken for 1."""
        return "l" if self.layer_marks[0] else r"\ell"

    def raised(self, layer: str) -> str:
        """The layer as it stands above a letter, with its marks."""
        left, right = self.layer_marks
        return f"{left}{layer}{right}"


def _own_name(tensor: str) -> TensorSymbol:
    """The author's own name: z1[n,j] is z^{(1)}_{nj}, as the place below is taken by indices, and Wi, the weights of a gate i, W^{(i)}."""
    if gate := re.fullmatch(r"([WUVb])_?([a-z])", tensor):
        return TensorSymbol(gate[1], gate[2])
    stem, digits = re.fullmatch(r"(.*?)_?(\d*)", tensor).groups()  # type: ignore[union-attr]
    # bndiff^{(2)} beside bndiff² would be read as a power: the number stays in the word.
    is_word = len(stem) > 1 and stem.isascii() and stem not in GREEK
    return TensorSymbol(upright(tensor), "") if is_word else TensorSymbol(latex_letter(stem), digits)


def split_name(tensor: str) -> tuple[str, str]:
    """W12 → W, 12 and Wenc → W, enc; a name that no layer owns is its own stem."""
    if len(tensor) > 1 and tensor[0] in "Wbza":
        return tensor[0], tensor[1:]
    return tensor, ""


def upright(name: str) -> str:
    """A word inside of a formula."""
    return r"\mathrm{" + name.replace("_", r"\_").replace(" ", r"\ ") + "}"


def operator(name: str) -> str:
    """A function's name that LaTeX has no command for."""
    return r"\operatorname{" + name.replace("_", r"\_") + "}"


def latex_letter(name: str) -> str:
    """A name as LaTeX: Greek by its English name, digits at the end as a subscript, several letters upright."""
    if name in CONSTANT_LETTERS:
        return CONSTANT_LETTERS[name]
    if name.startswith("\\"):
        return name
    stem, digits = re.fullmatch(r"(.*?)_?(\d*)", name).groups()  # type: ignore[union-attr]
    if stem in GREEK:
        letter = f"\\{stem}"
    elif not stem.isascii():
        letter = _accented(stem)
    elif len(stem) == 1:
        letter = stem
    else:
        letter = upright(stem)
    return f"{letter}_{{{digits}}}" if digits else letter


def _accented(stem: str) -> str:
    """ŷ as \\hat{y}; letters that mathematical fonts lack as text."""
    parts = unicodedata.normalize("NFD", stem)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in ACCENTS:
        return f"\\{ACCENTS[parts[1]]}{{{parts[0]}}}"
    return rf"\text{{{stem}}}"
