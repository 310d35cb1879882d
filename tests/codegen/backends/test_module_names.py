"""A network whose names are those of the module itself: whatever a module calls something, a description may call its own so."""

from __future__ import annotations

import ast
import builtins
import inspect
import itertools
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from types import ModuleType

import equation_networks
import layer_networks
import numpy as np
import pytest

from chainrule import Dense, Derivation, Network, derive
from chainrule.codegen.backends.numpy.module_names import OWN_GLOBALS, OWN_NAMES_OF_TEST, own_names, with_own_variables
from chainrule.codegen.backends.numpy_test import module_test_source
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load, load_source
from chainrule.symbolic.forms.renamed import renamed
from chainrule.symbolic.language.declarations import VALUE_WORDS
from chainrule.symbolic.language.functions import RESERVED
from chainrule.symbolic.language.system_reader import system_from_equations

#: A letter (of Linear A) that no module's own names have; Python takes it in a name.
MARK = chr(0x10600)
OWN_NAMES = own_names("fast")
STYLES = ("plain", "fast")
#: Of the examples, below.
LETTER = "t"
ALL = ("gradient", "hvp", "hessian")
#: Whose modules are looked through: windows, placements, labels, recurrences, scalars, maxima, the error function.
LOOKED_THROUGH = {
    "stack": (lambda: Network(2, [Dense(3, "gelu"), Dense(5, "softmax")], "cross_entropy", targets="labels"), ALL),
    "scalars": (lambda: Network(2, [Dense(2, "sigmoid"), Dense(2, "tanh")], "quadratic"), ALL),
    "image": (lambda: Network(**layer_networks.ALONE["max_pool2d"]), ALL[:1]),
    "transposed": (lambda: Network(**layer_networks.ALONE["conv_transpose1d"]), ALL[:1]),
    "lstm": (lambda: Network(**layer_networks.ALONE["lstm"]), ALL[:1]),
    "embedding": (lambda: system_from_equations(**equation_networks.NETWORKS["embedding"]), ALL[:2]),
    "attention": (lambda: system_from_equations(**equation_networks.NETWORKS["attention"]), ALL[:1]),
    "logistic": (lambda: system_from_equations(**equation_networks.NETWORKS["logistic_regression_with_bias"]), ALL),
}


@cache
def derivation(which: str) -> Derivation:
    return derive(LOOKED_THROUGH[which][0]())


@cache
def wholly_marked(which: str, style: str) -> str:
    """A module in which every name of the network's has a mark; all others are the module's own."""
    system = derivation(which).system
    names = {name: name + MARK for name in (*system.tensors, *system.constants)}
    # All axes but that of the examples, by which their number is called N.
    own = renamed(derivation(which), names, {axis: axis + MARK for axis in system.axes if axis != "n"})
    return module_source(own, derivatives=LOOKED_THROUGH[which][1], style=style)


def functions_of(source: str) -> Iterator[tuple[str, set[str]]]:
    """Every function and method of a module by its name, with the names that it reads and defines."""
    for top in ast.parse(source).body:
        for function in top.body if isinstance(top, ast.ClassDef) else [top]:
            if isinstance(function, ast.FunctionDef):
                inside = [function.args, *function.body]
                nodes = [node for part in inside for node in ast.walk(part)]
                annotations = [node.annotation for node in nodes if isinstance(node, ast.arg) and node.annotation is not None]
                apart = {id(node) for each in annotations for node in ast.walk(each)}
                named = [node for node in nodes if isinstance(node, ast.Name | ast.arg | ast.FunctionDef) and id(node) not in apart]
                yield function.name, {name for node in named for name in identifiers_at(node)}


def identifiers(tree: ast.AST) -> Iterator[str]:
    return itertools.chain.from_iterable(map(identifiers_at, ast.walk(tree)))


def identifiers_at(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Attribute(attr=name):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name
        case ast.keyword(arg=str() as name):
            yield name


@cache
def every_name() -> tuple[str, ...]:
    """Every word of the code of every template of a module, and every identifier of modules in both styles, that a tensor can have."""
    found = {"count", "index", "init", "learning_rate", "True_", "print", "id", "object", "input", "open"}
    for template in resources.files("chainrule.templates").iterdir():
        if template.name.startswith("module"):
            code = re.sub(r'"""[^{}]*?"""|#[^\n]*|\{#.*?#\}', "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
            found |= set(re.findall(r"\b[A-Za-z]\w*", code))
    for which, style in itertools.product(LOOKED_THROUGH, STYLES):
        found |= {name for name in identifiers(ast.parse(wholly_marked(which, style))) if MARK not in name}
    return tuple(sorted(name for name in found if is_usable(name)))


def is_usable(name: str) -> bool:
    """What the language of descriptions takes as a name of a tensor and of an axis; the rest it refuses in words."""
    if name in RESERVED or name in VALUE_WORDS or name.startswith(("_", "N_")) or name in ("N", LETTER) or not name.isascii():
        return False
    return not (keyword.iskeyword(name) or keyword.iskeyword(f"d{name}"))


def test_every_name_of_a_modules_own_is_known() -> None:
    """In functions that read a network's names; what a workspace's arrays are called is chosen among the free ones."""
    unknown = {}
    chosen = re.compile(r"number\w*|ones\w*|[A-Z]+(_\w*)?|scalars|steps_*|N\w*|_\w*")
    for which, style in itertools.product(LOOKED_THROUGH, STYLES):
        for function, names in functions_of(wholly_marked(which, style)):
            if any(MARK in name for name in names):
                own = {name for name in names if MARK not in name and not chosen.fullmatch(name)}
                unknown |= dict.fromkeys(own - own_names(style), (which, style, function))
    assert unknown == {}


def test_every_name_at_the_level_of_a_module_is_known() -> None:
    """Where a constant of that name would take its place."""
    for which, style in itertools.product(LOOKED_THROUGH, STYLES):
        for statement in ast.parse(wholly_marked(which, style)).body:
            is_whole = isinstance(statement, ast.FunctionDef | ast.ClassDef)
            own = {statement.name} if is_whole else {*identifiers(statement)}  # type: ignore[attr-defined]
            own = {name for name in own if MARK not in name and not hasattr(builtins, name) and not name.startswith("_")}
            if not isinstance(statement, ast.If):
                assert own <= own_names(style) | OWN_GLOBALS, (which, style)


def test_every_name_of_the_tests_own_is_known() -> None:
    tree = ast.parse(module_test_source(derivation("stack").system))
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {"pytest", "np", "seed"}
    assert own - {"_", "x", derivation("stack").system.name} <= OWN_NAMES_OF_TEST


#: What each place of the network below is, in an order in which neighbours differ.
PLACES = ("input", "parameter", "intermediate", "target", "constant", "axis")
EQUATIONS = """
{m1}[t,{a1}] = tanh(sum({a2}, {p1}[{a1},{a2}]*{i1}[t,{a2}]) + {p2}[{a1}]*{m1}[t-1,{a1}]) + {c1}
{m2}[t,{a1}] = {m1}[t,{a1}]*sigmoid({p2}[{a1}]) + {i2}[t]**2
{m3}[t] = sum({a1}, {m2}[t,{a1}]**2)/{c2} + {p3}
{m4} = {p3}*{c1}
{m5} = mean(t, ({m3}[t] - {t1}[t])**2) + {m4}*{t2} + exp(-{p3}**2)
"""
SLOTS = ("i1", "p1", "m1", "t1", "c1", "a1", "i2", "p2", "m2", "t2", "c2", "a2", "p3", "m3", "m4", "m5")
NEUTRAL = dict(zip(SLOTS, "ia pa ma ta ca aa ib pb mb tb cb ab pc mc md me".split(), strict=True))
#: Numbers for the constants and the axes.
VALUES = {"c1": 0.3, "c2": 1.7, "a1": 3, "a2": 5}


def network_called(names: Mapping[str, str]) -> Derivation:
    return derived_once(tuple(names[slot] for slot in SLOTS))


@cache
def derived_once(called: tuple[str, ...]) -> Derivation:
    """Both styles are made of one derivation."""
    names = dict(zip(SLOTS, called, strict=True))
    axes = {names[axis]: VALUES[axis] for axis in ("a1", "a2")}
    return derive(
        system_from_equations(
            equations=EQUATIONS.format(**names),
            inputs=["{i1}[t,{a2}]".format(**names), "{i2}[t]".format(**names)],
            targets=["{t1}[t]".format(**names), "{t2}".format(**names)],
            parameters=["{p1}[{a1},{a2}]".format(**names), "{p2}[{a1}]".format(**names), "{p3}".format(**names)],
            constants={names[constant]: VALUES[constant] for constant in ("c1", "c2")},
            sizes=axes,
            batch="t",
        )
    )


def numbers(module: ModuleType, second: bool) -> list[np.ndarray]:
    """What every function of a module gives at one place, by position."""
    rng = np.random.default_rng(0)
    params = module.Parameters(rng.standard_normal((3, 5)), rng.standard_normal(3), np.array(0.7))
    data = rng.standard_normal((7, 5)), rng.standard_normal(7), rng.standard_normal(7), np.array(0.2)
    cost, gradients = module.cost_and_gradients(params, *data)
    cache = module.forward(params, *data[:2])
    assert cache._fields[:2] == tuple(module.Cache.__annotations__)[:2]
    found = [cost, *gradients, module.cost(params, *data), *module.backward(params, cache, *data[2:]), *cache]
    if isinstance(getattr(module, "Workspace", None), type):
        workspace = module.Workspace(7)
        for _ in range(2):
            cost, gradients = workspace.cost_and_gradients(params, *data)
            found += [cost, *map(np.array, gradients), workspace.cost(params, *data)]
        cache = workspace.forward(params, *data[:2])
        found += [*map(np.array, cache), *map(np.array, workspace.backward(params, cache, *data[2:]))]
    if second:
        found += [*module.hessian_vector_product(params, *data, params)]
        found += [module.hessian(params, *data, name) for name in module.Parameters._fields]
        found += [module.hessian(params, *data, *module.Parameters._fields[:2])]
    stepped = [module.sgd(params, gradients, eta=0.1), module.adam(params, gradients, eta=0.1)[0]]
    return [np.asarray(number) for number in (*found, *itertools.chain(*stepped))]


@cache
def expected(style: str, second: bool) -> list[np.ndarray]:
    return numbers(load(network_called(NEUTRAL), ALL if second else ALL[:1], style), second)


def check_called(names: Mapping[str, str], style: str, second: bool = False) -> ModuleType:
    module = load(network_called(names), ALL if second else ALL[:1], style, verify=False)
    for one, other in zip(numbers(module, second), expected(style, second), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)
    assert module.Parameters._fields == (names["p1"], names["p2"], names["p3"])
    assert set(module.check(np.random.default_rng(1))) >= {*module.Parameters._fields}
    return module


def rows(names: Sequence[str], shift: int) -> Iterator[dict[str, str]]:
    """Every name in some place; another shift gives it another."""
    for start in range(0, len(names), len(SLOTS)):
        row = [names[place % len(names)] for place in range(start, start + len(SLOTS))]
        yield dict(zip(SLOTS, row[shift:] + row[:shift], strict=True))


@pytest.mark.parametrize("shift", range(len(PLACES)))
def test_every_name_of_a_modules_own_in_every_place(shift: int) -> None:
    """Neighbours among the places differ in kind, so that after six shifts each name was of each kind."""
    own = [name for name in sorted(OWN_NAMES) if is_usable(name)]
    assert len(own) > 80
    for names, style in itertools.product(rows(own, shift), STYLES):
        check_called(names, style)


def test_every_other_name_in_some_place() -> None:
    assert len(every_name()) > 300
    others = [name for name in every_name() if name not in OWN_NAMES]
    for names, style in zip(rows(others, 0), itertools.cycle(STYLES)):
        check_called(names, style)


@pytest.mark.parametrize("seed", range(3))
def test_names_that_the_modules_own_would_move_to(seed: int) -> None:
    """np gives way to np_, unless that is a tensor too."""
    stems = "np len params cache self forward key type float run until bind workspace gradients next".split()
    drawn = np.random.default_rng(seed).permutation([stem + end for stem in stems for end in ("", "_", "__")])
    for style in STYLES:
        check_called(dict(zip(SLOTS, map(str, drawn[: len(SLOTS)]), strict=True)), style)


SECOND = {
    "of second derivatives": "direction wrt blocks hessian place hessian_vector_product argument name unit by rng np params cache key self",
    "whose adjoints have a name": "type ir irection ict ivmod ivide elattr efault ata erivative float_ d_ v_ h_ hd_ olatile",
    "of functions": "forward backward cost cost_and_gradients predict check init Parameters Cache sgd adam Workspace packed float len self",
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("which", SECOND)
def test_second_derivatives(which: str, style: str) -> None:
    names = SECOND[which].split()
    check_called(dict(zip(SLOTS, names, strict=True)), style, second=True)
    check_called(dict(zip(SLOTS, names[5:] + names[:5], strict=True)), style, second=True)


@pytest.mark.parametrize("style", STYLES)
def test_one_example_of_a_network_so_small_that_it_is_written_in_numbers(style: str) -> None:
    """Scalar code has names of its own."""
    outcomes = []
    for x, y, w, h in (
        ("xa", "ya", "wa", "ha"),
        ("entries", "pack", "math", "int"),
        ("float", "gradients", "type", "np"),
        ("abs_", "max_", "key", "self"),
    ):
        system = system_from_equations(
            equations=f"{h}[n,j] = tanh(sum(i, {w}[j,i]*{x}[n,i]))\nC = mean(n, sum(j, ({h}[n,j] - {y}[n,j])**2))",
            inputs=[f"{x}[n,i]"],
            targets=[f"{y}[n,j]"],
            parameters=[f"{w}[j,i]"],
            sizes={"i": 2, "j": 3},
            batch="n",
        )
        module = load(derive(system), style=style)
        rng = np.random.default_rng(2)
        params = module.Parameters(rng.standard_normal((3, 2)))
        data = rng.standard_normal((1, 2)), rng.standard_normal((1, 3))
        if style == "fast":
            assert "_scalar_passes" in vars(module)
            cost, gradients = module.Workspace(1).cost_and_gradients(module.packed(params), *data)
        else:
            cost, gradients = module.cost_and_gradients(params, *data)
        outcomes.append((cost, *gradients))
    for outcome in outcomes[1:]:
        for one, other in zip(outcome, outcomes[0], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-13)


@pytest.mark.parametrize("style", STYLES)
def test_layers_and_constants_of_such_names(style: str) -> None:
    """A layer called `ll` has the output `all`, one called `in` the biases `bin`."""
    formulas = [(f"z*sigmoid({one}*z) + {other}", {one: 0.7, other: 0.2}) for one, other in (("np", "len"), ("alpha", "gamma"))]
    one, other = (
        load(derive(Network(4, [Dense(3, "tanh", first), Dense(5, formula, second, constants), Dense(2, "tanh", third)])), ALL, style)
        for (first, second, third), (formula, constants) in zip((("ll", "in", "ny"), (None, None, None)), formulas, strict=True)
    )
    params, data = other.init(np.random.default_rng(3)), other.sample(np.random.default_rng(4))
    same = one.Parameters(*params)
    np.testing.assert_allclose(one.predict(same, *data[:1]), other.predict(params, *data[:1]), rtol=1e-13)
    for mine, its in zip(one.cost_and_gradients(same, *data)[1], other.cost_and_gradients(params, *data)[1], strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-12)
    assert all(error < 1e-6 for error in one.check(np.random.default_rng(5)).values())
    assert [name for name in one.Cache._fields if name.startswith("a")] == ["all", "ain", "any"]


def test_a_module_of_other_names_is_written_as_it_stands() -> None:
    for style in STYLES:
        assert with_own_variables(network_called(NEUTRAL), style) is network_called(NEUTRAL)
    # Names that only a workspace has, and other ones in a module of plain style.
    assert with_own_variables(network_called(NEUTRAL | {"i1": "workspace"}), "plain") is network_called(NEUTRAL | {"i1": "workspace"})


def test_arguments_are_called_as_the_user_calls_them() -> None:
    module = check_called(NEUTRAL | {"i1": "np", "i2": "self", "t1": "params", "t2": "len"}, "plain")
    params, data = module.init(np.random.default_rng(0)), module.sample(np.random.default_rng(1))
    by_name = dict(zip(("np", "self", "params", "len"), data, strict=True))
    module = check_called(NEUTRAL | {"i1": "np", "i2": "self", "t1": "y", "t2": "len"}, "fast")
    by_name["y"] = by_name.pop("params")
    assert module.cost(params, **by_name) == module.cost(params, *data)
    assert "import numpy as np\n" in module_source(network_called(NEUTRAL | {"i1": "np"}))


RECURRENT = """
{h}[n,{s},j] = tanh({h}[n,{s}-1,j]*{u}[j] + sum(i, {w}[j,i]*{x}[n,{s},i]))
{o}[n] = sum({s}, sum(j, {h}[n,{s},j]))*{k}
C = mean(n, ({o}[n] - {y}[n])**2)
"""
#: Of single functions: products with Jacobians, gradients of examples, in two ways in which their names can meet.
FURTHER = ("gradient", "hvp", "hessian", "vjp", "jvp", "jacobian", "per_example_gradients", "gnvp", "fisher")
OTHERWISE = (
    "ha ua wa xa ya oa ka sa",
    "np params cache direction forward name float range",
    "direction functions np params cache found cost step",
)


@pytest.mark.parametrize("style", STYLES)
def test_further_functions_and_loops_over_letters_of_such_names(style: str) -> None:
    outcomes, checked, heads = [], [], []
    for called in OTHERWISE:
        names = dict(zip("huwxyoks", called.split(), strict=True))
        system = system_from_equations(
            equations=RECURRENT.format(**names),
            inputs=["{x}[n,{s},i]".format(**names)],
            targets=["{y}[n]".format(**names)],
            parameters=["{u}[j]".format(**names), "{w}[j,i]".format(**names)],
            constants={names["k"]: 0.3},
            sizes={"i": 3, "j": 2},
            batch="n",
        )
        system = replace(system, initial={names["u"]: (0.5, 0.25)})
        source = module_source(derive(system), derivatives=FURTHER, style=style)
        # What is said is said in the description's words.
        assert "{h}[n,{s},j] = tanh({h}[n,{s} - 1,j] {u}[j]".format(**names) in source
        module, rng = load_source(source, "network"), np.random.default_rng(0)
        params, data = module.Parameters(rng.standard_normal(2), rng.standard_normal((2, 3))), module.sample(rng)
        by_name = {names["x"]: data[0], names["y"]: data[1]}
        along = module.Parameters(*map(np.ones_like, params))
        assert module.cost(params, **by_name) == module.cost(params, *data)
        ways = [module.jvp(params, data[0], names["o"], along), *module.vjp(params, data[0], names["o"], np.ones(len(data[1])))]
        ways += [module.jacobian(params, data[0], names["w"]), *module.per_example_gradients(params, *data)]
        ways += [*module.fisher_diagonal(params, *data), *module.gauss_newton_vector_product(params, *data, along)]
        outcomes.append([*ways, *module.hessian_vector_product(params, *data, along), *module.cost_and_gradients(params, *data)[1]])
        errors = module.check(np.random.default_rng(1))
        assert max(errors.values()) < 1e-6
        checked.append({name.replace(names["u"], "u").replace(names["w"], "w") for name in errors if name.split()[0] not in ("vjp", "jvp")})
        heads.append([*inspect.signature(module.cost).parameters])
        np.testing.assert_array_equal(module.init(rng)[0], [0.5, 0.25])
    for one in outcomes[1:]:
        for mine, its in zip(one, outcomes[0], strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-12, atol=1e-14)
    assert checked[0] == checked[1]
    assert heads == [["params", "xa", "ya"], ["params", "direction", "forward"], ["params_", "params", "cache"]]


def test_the_test_of_a_module_of_such_names(tmp_path: Path) -> None:
    system = system_from_equations(
        equations="s[n] = sum(i, np[n,i]*rest[i])\nC = mean(n, (s[n] - rng[n])**2)",
        inputs=["np[n,i]"],
        targets=["rng[n]"],
        parameters=["rest[i]"],
        sizes={"i": 3},
        name="params",
    )
    (tmp_path / "params.py").write_text(module_source(derive(system)))
    (tmp_path / "test_params.py").write_text(module_test_source(system))
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "test_params.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("style", STYLES)
def test_names_of_any_length(style: str) -> None:
    """Where a line ends, a statement goes on."""
    for length in (31, 64, 79, 88, 90, *range(92, 99), 99):
        layers = [Dense(3, "tanh", name="q" * length), Dense(2, "sigmoid", name="r" * length)]
        source = module_source(derive(Network(2, layers)), derivatives=ALL, style=style)
        # A keyword that stands alone means something else: `return` gives None.
        assert not re.search(r"^\s*(return|def)$", source, flags=re.MULTILINE), length
        module = load_source(source, "long")
        assert all(error < 1e-6 for error in module.check(np.random.default_rng(0)).values()), length


@pytest.mark.parametrize("kind", ["uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", "uint64", ">i4"])
@pytest.mark.parametrize("style", STYLES)
def test_labels_of_any_type_as_numbers(style: str, kind: str) -> None:
    """3 - 5 is -2, and 100 * 100 is 10,000: no integer type of the user's wraps round."""
    system = system_from_equations(
        equations="d[n] = (q[n] - n)*(q[n] - 5)*(q[n]*q[n]*q[n]*q[n])*w[q[n]]\nC = sum(n, d[n]*x[n])",
        inputs=["q[n] in k", "x[n]"],
        parameters=["w[k]"],
        sizes={"k": 101},
        batch="n",
    )
    module = load(derive(system), style=style, verify=False)
    labels, x = [3, 100, 0, 77, 100], np.arange(1.0, 6)
    weights = np.linspace(1, 2, 101)
    factors = [float((q - n) * (q - 5) * q**4) for n, q in enumerate(labels)]
    expected = np.zeros(101)
    for q, factor, size in zip(labels, factors, x, strict=True):
        expected[q] += factor * size
    params, given = module.Parameters(weights), np.array(labels, dtype=kind)
    makers = [module, *([module.Workspace(5)] if style == "fast" else [])]
    for maker in makers:
        cost, gradients = maker.cost_and_gradients(params, given, x)
        np.testing.assert_allclose(cost, np.sum(expected * weights), rtol=1e-12)
        np.testing.assert_allclose(gradients.w, expected, rtol=1e-12)
