"""Where fuzzing begins: good inputs of every target, and the words of the language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from course_classes import CLASSES
from course_works import CASES
from equation_networks import NETWORKS
from random_systems import random_system

from chainrule.codegen.descriptions.schema import EQUATIONS_SCHEMA, SCHEMA
from chainrule.codegen.formulas.notation_file import KEYS, NOTATIONS, WRITING
from chainrule.symbolic.language.declarations import VALUE_WORDS
from chainrule.symbolic.language.functions import ALL_FUNCTIONS, CONSTANTS
from chainrule.symbolic.layers import KINDS
from chainrule.symbolic.layers.activations import ACTIVATIONS
from chainrule.symbolic.layers.costs import COSTS
from chainrule.symbolic.layers.network import TARGETS as VALUES_OF_TARGETS

ROOT = Path(__file__).parents[2]
RANDOM_SYSTEMS = 120
#: Of a piece of a work.
LINES = 4
COMMANDS = (
    "build net.toml -o out --style fast --formats tex,html,md,ipynb,slides,pdf --derivatives gradient,hvp,hessian",
    "build net.toml --notation delta --language zh-TW --force",
    "build net.toml --explain --batch 64 --without in-place,reuse",
    "build 4-5-3 --activation tanh --cost squared_error --targets labels",
    "derive net.toml --wrt W1 --level matrix --latex",
    "derive 2-2-2 --level scalar",
    "equations net.toml",
    "check net.toml --derivatives hvp,hessian",
    "list activations",
    "list",
    "--help",
    "--version",
)
#: Works of the network that is fuzzed, as code and as formulas.
WRITTEN = (
    "py\nz1 = x @ W1.T + b1\na1 = np.tanh(z1)\nz2 = a1 @ W2.T + b2\na2 = 1/(1 + np.exp(-z2))\ndz2 = (a2 - y)*a2*(1 - a2)/N\n"
    "dW2 = dz2.T @ a1\ndb2 = dz2.sum(axis=0)\ndz1 = dz2 @ W2 * (1 - a1**2)\ndW1 = dz1.T @ x\ndb1 = np.sum(dz1, axis=0)\n",
    "txt\ndz2[n,k] = (a2[n,k] - y[n,k])*a2[n,k]*(1 - a2[n,k])/N\n"
    "dW2[k,j] = sum(n, dz2[n,k]*a1[n,j])\ndz1 = dz2 W2 ⊙ (1 - a1**2)\ndW1 = dz1ᵀ x\n",
    "tex\n\\[ \\frac{\\partial C}{\\partial W^{(2)}_{kj}} = \\sum_n \\delta^{(2)}_{nk} a^{(1)}_{nj} \\]\n$$ dW_1 = dz_1^\\top x $$\n",
    "py\ndef unit(v, W):\n    s = np.sum(v * W)\n    return s\ndef f(x, W1, b1):\n    z1 = np.zeros((len(x), len(W1)))\n"
    "    for n in range(len(x)):\n        for j in range(len(W1)):\n            z1[n, j] = unit(W1[j], x[n]) + b1[j]\n    return z1\n",
    "py\nz1 = x @ W1.T + b1\na1 = np.tanh(z1)\ndW2 = np.zeros(W2.shape)\nfor k in range(len(W2)):\n    for j in range(a1.shape[1]):\n"
    "        dW2[k, j] += np.max(dz2[:, j]) * a1[0, k]\n",
    "md\n# A\n\n| gradient | formula | shape |\n| --- | --- | --- |\n| $dW^{(1)}$ | $`dz^{(1)\\top} x`$ | $2 \\times 3$ |\n\n"
    "```python\na = $1\n```\n",
    "md\n## B\n\nHere $f, u$ stand for any quantities and functions.\n\n```math\n"
    "\\begin{aligned} da^{(1)}_{nj} &= \\sum_k dz^{(2)}_{nk} W^{(2)}_{kj} "
    "\\\\ &= 0 \\end{aligned}\n```\n$$W^{(1)} := W^{(1)} - \\alpha\\, dW^{(1)}$$\n",
    "tex\n\\section{C}\n\\begin{tabular}{ll} $dW$ & $dz$ \\\\ \\end{tabular}\n\\begin{listing}\nd = 3\n\\end{listing}\n"
    "$\\mathrm{d}z^{(1)}_{n} = \\underbrace{W}_{2 \\times 3} \\, \\mathbf{1}_{6}$\n",
    'ipynb\n{"cells": [{"cell_type": "code", "source": ["%matplotlib inline\\n", "dW1 = dz1.T @ x\\n"], "outputs": []}]}',
)
#: What is called in works, and what would be harmful there.
OF_WORKS = (
    "np.zeros( np.ones( np.dot( np.einsum( np.sum( np.reshape( np.repeat( np.tile( np.pad( np.split( np.add.at( np.where( .T .sum( axis=0 "
    "keepdims=True "
    "range( len( sum( max( while for in def return lambda class self. if else: += -= @ ** 10**9 10**6 1.0 [: None "
    "-1 z1 a1 dz2 dW1 W2 x y N "
    "__import__('os') exec( open( .__class__ f'{x:99999}' \\frac{ \\sum_ \\partial \\top ∂C/∂ Σ_n ⊙ ᵀ \\text{ $ $$ \\\\["
).split(" ")
#: Pieces that are no words of the language, and that other programs have stumbled over.
STRANGE = (
    "9**9**9**9 1e400 1e-400 -0.0 nan inf 0x_f 1_0 1j 0b1 \u202e \u2028 \ufeff \u200b \ud7ff κ ｗ ² − × … "
    "__class__ __import__ lambda: `` {{ }} {% %} \"\"\" ''' \\N{DASH} \\u0000 \\input{x} $$ <!-- --> </script> %(x)s %n := -> ... @ ; # != "
    "99999999999999999999 2147483648 -1 [[[[ ]]]] (((( )))) ,,,, **** //// \\\\ \t [[layers]] [cost] [symbols] = == <= >= ' \" \r\n"
).split(" ")


def seeds(target: str) -> list[bytes]:
    """Good inputs of a target, short ones first."""
    found = [text.encode() for text in dict.fromkeys(_texts(target)) if len(text) < 6_000]
    return sorted(found, key=lambda data: (len(data), data))


def _texts(target: str) -> Iterable[str]:
    match target:
        case "equations":
            return [_dedented(given["equations"]) for given in _described()]
        case "declarations" | "derivation" | "building":
            return [as_lines(given) for given in _described()]
        case "description":
            return [*_files(), *map(as_toml, _described())]
        case "shorthand":
            return ["784-16-16-10", "2-2", "1-1-1-1-1-1", "99999999-1", "3-0", "--1", "net.toml", "/dev/null", "-"]
        case "formulas":
            formulas = [entry.expression for entry in ACTIVATIONS.values()]
            costs = [entry.expression for entry in COSTS.values()]
            return [
                *(f"{name}\n{cost}\n{kind}" for name in ACTIVATIONS for cost, kind in zip(COSTS, [*VALUES_OF_TARGETS] * 4, strict=False)),
                *(f"{formula}\n{cost}\n" for formula in formulas for cost in costs[:4]),
            ]
        case "symbols":
            return ['a1 = "h"', 'W2 = "\\\\alpha"', 'x = "input"\nz1 = "s 1"', "n = 'm'\nC = '\\Omega'"]
        case "work":
            # Whole ones, and hostile ones, have tests of their own: each would take the time of a hundred others.
            return [*(f"py\n{piece}" for _, text in (*CASES.values(), *CLASSES.values()) for piece in _pieces(text)), *WRITTEN]
        case "notation":
            return [(ROOT / "codegen" / "formulas" / "notations" / f"{name}.toml").read_text(encoding="utf-8") for name in NOTATIONS]
        case _:
            return COMMANDS


def _pieces(text: str) -> Iterable[str]:
    """A few lines each."""
    lines = text.strip("\n").split("\n")
    return ("\n".join(lines[place : place + LINES]) + "\n" for place in range(0, len(lines), LINES))


def _files() -> list[str]:
    places = [*sorted(ROOT.glob("generated/*/*.toml")), *sorted(ROOT.glob("tests/problems/cases/*.toml"))]
    return [path.read_text(encoding="utf-8") for path in places]


def _described() -> list[Mapping[str, Any]]:
    """Descriptions by equations, as keyword arguments of `Network.from_equations`."""
    return [*NETWORKS.values(), *(random_system(number).description for number in range(RANDOM_SYSTEMS))]


def _dedented(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def as_lines(given: Mapping[str, Any]) -> str:
    """A description in the form of `targets.declarations`."""
    rows = [";".join(given.get(key, ())) for key in ("parameters", "inputs", "targets")]
    return "\n".join([*rows, given.get("batch") or "", _dedented(given["equations"])])


def as_toml(given: Mapping[str, Any]) -> str:
    """A description as a file."""
    lines = ['name = "net"']
    lines += [f"{key} = {json.dumps(list(given[key]))}" for key in ("inputs", "targets", "parameters") if given.get(key)]
    lines.append(f'equations = """\n{_dedented(given["equations"])}\n"""')
    lines += [f'batch = "{given["batch"]}"'] if given.get("batch") else []
    for key in ("sizes", "constants"):
        lines += [f"[{key}]", *(f"{name} = {value}" for name, value in given[key].items())] if given.get(key) else []
    return "\n".join(lines) + "\n"


def words() -> list[str]:
    """The words of descriptions, of the equation language and of the command."""
    found = [*ALL_FUNCTIONS, *CONSTANTS, *VALUE_WORDS, *SCHEMA["properties"], *EQUATIONS_SCHEMA["properties"], *ACTIVATIONS, *COSTS]
    found += [*KINDS, *(key for kind in KINDS.values() for key in kind.options), *VALUES_OF_TARGETS, *KEYS, *WRITING]
    found += ["sum(k, ", "mean(n, ", "max(k, ", "where(z > 0, ", "[n,k]", "[n,t-1]", "2*i + p - 1", " in one_hot", " in v", "[n,-1]"]
    found += [word for line in COMMANDS for word in line.split()]
    found += OF_WORKS
    return list(dict.fromkeys([*found, *STRANGE]))


def dictionary() -> str:
    """The words in the form that libFuzzer reads."""
    written = ("".join(f"\\x{byte:02x}" for byte in word.encode("utf-8", errors="replace")) for word in words() if word)
    return "".join(f'"{word}"\n' for word in written)
