"""Weights that are computed from others: of a length that is a parameter of its own, or divided by their largest singular value.

A layer reads W as ever; V is what is learned.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.symbolic.index.failures import InvalidDescription

from .options import Option, Options


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a layer: what is declared for them, and the equations that make W of it."""

    parameters: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    equations: tuple[str, ...] = ()


def weights(option: Options, outputs: str, rest: str, kind: str) -> Weights:
    """W of these letters, those of the outputs first: as they are, or normalised.

    With `weight_norm` W = g V/|V|, a length for each output (Salimans and Kingma, 2016). With `spectral_norm` W = V/sigma, where
    sigma = u V v is the largest singular value once u and v are its vectors (Miyato et al., 2018): they are given with every batch, from
    one step u = V v/|V v|, v = u V/|u V| before it, and are constants to the derivatives.
    """
    everywhere = f"{outputs},{rest}"
    if option.weight_norm and option.spectral_norm:
        raise InvalidDescription(f"{kind}: found weight_norm and spectral_norm, expected one of them", ("spectral_norm",))
    if option.weight_norm:
        inside = ",".join(f"{letter}_" for letter in rest.split(","))
        length = f"sqrt(sum({inside}, V[{outputs},{inside}]**2))"
        return Weights((f"V[{everywhere}]", f"g[{outputs}]"), (), (f"W[{everywhere}] = g[{outputs}]*V[{everywhere}]/{length}",))
    if option.spectral_norm:
        total = f"sum({everywhere}, left[{outputs}]*V[{everywhere}]*right[{rest}])"
        return Weights(
            (f"V[{everywhere}]",), (f"left[{outputs}]", f"right[{rest}]"), (f"sigma = {total}", f"W[{everywhere}] = V[{everywhere}]/sigma")
        )
    return Weights((f"W[{everywhere}]",))


NORMALISED = {
    "weight_norm": Option("whether the length of the weights of each output is a parameter of its own", "switch", False),
    "spectral_norm": Option("whether weights are divided by their largest singular value, whose vectors are given", "switch", False),
}
