"""A document is accepted by the schema where the package jsonschema finds nothing in it, and nowhere else."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from math import inf, nan
from typing import Any

import pytest
from small_descriptions import EQUATIONS, GOOD

from chainrule.codegen.descriptions.schema import schema_of
from chainrule.codegen.descriptions.schema_acceptance import is_accepted
from chainrule.codegen.descriptions.schema_problems import _validator

DAY = datetime.date(2024, 5, 17)
#: What is put in the place of each value of a document, and added to each table and list.
VALUES = [True, False, 0, 1, 2, -1, 3.0, 0.5, nan, inf, 10**400, DAY, "", "W1", "dense", "for", "a\nb", "z" * 300]
VALUES += [[], [1], ["a1"], [[0.5]], [{"kind": "dense", "units": 3}], {}, {"kind": "dense"}, {"expression": "z"}, {"alpha": 0.5}]
VALUES += [{"kind": "dense", "expression": "z"}]
NETWORKS = {
    "of layers": GOOD,
    "of equations": EQUATIONS,
    "of images": 'name = "a"\ninput = [1, 7, 5]\n[[layers]]\nkind = "conv2d"\nchannels = 2\nkernel = [3, 2]\n[cost]\nkind = "mae"\n',
    "of several inputs": 'name = "a"\n[inputs]\nx = 3\ny = { shape = [2], vocabulary = 5 }\n[[layers]]\nkind = "dense"\nunits = 2\n'
    'from = "x"\n[[layers]]\nkind = "embedding"\nfrom = "y"\nfeatures = 2\n[cost]\nkind = "quadratic"\n',
}


def changed(document: Any) -> Iterator[Any]:
    """The document with one value replaced, left out or added, wherever in it."""
    places: list[tuple[Any, ...]] = [()]
    for place in places:
        value = document
        for key in place:
            value = value[key]
        if isinstance(value, dict | list):
            places += [(*place, key) for key in (value if isinstance(value, dict) else range(len(value)))]
    for place in places:
        for new in [*VALUES, None]:
            copy = deepcopy(document)
            value = copy
            for key in place[:-1]:
                value = value[key]
            if not place:
                copy["further"] = new
            elif new is None:
                del value[place[-1]]
            elif isinstance(value[place[-1]], dict) and "further" not in value[place[-1]]:
                value[place[-1]]["further"] = new
                yield deepcopy(copy)
                value[place[-1]] = new
            else:
                value[place[-1]] = new
            yield copy


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_accepted_is_what_has_no_problem(name: str) -> None:
    document = tomllib.loads(NETWORKS[name])
    assert is_accepted(document, schema_of(document))
    verdicts = []
    for other in changed(document):
        schema = schema_of(other)
        problem = next(_validator()(schema).iter_errors(other), None)
        verdicts.append(is_accepted(other, schema))
        assert verdicts[-1] is (problem is None), other
    assert verdicts.count(True) > 10
    assert verdicts.count(False) > 100
