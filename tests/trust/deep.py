"""The deep check on a corpus: equation networks, each kind of layer alone and together, and the networks that mistakes are put into."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import equation_networks
import layer_networks

from chainrule import Network, derive
from chainrule.codegen.checking.deep_check import DeepCheck, deep_check
from chainrule.codegen.cli.deep_check_table import precision
from chainrule.symbolic.language.system_reader import system_from_equations

from .mutated_networks import NETWORKS
from .record import VACUOUS, Progress, Record

#: As in a deep check by the command.
SEED = 0
#: What is counted, by the words of the page.
COUNTED = {
    "steps": "steps of derivations, both sides evaluated",
    "adjoints": "adjoints against complex steps",
    "rewrites": "rewrites that fired, each alone",
    "gradients": "slopes of modules against extrapolated differences",
    "forward mode": "slopes of modules against the forward mode",
    "styles": "arrays of fast modules against plain ones",
    "calls": "ways of calling, before, between and after other calls",
    "optimisers": "entries of parameters followed through steps of optimisers",
}


def corpus() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Networks by name, made when they are asked for."""
    for name, described in equation_networks.NETWORKS.items():
        yield f"equations {name}", lambda described=described: system_from_equations(**described)
    for name, layers in {**layer_networks.ALONE, **layer_networks.TOGETHER}.items():
        yield f"layers {name}", lambda layers=layers: Network(**layers)
    for name, made in NETWORKS.items():
        yield f"mistakes' {name}", made


def checked(made: Callable[[], Any], seed: int = SEED) -> DeepCheck:
    """The deep check of one network."""
    return deep_check(derive(made()), seed)


def run(progress: Progress = lambda _: None, every: int = 1) -> Record:
    """Checks every network of the corpus, or every n-th."""
    started = time.monotonic()
    tried: Counter[str] = Counter()
    failures: list[str] = []
    derivations, vacuous, largest, own = 0, 0, 0.0, 0.0
    for name, made in list(corpus())[::every]:
        progress(name)
        try:
            found = checked(made)
        except Exception as failure:
            failures.append(f"{name}: {type(failure).__name__}: {str(failure)[:300]}")
            continue
        derivations += 1
        tried.update({check: found.tried(check) for check in COUNTED})
        vacuous += found.vacuous
        gradients = [finding for finding in found.findings if finding.check == "gradients"]
        largest = max(largest, *(finding.largest or 0.0 for finding in gradients))
        own = max(own, *(finding.numeric or 0.0 for finding in gradients))
        failures += [f"{name}: {finding.check} of {finding.subject}: {finding.reasons[0]}" for finding in found.failed]
    counted = ((words, tried[check]) for check, words in COUNTED.items())
    return Record(
        "Derivations and modules",
        "Is every step true, and does every module compute the gradient of its equations?",
        (("derivations", derivations), ("modules", 2 * derivations), *counted, (VACUOUS, vacuous)),
        tuple(failures),
        time.monotonic() - started,
        remarks=(
            f"Slopes of modules differ from numeric ones by at most {largest:.1e}, which are good to {own:.1e} by their own estimate; "
            f"computed in {precision()}.",
            "Where a step crossed a kink, a shorter one was taken.",
        ),
    )
