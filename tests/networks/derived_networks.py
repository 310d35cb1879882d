"""The networks of both corpora and of the benchmark, by name, each derived once for all tests of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import equation_networks
import layer_networks
from nets import SMALL

from chainrule import Derivation, Network, derive
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


@cache
def derived(name: str) -> Derivation:
    return derive(CORPUS[name]())
