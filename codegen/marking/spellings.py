"""What people call the quantities of a network: from a name in a work to names of tensors and of adjoints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formulas.letters import name_as_letter
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.system.system import System

#: What stands for a letter of a layer's tensors, where a number follows.
STEMS = {
    "W": "w weights weight theta syn kernel",
    "b": "b bias biases beta",
    "z": "z s net pre score scores logit logits zin in u preact affine",
    "a": "a h o out output act hidden layer l activation relu sigmoid y",
}
#: What a list is called that has an array of each layer; that of activations begins with the input.
LISTS = {
    "W": "weights ws w weight theta thetas weight_matrices coefs".split(),
    "b": "biases bs b bias bias_vectors intercepts".split(),
    "z": "zs z z_list pre_activations".split(),
    "a": "activations as a a_list layer_outputs".split(),
}
#: Those of them that are no name of one array.
PLURAL = "weights ws thetas weight_matrices coefs biases bs bias_vectors intercepts zs z_list pre_activations activations".split()
#: What a list of pairs of an example and its target is called.
PAIRS = "mini_batch minibatch training_data train_data training_set samples".split()
SIZES = "sizes layer_sizes layers_sizes layer_dims layers_dims layers_dim dims architecture topology".split()
INPUTS = "x xs xb x_batch xbatch x_train train_x inputs input data features a0 layer0 l0 h0 feature x0 img image images".split()
TARGETS = (
    "y ys yb y_batch ybatch y_train train_y t target targets label labels y_true ytrue tgt y_onehot y_one_hot one_hot onehot expected"
).split()
OUTPUTS = "yhat y_hat y_pred ypred pred preds prob probs p output out o al predictions probabilities yp aout a_out softmax".split()
LOGITS = "logits scores score zl zout z_out".split()
HIDDEN = "h hidden hidden_layer a hid h_relu hidden_output".split()
COSTS = "c cost loss j l total_loss data_loss error_total e".split()
EXAMPLES = (
    "m n n_samples num_examples num_train n_examples batch_size batch bs m_train nexamples num_samples n_x_samples nsamples b_size".split()
)
RATES = "lr eta alpha learning_rate step_size epsilon rate".split()
PENALTIES = "reg reg_lambda lambd lambda_ lam l2 l2_reg lmbda weight_decay regularization reg_strength l2_half lmda".split()
#: What makes the name of an adjoint of the name of a tensor.
MARKS = re.compile(
    r"^(?:d[lcje]_?(?:d_?|/d)|grads?_(?:d_?)?|gradient_(?:of_)?|delta_?|nabla_?|d_|d|g_|partial_)(?P<of>.+)$"
    r"|^(?P<before>.+?)_?(?:grads?|gradient|delta|error|_d|bar)$"
)


@dataclass(frozen=True)
class Spellings:
    """The names of one network's quantities, as they may be spelled."""

    system: System
    output: str | None
    letters: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tensors(self) -> Mapping[str, str]:
        """From spelled names, in small letters and without underscores before numbers, to tensors; what is more exact comes last."""
        found: dict[str, str] = {}
        for spelled, name in (*self._roles(), *self._layers()):
            found[spelled] = name
        own = {plain(letter): name for letter, name in self.letters.items() if name in self.system.tensors}
        return found | own | {plain(name): name for name in self.system.tensors}

    def _roles(self) -> Iterator[tuple[str, str]]:
        tables = ((INPUTS, self.system.inputs), (TARGETS, self.system.targets))
        for words, tensors in tables:
            if len(tensors) == 1:
                yield from ((plain(word), tensors[0].name) for word in words)
        yield from ((word, self.system.cost.tensor.name) for word in COSTS)
        numbers = sorted(self._numbers())
        output = self.output or (f"a{numbers[-1]}" if numbers and f"a{numbers[-1]}" in self.system.tensors else None)
        if len(numbers) == 2 and f"a{numbers[0]}" in self.system.tensors:
            yield from ((plain(word), f"a{numbers[0]}") for word in HIDDEN)
        if output in self.system.tensors:
            yield from ((plain(word), str(output)) for word in OUTPUTS)
            before = f"z{str(output)[1:]}"
            if before in self.system.tensors:
                yield from ((plain(word), before) for word in LOGITS)

    def constant(self, name: str) -> str:
        """The constant that a name means, by its letter on paper too."""
        return next((own for letter, own in self.letters.items() if plain(letter) == plain(name) and own in self.system.constants), name)

    @cached_property
    def exact(self) -> frozenset[str]:
        """Names that are those of one quantity alone, without words that people use for several."""
        own = {plain(name) for name in (*self.system.tensors, *self.letters)} | {word for word, _ in self._layers()}
        own |= {word for word, name in self._roles() if len(word) == 1 and name in {each.name for each in self.system.targets}}
        return frozenset(own | {f"{mark}{name}" for name in own for mark in ("d", "delta") if mark == "d" or name.isdigit()})

    def is_exact(self, name: str) -> bool:
        """Whether a name is one of a quantity, or of its gradient, beyond doubt: a^{1} is a1 then, and no power."""
        spelled = plain(name)
        return spelled in self.exact or (spelled.startswith("delta") and f"z{spelled[5:]}" in self.exact)

    def _numbers(self) -> set[int]:
        return {int(match[1]) for name in self.system.tensors if (match := re.fullmatch(r"[Wza](\d+)", name))}

    def _layers(self) -> Iterator[tuple[str, str]]:
        numbers = self._numbers()
        for stem, words in STEMS.items():
            for name in self.system.tensors:
                match = re.fullmatch(rf"{stem}(\d+)", name)
                if match:
                    yield from ((f"{word}{match[1]}", name) for word in words.split())
                    if len(numbers) == 1 and stem in "Wb":
                        yield from ((word, name) for word in words.split())

    def numbers_of(self, stem: str) -> list[int]:
        """The numbers of the layers that have such a tensor: W1, W2."""
        return sorted(int(match[1]) for name in self.system.tensors if (match := re.fullmatch(rf"{stem}(\d+)", name)))

    def listed(self, name: str) -> tuple[str, ...]:
        """The tensors that stand in a list of that name, one a layer; none where there is one layer alone."""
        stem = next((stem for stem, words in LISTS.items() if plain(name) in words), None)
        found = tuple(f"{stem}{number}" for number in self.numbers_of(stem)) if stem is not None else ()
        own = (*(tensor.name for tensor in self.system.inputs), *found) if stem == "a" and len(self.system.inputs) == 1 else found
        return own if len(found) > 1 else ()

    def layer(self, place: int, length: int | None = None) -> int | None:
        """The number of the layer in a place of a list of so many: the first one is W1's, or that of the input."""
        numbers = [0, *(self.numbers_of("W") or self.numbers_of("z"))]
        own = numbers[1:] if length in (None, len(numbers) - 1) else numbers
        return own[place] if -len(own) <= place < len(own) and length in (None, len(own)) else None

    def means(self, name: str) -> bool:
        """Whether a name is that of a quantity of the network."""
        return self.tensor(name) is not None or self.adjoint(name) is not None

    @cached_property
    def known(self) -> dict[str, str | None]:
        """Names that were asked for, with their tensors."""
        return {}

    @cached_property
    def known_adjoints(self) -> dict[str, str | None]:
        """And with their adjoints."""
        return {}

    def tensor(self, name: str) -> str | None:
        """The tensor of the network that a name means."""
        if name not in self.known:
            self.known[name] = name if name in self.system.tensors else self.tensors.get(plain(name))
        return self.known[name]

    def adjoint(self, name: str) -> str | None:
        """The adjoint that a name means: dW1 of dW1, grad_w1, W1_grad, delta_1."""
        if name not in self.known_adjoints:
            self.known_adjoints[name] = name if name in self.system.adjoint_of else self._marked(plain(name))
        return self.known_adjoints[name]

    def _marked(self, name: str) -> str | None:
        match = MARKS.match(name)
        if match is None:
            return None
        of = match["of"] or match["before"]
        tensor = self.tensors.get(f"z{of}" if of.isdigit() else of.strip("_"))
        if (
            tensor is not None
            and "delta" in name
            and not any(map(str.isdigit, name))
            and f"z{tensor[1:]}" in self.system.tensors
            and tensor.startswith("a")
        ):
            tensor = f"z{tensor[1:]}"
        return None if tensor is None else self.system.adjoint_name(tensor)


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name in small letters, W_1, w[1] and W_{1} as w1."""
    return re.sub(r"_(?=\d)|[\[\]{}() ']", "", name.lower())


NUMBERS = {plain(word): meaning for meaning, words in (("penalty", PENALTIES), ("rate", RATES), ("examples", EXAMPLES)) for word in words}


@cache
def number(name: str) -> str | None:
    """Whether a name is one of numbers: of the "examples", of the "rate" of learning, or of a "penalty"."""
    return NUMBERS.get(plain(name))


def spellings_of(derivation: Derivation, symbols: Mapping[str, str]) -> Spellings:
    """Those of a network whose description has letters of its own: W1 = "\\theta" is theta."""
    letters = {
        re.sub(r"\\(?:mathrm|mathbf|boldsymbol|mathit|mathbb|mathsf|mathcal|var)|[\\{}^_]", "", letter): name
        for name, letter in {**{name: write_latex(name_as_letter(name)) for name in derivation.system.constants}, **symbols}.items()
    }
    output = next(iter(derivation.system.outputs), None)
    return Spellings(derivation.system, output, letters)
