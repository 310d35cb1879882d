"""The names of the notations that are shipped: those of the files in `notations`."""

from __future__ import annotations

from importlib import resources

NOTATION_FILES = {
    file.name.removesuffix(".toml"): file
    for file in sorted(resources.files(__package__).joinpath("notations").iterdir(), key=lambda file: file.name)
    if file.name.endswith(".toml")
}
