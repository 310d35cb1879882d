"""The networks of both corpora and of the benchmark, those of the gallery and random ones, by name, each derived once in a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import equation_networks
import layer_networks
from nets import SMALL
from places import GALLERY
from random_systems import random_system

from chainrule import Derivation, Network, derive, read_description
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System


def _corpus() -> Iterator[tuple[str, Callable[[], Network | System]]]:
    for name, described in equation_networks.NETWORKS.items():
        yield f"equations {name}", lambda described=described: system_from_equations(**described)  # type: ignore[misc]
    for name, layers in {**layer_networks.ALONE, **layer_networks.TOGETHER}.items():
        yield f"layers {name}", lambda layers=layers: Network(**layers)  # type: ignore[misc]
    for name, net in SMALL.items():
        yield f"benchmark {name}", net.kind.network


CORPUS = dict(_corpus())
#: Those of the gallery's folders.
DESCRIPTIONS = {f"gallery {path.stem}": path for path in sorted(GALLERY.glob("*/*.toml"))}
RANDOM = {f"random {number}": number for number in range(40)}


@cache
def derived(name: str) -> Derivation:
    """Raises InvalidDescription at a random system whose cost depends on no parameter."""
    if name in RANDOM:
        return derive(system_from_equations(**random_system(RANDOM[name]).description))
    return derive(read_description(DESCRIPTIONS[name]).network if name in DESCRIPTIONS else CORPUS[name]())
