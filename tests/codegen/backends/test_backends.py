"""The registry of target languages: a style says which of them prints a module, names its files and loads it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from chainrule import Dense, InvalidDescription, Network, derive, load, write_module
from chainrule.codegen.backends.module_files import ModuleFiles
from chainrule.codegen.backends.registry import BACKENDS, STYLES, Backend, backend_of, module_source
from chainrule.symbolic.derivation.derivation import Derivation


@pytest.fixture
def derivation() -> Derivation:
    return derive(Network(2, [Dense(3, "tanh")], "quadratic", name="net"))


def test_every_style_has_one_back_end() -> None:
    assert [style for backend in BACKENDS.values() for style in backend.styles] == list(STYLES)
    assert backend_of("plain") is backend_of("fast") is BACKENDS["numpy"]
    with pytest.raises(InvalidDescription, match="unknown style 'quick'"):
        backend_of("quick")


def test_another_target_language_is_a_row(derivation: Derivation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def names(second: object, derivation: Derivation, *_: object) -> ModuleFiles:
        return ModuleFiles(" ".join(equation.tensor.name for equation in derivation.system.equations) + "\n")

    styles = {"names": "to be counted"}
    listing = Backend("names of equations", styles, ".md", names, lambda *_: "", lambda *_: ModuleType("net"))
    monkeypatch.setitem(BACKENDS, "listing", listing)
    assert module_source(derivation, style="names") == "z1 a1 C\n"
    assert load(derivation, style="names", verify=False).__name__ == "net"
    assert "z1 a1 C" in write_module(derivation, tmp_path / "net.md", style="names", verify=False).read_text()
    assert list(listing.files(ModuleFiles(""), derivation.system, None)) == ["net.md", "test_net.md"]
