"""Who is measured beside the generated modules: one table, from what is installed."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import products
import textbook
from nets import NETS, Arrays, Net

from chainrule import InvalidDescription

Prepare = Callable[[Net, Arrays, np.ndarray, np.ndarray], Callable[[], Any]]


@dataclass(frozen=True)
class Peer:
    """One column of the table."""

    name: str
    prepare: Prepare
    #: What has to be installed.
    packages: tuple[str, ...] = ()
    #: Whether it returns the cost and all gradients; the products alone return nothing.
    has_result: bool = True

    @property
    def missing(self) -> list[str]:
        return [package for package in self.packages if importlib.util.find_spec(package) is None]


def by_torch(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    from with_torch import prepare

    return prepare(net, params, x, y)


def by_torch_compiled(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    from with_torch import prepare

    return prepare(net, params, x, y, compiled=True)


def by_jax(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    from with_jax import prepare

    return prepare(net, params, x, y)


def by_autograd(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    from with_autograd import prepare

    return prepare(net, params, x, y)


def by_hand(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    from scipy.special import erf

    return textbook.prepare(net, params, x, y, erf)


def by_products(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    return products.prepare(net, x.dtype)


def by_c(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    return in_workspace(net.module(target="c"), net, params, x, y)


def by_fast(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    return in_workspace(net.module("fast"), net, params, x, y)


def in_workspace(module: ModuleType, net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    bound, workspace = module.packed(module.Parameters(*params)), module.Workspace(net.batch, x.dtype)
    return lambda: workspace.cost_and_gradients(bound, x, y)


def by_plain(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    module = net.module()
    bound = module.Parameters(*params)
    return lambda: module.cost_and_gradients(bound, x, y)


def by_call(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    module = net.module("fast")
    bound = module.packed(module.Parameters(*params))
    return lambda: module.cost_and_gradients(bound, x, y)


#: The generated modules: in C, in fast style with its workspace, in plain style, and in fast style with fresh gradients from each call.
OWN = (Peer("C", by_c), Peer("fast style", by_fast), Peer("plain style", by_plain), Peer("no workspace", by_call))
PEERS = (
    *OWN,
    Peer("torch", by_torch, ("torch",)),
    Peer("torch.compile", by_torch_compiled, ("torch",)),
    Peer("jax.jit", by_jax, ("jax",)),
    Peer("autograd", by_autograd, ("autograd", "scipy")),
    Peer("textbook NumPy", by_hand, ("scipy",)),
    Peer("products alone", by_products, has_result=False),
)


def has_c_compiler() -> bool:
    """Whether a module in C, which looks for one itself, finds it."""
    try:
        NETS["a"].module(target="c")
    except InvalidDescription:
        return False
    return True


def chosen(with_compile: bool) -> tuple[list[Peer], list[str]]:
    """Who can be measured here, and a line on each who cannot."""
    found, lines = [], []
    for peer in PEERS:
        is_compiler = peer.name == "torch.compile"
        if is_compiler and not with_compile:
            lines.append("torch.compile is left out: it takes a while to start; --compile measures it.")
        elif peer.missing:
            lines.append(f"{peer.name} is left out: {' and '.join(peer.missing)} not installed.")
        elif is_compiler and not (shutil.which("g++") or shutil.which("c++")):
            lines.append("torch.compile is left out: it needs a C++ compiler (g++), and none was found.")
        elif peer.name == "C" and not has_c_compiler():
            lines.append("C is left out: it needs a C compiler (cc, gcc, clang or ziglang), and none was found.")
        else:
            found.append(peer)
    return found, lines
