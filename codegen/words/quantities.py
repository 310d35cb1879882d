"""What each array of a layer is, in words: a table by the layer's kind and the array's name in its equations.

A row is the key of a sentence, and of the part of the layer that the sentence speaks of where there is one: the weights of the update gate.
"""

from __future__ import annotations

from chainrule.codegen.document.sentence import Sentence

from .sentences import Field, say

Quantity = tuple[str, str]

#: Of every layer that has one.
OF_ANY: dict[str, Quantity] = {"W": ("W", ""), "b": ("b", ""), "z": ("z", ""), "a": ("a", "")}

_NORMALISED_WEIGHTS: dict[str, Quantity] = {
    "V": ("unnormalised", ""),
    "g": ("length", ""),
    "left": ("singular.left", ""),
    "right": ("singular.right", ""),
    "sigma": ("singular.value", ""),
}
_KERNEL: dict[str, Quantity] = {**_NORMALISED_WEIGHTS, "W": ("kernel", ""), "u": ("sum", ""), "v": ("joined", "")}
_EXTENDED: dict[str, Quantity] = {"u": ("extended.once", ""), "v": ("extended.twice", "")}
_NORMALISATION: dict[str, Quantity] = {
    "g": ("gain", ""),
    "b": ("shift", ""),
    "m": ("mean", ""),
    "v": ("variance", ""),
    "u": ("normalised", ""),
}
_ATTENTION: dict[str, Quantity] = {
    **{f"W{letter}": ("part.W", part) for letter, part in zip("qkvo", ("queries", "keys", "values", "heads.joined"), strict=True)},
    **{f"b{letter}": ("part.b", part) for letter, part in zip("qkvo", ("queries", "keys", "values", "heads.joined"), strict=True)},
    "q": ("part", "queries"),
    "k": ("part", "keys"),
    "v": ("part", "values"),
    "s": ("part", "scores"),
    "p": ("part", "attention.weights"),
}


def _gates(gates: str, values: dict[str, str]) -> dict[str, Quantity]:
    """Wi, Ui, bi and zi of a gate i, and its values."""
    stems = {"W": "part.W", "U": "part.U", "b": "part.b", "z": "part.z"}
    found = {f"{stem}{gate}": (key, f"gate.{gate}") for gate in gates for stem, key in stems.items()}
    return found | {name: ("part", f"gate.{gate}") for name, gate in values.items()} | {"h": ("hidden", ""), "s_": ("both", "")}


def _block() -> dict[str, Quantity]:
    """A transformer block: attention, two normalisations and two layers of every step by itself."""
    found = dict(_ATTENTION)
    for number in "12":
        part = f"normalisation.{number}"
        found |= {f"{name}{number}_": (f"part.{key}", part) for name, (key, _) in _NORMALISATION.items() if name != "b"}
        found |= {f"c{number}_": ("part.shift", part), f"y{number}_": ("part.output", part)}
        found |= {f"{stem}{number}_": (f"part.{stem}", f"feedforward.{number}") for stem in "Wb"}
    sums = {"r": ("part", "residual.1"), "r2_": ("part", "residual.2")}
    return {**found, **sums, "w": ("part", "heads"), "f": ("part.z", "feedforward.1"), "e": ("part.a", "feedforward.1")}


QUANTITIES: dict[str, dict[str, Quantity]] = {
    "dense": _NORMALISED_WEIGHTS,
    "embedding": {"E": ("embedding", "")},
    "embedding_bag": {"E": ("embedding", "")},
    "positional": {"P": ("positions", "")},
    "dropout": {"mask": ("mask", "")},
    "swiglu": {
        "W1_": ("part.W", "gate"),
        "b": ("part.b", "gate"),
        "f": ("part.z", "gate"),
        "V": ("part.W", "branch"),
        "c": ("part.b", "branch"),
        "r": ("part", "branch"),
        "s": ("part", "gated"),
        "W2_": ("part.W", "feedforward.2"),
        "d": ("part.b", "feedforward.2"),
    },
    **dict.fromkeys(("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"), _KERNEL),
    **dict.fromkeys(("max_pool1d", "max_pool2d"), _EXTENDED),
    "upsample": {"u": ("enlarged.once", ""), "v": ("enlarged.twice", "")},
    **dict.fromkeys(("batch_norm", "layer_norm", "instance_norm", "group_norm", "rms_norm"), _NORMALISATION),
    "rnn": {"U": ("U", ""), "h": ("hidden", ""), "s_": ("both", "")},
    "lstm": _gates("ifog", {"i_": "i", "f_": "f", "o_": "o", "g_": "g"}) | {"c_": ("cell", "")},
    "gru": _gates("rus", {"r": "r", "u": "u", "s": "s"}) | {"cs": ("part.recurrent_b", "gate.s"), "q": ("part.recurrent", "gate.s")},
    "attention": _ATTENTION,
    "multi_head_attention": {**_ATTENTION, "r": ("part", "heads")},
    "transformer_block": _block(),
    "grouped_query_attention": {**_ATTENTION, "a_": ("part", "rotated.queries"), "c_": ("part", "rotated.keys"), "w": ("part", "heads")},
    "rotary": {"u": ("rotated", "")},
}


def quantity_said(kind: str, own: str, layer: Field, has_activation: bool) -> Sentence | None:
    """What the array of that name is in a layer of this kind; None where no table has it.

    Of a layer that runs both ways, names of the way back end in r.
    """
    known = OF_ANY | QUANTITIES.get(kind, {})
    if own == "a" and not has_activation:
        return say("meaning.output.of", layer=layer)
    if own in known:
        key, part = known[own]
        return say(f"meaning.{key}", layer=layer, **({"part": say(f"part.{part}")} if part else {}))
    if own.endswith("r") and own[:-1] in known:
        forwards = quantity_said(kind, own[:-1], layer, has_activation)
        return say("meaning.backwards", meaning=forwards) if forwards is not None else None
    return None
