"""The same bytes under other settings of the machine; further interpreters come in where the trials are recorded."""

from __future__ import annotations

import dataclasses

from trust import determinism

SPEC = [determinism.GALLERY / "mazur" / "mazur.toml"]


def test_hash_seeds_and_settings_of_the_machine_change_no_byte() -> None:
    *seeds, last = [variation for variation in determinism.SETTINGS if "hash seed" in variation.label]
    assert len(seeds) == 2
    at_once = {key: value for variation in determinism.SETTINGS for key, value in variation.environment.items()}
    # All settings at once have the last of the seeds.
    assert at_once["PYTHONHASHSEED"] == last.environment["PYTHONHASHSEED"]
    settings = dataclasses.replace(last, label="all at once", environment=at_once, folder="/")
    expected, *found = [determinism.made(variation, SPEC) for variation in (*seeds, settings)]
    assert len(expected.files) >= 12, expected.versions
    assert [determinism.differences("against the first seed", one, expected) for one in found] == [[], []]


def test_a_difference_is_seen() -> None:
    one, other = determinism.Bytes("", {"a": "1", "b": "2"}), determinism.Bytes("", {"a": "1", "b": "3"})
    assert determinism.differences("seed", other, one) == ["seed: b differs"]
    assert determinism.differences("seed", determinism.Bytes("ended", {}), one) == ["seed: ended"]
