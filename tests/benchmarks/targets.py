"""What is aimed at, as the peer's time divided by ours in float32 with one thread, and what stands in the way where it is missed.

The targets were set on another machine (two cores of a Cascade Lake) from the best NumPy written by hand there.
"""

from __future__ import annotations

from collections.abc import Mapping

from measuring import Timing

PEERS = ("torch", "jax.jit", "textbook NumPy", "products alone")
TARGETS: dict[str, dict[str, float]] = {
    name: {peer: target for peer, target in zip(PEERS, row, strict=False) if target}
    for name, row in {
        "a": (90, 10, 20),
        "b": (7.4, 2.8, 2.7, 0.55),
        "c64": (1.55, 1.15, 1.3, 0.90),
        "c1024": (0.95, 0.95, 1.1, 0.94),
        "d": (0.82, 1.2, 1.1, 0.95),
        "e": (4.6, 1.6, 1.9, 0.72),
        "f": (1.34, 2.3, 3.2),
        "g": (4.1, 1.6, 3.4, 0.61),
        "h": (1.5, 1.2, 1.7, 0.65),
    }.items()
}

#: Networks of which nothing but the products of `products.py` can be the least: a is computed without arrays, f with fewer products.
BY_PRODUCTS = ("b", "c64", "c1024", "d", "e", "g", "h")


def target_table(timings: Mapping[str, Timing]) -> str:
    """Each net's targets beside what was measured; a miss in bold, with what the products alone leave open.

    Nothing that calls NumPy's products is quicker than they are: a peer's time divided by theirs is the most that can be reached.
    """
    lines = ["| net | peer | target | measured | at most, by the products alone |", "| --- | --- | ---: | ---: | ---: |"]
    for name, timing in timings.items():
        for peer, target in TARGETS.get(name, {}).items():
            if peer not in timing.ratios:
                continue
            found, products = timing.ratios[peer].middle, timing.ratios["products alone"].middle
            shown = f"{found:.2f}" if found >= target else f"**{found:.2f}**"
            most = f"{found / products:.2f}" if peer != "products alone" and name in BY_PRODUCTS else ""
            lines.append(f"| {name} | {peer} | {target:g} | {shown} | {most} |")
    return "\n".join(lines)
