"""Options and settings of all tests."""

from __future__ import annotations

import gc
import os
import random
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from places import ROOT

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


# No module is compiled anew by each process, also where bytecode may not stand beside its source.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".pytest_cache" / "bytecode"))
    sys.dont_write_bytecode = False

# SymPy, which reads this when it is imported, keeps the results of more calls than the last thousand: tests derive similar networks.
os.environ.setdefault("SYMPY_CACHE_SIZE", "20000")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", default=False, help="write golden files anew instead of comparing with them")
    parser.addoption("--all-pages", action="store_true", default=False, help="set and show every page of the matrix instead of a part")


def pytest_runtest_setup() -> None:
    """Models of other libraries begin with the same weights in every run, in whatever order the tests come."""
    random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def pytest_collectstart() -> None:
    """What is collected stays: there is nothing for the collector of memory to find."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there now stays to the end, and expressions have no cycles for the collector to find: it looks at little, and seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written anew."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window, for the tests of one file."""
    from test_render import required

    chromium = required("/usr/bin/chromium", "chromium", "google-chrome")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()
