"""Keys and the rotation that are derived from the master key."""

import numpy as np
import pytest

from app.store.derivation import derive, rotation_matrix

MASTER = bytes(range(32))
ROTATION = [[0.743497, -0.412646, -0.526247], [-0.266046, -0.904485, 0.333356], [0.613541, 0.107844, 0.782264]]


def test_derived_key_never_changes_between_versions() -> None:
    assert derive(MASTER, "database").hex() == "a083540d2520c4e68df57c3d98b9be9bf70f1228f12fec32ed4b20b2a16a0ee5"


def test_every_purpose_has_its_own_key() -> None:
    assert len({derive(MASTER, purpose) for purpose in ("database", "ledger", "user keys")}) == 3


def test_every_master_key_derives_its_own_keys() -> None:
    assert derive(MASTER, "database") != derive(bytes(32), "database")


@pytest.mark.parametrize("dimension", [1, 2, 5, 384])
def test_rotation_is_orthogonal(dimension: int) -> None:
    rotation = rotation_matrix(MASTER, dimension)
    assert rotation.dtype == np.float32
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(dimension), atol=2e-6)


def test_rotation_keeps_cosines_and_hides_the_vectors() -> None:
    vectors = np.random.default_rng(7).normal(size=(50, 384)).astype(np.float32)
    rotated = vectors @ rotation_matrix(MASTER, 384)
    np.testing.assert_allclose(rotated @ rotated.T, vectors @ vectors.T, rtol=1e-4, atol=1e-3)
    own = np.sum(rotated * vectors, axis=1) / np.sum(vectors * vectors, axis=1)
    assert np.abs(own).max() < 0.3


def test_rotation_is_the_same_on_every_machine() -> None:
    np.testing.assert_allclose(rotation_matrix(MASTER, 3), ROTATION, atol=1e-5)


def test_another_key_gives_another_rotation() -> None:
    assert np.abs(rotation_matrix(MASTER, 8) - rotation_matrix(bytes(32), 8)).max() > 0.1
