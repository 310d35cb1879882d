"""At which sizes of axes is something tried? Where it reads what it reads, at 1, and where it just fits."""

from __future__ import annotations

from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.small_sizes import sizes_to_try
from chainrule.symbolic.system.system import System


def written(equations: str, **declared: object) -> System:
    return system_from_equations(equations=equations, **declared)


def lengths(system: System, axis: str) -> set[int]:
    return {sizes[axis] for sizes in sizes_to_try(system)}


def test_open_axes_are_tried_at_one_at_what_fits_and_longer() -> None:
    """h[t-2] needs three steps before anything is read."""
    system = written(
        "h[t] = tanh(w*h[t-2] + x[t])*z[t-1] + 1\nC = sum(t, h[t]**2)", inputs=["x[t]", "z[t]"], parameters=["w"]
    )  # fmt: skip
    assert lengths(system, "t") == {1, 3, 4, 6}


def test_a_constant_place_of_an_open_axis_is_reached() -> None:
    system = written("h[n,t] = u*h[n,t-1] + x[n,t]\nC = mean(n, h[n,4]**2)", inputs=["x[n,t]"], parameters=["u"])
    assert {1, 5, 6, 8} <= lengths(system, "t")
    assert 1 in lengths(system, "n")
    # One axis at 1 while another is not.
    assert any(sizes["t"] == 1 < sizes["n"] for sizes in sizes_to_try(system))


def test_axes_are_tried_at_the_size_where_every_read_fits_and_beyond() -> None:
    """Of w the entries 2 to 5 are read: it fits at 6, and from then on there are entries that nothing reads."""
    system = written("v[1*k] = w[k+2]\nv[4+i] = y[i]\nC = sum(z, v[z]**2)", inputs=["y[i]"], parameters=["w[j]"], sizes={"k": 4})
    assert {1, 3, 6, 7, 9} <= lengths(system, "j")
    assert all(sizes["z"] == max(4, 4 + sizes["i"]) for sizes in sizes_to_try(system))


def test_sizes_at_which_nothing_is_left_are_not_tried() -> None:
    """A kernel that is longer than the signal has no place."""
    system = written("y[i] = sum(p, K[p]*x[i+p])\nC = sum(i, y[i]**2)", inputs=["x[j]"], parameters=["K[p]"])
    assert all(sizes["i"] >= 1 for sizes in sizes_to_try(system))


def test_fixed_sizes_stay() -> None:
    system = written("h[n,j] = sum(i, W[j,i]*x[n,i])\nC = mean(n, h[n,8]**2)", inputs=["x[n,i]"], parameters=["W[j,i]"], sizes={"j": 11})
    assert lengths(system, "j") == {11}
    assert 1 in lengths(system, "i")
