"""Equal layers are derived once: kinds of equations, renaming, and what makes a deep network quick."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest
from places import ROOT

import chainrule
from chainrule import Dense, Layer, Network, derive
from chainrule.symbolic.derivation.equal_equations import canonical_form, renaming
from chainrule.symbolic.index.collector_pause import without_collection
from chainrule.symbolic.system.system import System


def system(equations: str, **more: object) -> System:
    return Network.from_equations(equations, ["W[j,k]"], ["x[n,k]"], batch="n", **more)  # type: ignore[arg-type]


def key(text: str, **more: object) -> str:
    made = system(f"z[n,j] = {text}\nC = sum(n, sum(j, z[n,j]))", **more)
    return canonical_form([made.equations[0].expression], made)[0]


def test_names_and_their_order_make_no_kind() -> None:
    product = "sum(k, W[j,k]*x[n,k])"
    made = Network.from_equations(
        "a9[n,m] = tanh(sum(k, P[m,k]*x[n,k]))\na10[n,q] = tanh(sum(m, Q[q,m]*a9[n,m]))\nC = sum(n, sum(q, a10[n,q]))",
        ["P[m,k]", "Q[q,m]"],
        ["x[n,k]"],
        batch="n",
    )
    first, second = (canonical_form([equation.expression], made)[0] for equation in made.equations[:2])
    assert first == second == key(f"tanh({product})") != key(f"tanh(2*{product})")
    # SymPy writes a10 before a9, and a3 before a4.
    entries = Network.from_equations(
        "a3[n] = w*x[n]\na4[n] = w + x[n]\na9[n] = a3[n] + a4[n]\na10[n] = a4[n] + a9[n]\na11[n] = a9[n] + a10[n]\nC = sum(n, a11[n])",
        ["w"],
        ["x[n]"],
        batch="n",
    )
    sums = {left: entries.definition[name].expression for left, name in {"a3": "a9", "a4": "a10", "a9": "a11"}.items()}
    assert len({canonical_form([entries.tensors[left].own_entry, total], entries)[0] for left, total in sums.items()}) == 1


def test_examples_and_labels_make_a_kind() -> None:
    assert key("sum(k, W[j,k]*x[n,k])") != key("sum(n_, W[j,j]*x[n_,j])")
    made = Network.from_equations("u[n] = w*s[n]\nv[n] = w*t[n]\nC = sum(n, u[n]*v[n])", ["w"], ["s[n]"], ["t[n] in c", "E[c]"], batch="n")
    one, other = (canonical_form([equation.expression], made)[0] for equation in made.equations[:2])
    assert one != other


def test_a_renamed_expression_is_the_other_one() -> None:
    layers = derive(Network(3, [Dense(units, "softmax") for units in (5, 7, 2)], cost="cross_entropy")).system
    for one, other in (("z1", "z2"), ("a1", "a2"), ("a2", "a1")):
        parts = [[made.tensor.own_entry, made.expression] for made in (layers.definition[one], layers.definition[other])]
        (first, names), (second, others) = (canonical_form(part, layers) for part in parts)
        assert first == second
        assert [renaming(names, others).of(part) for part in parts[0]] == parts[1]
        assert renaming(names, names).of(parts[0][1]) is parts[0][1]


@pytest.mark.parametrize("kind", ["layer_norm", "rms_norm", "batch_norm"])
def test_an_equal_layer_has_the_gradients_that_it_would_have_alone(kind: str) -> None:
    """Derived by itself (a network of which it is the first of its kind) or by renaming, the steps are the same."""
    layers = [layer for _ in range(3) for layer in (Dense(5, "tanh"), Layer(kind))]
    deep, shallow = (derive(Network(5, layers[-count:], name="n")) for count in (6, 2))
    last, first = deep.adjoint("W1"), shallow.adjoint("W1")
    assert not last.is_first_of_kind
    assert first.is_first_of_kind
    assert [step.rule for step in last.steps] == [step.rule for step in first.steps]
    assert [str(step.after) for step in last.steps] == [str(step.after) for step in first.steps]


def test_nothing_is_collected_meanwhile_and_everything_is_afterwards() -> None:
    @without_collection
    def outer(fails: bool) -> bool:
        without_collection(lambda: None)()
        if fails:
            raise KeyError
        return gc.isenabled()

    assert gc.isenabled()
    assert not outer(False)
    assert gc.isenabled()
    with pytest.raises(KeyError):
        outer(True)
    assert gc.isenabled()


def test_a_module_is_made_without_what_writes_documents() -> None:
    program = (
        "import sys, chainrule\n"
        "chainrule.load(chainrule.derive(chainrule.Network.stack('2-2')))\n"
        "print(*sorted(name for name in sys.modules if name.startswith(('chainrule.', 'pygments'))))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert "chainrule.codegen.backends.numpy_module" in found
    assert not {
        "chainrule.codegen.formats.html",
        "chainrule.codegen.lesson.sections.registry",
        "chainrule.codegen.build",
        "pygments",
    }.intersection(found)
    assert all(getattr(chainrule, name) for name in chainrule.__all__)
    with pytest.raises(AttributeError, match="module 'chainrule' has no attribute 'write_letter'"):
        _ = chainrule.write_letter
