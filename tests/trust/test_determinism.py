"""The same bytes under other settings of the machine; further interpreters come in where the trials are recorded."""

from __future__ import annotations

import dataclasses

from trust import determinism

SPEC = [determinism.GALLERY / "mazur" / "mazur.toml"]


def test_settings_of_the_machine_change_no_byte() -> None:
    expected = determinism.made(determinism.Variation("reference"), SPEC)
    assert len(expected.files) >= 12, expected.versions
    settings = dataclasses.replace(
        determinism.Variation("all at once", folder="/"),
        environment={key: value for variation in determinism.SETTINGS for key, value in variation.environment.items()},
    )
    found = determinism.made(settings, SPEC)
    assert determinism.differences("all at once", found, expected) == []


def test_hash_seeds_change_no_byte() -> None:
    found = [determinism.made(variation, SPEC) for variation in determinism.SETTINGS if "hash seed" in variation.label]
    assert len(found) == 3
    assert all(one == found[0] for one in found), [determinism.differences("hash seeds", one, found[0]) for one in found]


def test_a_difference_is_seen() -> None:
    one, other = determinism.Bytes("", {"a": "1", "b": "2"}), determinism.Bytes("", {"a": "1", "b": "3"})
    assert determinism.differences("seed", other, one) == ["seed: b differs"]
    assert determinism.differences("seed", determinism.Bytes("ended", {}), one) == ["seed: ended"]
