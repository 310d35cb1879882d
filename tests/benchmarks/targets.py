"""What is aimed at, as the peer's time divided by ours in float32 with one thread, and what stands in the way where it is missed.

The targets were set on another machine (two cores of a Cascade Lake) from the best NumPy written by hand there.
"""

from __future__ import annotations

from collections.abc import Mapping

from measuring import Timing

PEERS = ("torch", "jax.jit", "textbook NumPy", "products alone")
ROWS: dict[str, dict[str, tuple[float, ...]]] = {
    "fast style": {
        "a": (90, 10, 20),
        "b": (7.4, 2.8, 2.7, 0.55),
        "c64": (1.55, 1.15, 1.3, 0.90),
        "c1024": (0.95, 0.95, 1.1, 0.94),
        "d": (0.82, 1.2, 1.1, 0.95),
        "e": (4.6, 1.6, 1.9, 0.72),
        "f": (1.34, 2.3, 3.2),
        "g": (4.1, 1.6, 3.4, 0.61),
        "h": (1.5, 1.2, 1.7, 0.65),
    },
    "C": {"a": (300, 35), "b": (16, 8), "c64": (2, 1.7), "e": (8.5, 3), "f": (1, 1), "g": (8, 4), "h": (1, 1)},
}
#: Of which module, by network and peer.
TARGETS: dict[str, dict[str, dict[str, float]]] = {
    own: {name: {peer: aim for peer, aim in zip(PEERS, row, strict=False) if aim} for name, row in rows.items()}
    for own, rows in ROWS.items()
}

#: Where a target is missed: where the time goes. Of fast style, by a profile of the lines of the passes. Of C, by the machine's counter of
#: time around each product and each loop (the least of 6,000 calls), and by the time that as many multiply-adds take where nothing else is
#: done: two vectors of 16 numbers a cycle on the machine on which this was found (a Xeon with AVX-512).
REASONS: dict[str, dict[str, str]] = {
    "fast style": {
        "a": "two arrays become numbers and one comes back, and between them are 52 operations on Python's floats of some 10 ns each",
        "b": "57 % are products, in 12 calls; 30 more calls of NumPy of 0.1 to 0.4 µs each work on arrays of a few hundred entries",
        "c64": "all but a few per cent are products, and these are most of the textbook's time too",
        "c1024": "91 % are products; the largest entries of the softmax, relu and the biases written out take 2 % each",
        "d": "all but a hundredth are products, and XLA's own are quicker than OpenBLAS's here",
        "e": "69 % are products, in 43 calls; tanh takes 9 %, 65 more calls over 2,048 entries each the rest",
        "g": "63 % are products, two thirds of their calls one step after the other; the sums and tanh of the steps take 20 %",
        "h": "67 % are products, the error function takes 10 %, and 80 functions of every entry the rest",
    },
    "C": {
        "a": "the function takes 0.14 µs, a seventh of the time; the rest is Python's call of it",
        "b": "90 % are products, and 59 % is what their multiply-adds take at the machine's most",
        "c64": "93 % are products, and 85 to 90 % is what their multiply-adds take at the machine's most",
        "e": "86 % are products, and 71 % is what their multiply-adds take at the machine's most",
        "g": "74 % are products, and 61 % is what their multiply-adds take at the machine's most",
    },
}
#: Networks of which nothing but the products of `products.py` can be the least: a is computed without arrays, f with fewer products.
BY_PRODUCTS = ("b", "c64", "c1024", "d", "e", "g", "h")


def target_table(timings: Mapping[str, Timing], own: str) -> str:
    """Each net's targets beside what was measured; a miss in bold, with what the products alone leave open.

    Nothing that calls NumPy's products is quicker than they are: a peer's time divided by theirs is the most that can be reached.
    """
    missed: set[str] = set()
    lines = [f"| net | peer | target of {own} | measured | at most, by the products alone |", "| --- | --- | ---: | ---: | ---: |"]
    for name, timing in timings.items():
        for peer, target in TARGETS[own].get(name, {}).items():
            if peer not in timing.rounds:
                continue
            found = timing.ratio(peer, own).middle
            shown = f"{found:.2f}" if found >= target else f"**{found:.2f}**"
            bounded = peer != "products alone" and name in BY_PRODUCTS and own != "C"
            most = f"{timing.ratio(peer, 'products alone').middle:.2f}" if bounded else ""
            lines.append(f"| {name} | {peer} | {target:g} | {shown} | {most} |")
            missed |= {name} if found < target else set()
    reasons = [f"- {name}: {REASONS[own][name]}." for name in timings if name in missed and name in REASONS[own]]
    return "\n".join([*lines, *(["", *reasons] if reasons else [])])
