from pathlib import Path

import numpy as np
import pytest

from retrieval.documents import FloatMatrix
from retrieval.errors import IndexDamagedError
from retrieval.index import VectorIndex


def unit(rows: int, seed: int = 1) -> FloatMatrix:
    vectors = np.random.default_rng(seed).normal(size=(rows, 16)).astype(np.float32)
    normed: FloatMatrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normed


def rotation() -> FloatMatrix:
    q, _ = np.linalg.qr(np.random.default_rng(7).normal(size=(16, 16)))
    matrix: FloatMatrix = q.astype(np.float32)
    return matrix


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    vectors = unit(20)
    index.put("k", [f"c{number}" for number in range(20)], vectors)
    found = index.nearest("k", vectors[3], limit=5)
    assert found[0][0] == "c3"
    assert found[0][1] == pytest.approx(1.0, abs=1e-5)
    expected = np.sort(vectors @ vectors[3])[::-1][:5]
    assert [cosine for _, cosine in found] == pytest.approx(expected.tolist(), abs=1e-5)


def test_collections_are_apart(index: VectorIndex) -> None:
    index.put("one", ["a"], unit(1))
    index.put("two", ["b"], unit(1))
    assert [chunk_id for chunk_id, _ in index.nearest("one", unit(1)[0], limit=5)] == ["a"]
    assert index.chunk_ids("two") == {"b"}


def test_a_second_vector_takes_the_place_of_the_first(index: VectorIndex) -> None:
    index.put("k", ["a"], unit(1, seed=1))
    index.put("k", ["a"], unit(1, seed=2))
    assert index.count("k") == 1
    assert index.cosines("k", unit(1, seed=2)[0], ["a"])["a"] == pytest.approx(1.0, abs=1e-5)


def test_cosines_of_unknown_chunks_are_left_out(index: VectorIndex) -> None:
    index.put("k", ["a"], unit(1))
    assert set(index.cosines("k", unit(1)[0], ["a", "nobody"])) == {"a"}


def test_an_unknown_collection_is_empty(index: VectorIndex) -> None:
    assert index.nearest("nobody", unit(1)[0], limit=5) == []
    assert index.chunk_ids("nobody") == set()
    assert index.count("nobody") == 0
    index.remove("nobody", ["a"])
    index.drop("nobody")


def test_removed_vectors_are_gone(index: VectorIndex) -> None:
    index.put("k", ["a", "b"], unit(2))
    index.remove("k", ["a", "unknown"])
    assert index.chunk_ids("k") == {"b"}
    index.drop("k")
    assert index.chunk_ids("k") == set()


def test_vectors_are_there_after_opening_again(tmp_path: Path) -> None:
    first = VectorIndex(tmp_path / "i")
    first.put("k", ["a"], unit(1))
    first.close()
    second = VectorIndex(tmp_path / "i")
    assert second.chunk_ids("k") == {"a"}
    second.close()


def test_rotation_keeps_every_cosine_and_hides_the_vectors(tmp_path: Path) -> None:
    vectors = unit(10)
    rotated = VectorIndex(tmp_path / "i", rotation=lambda _: rotation())
    rotated.put("k", [f"c{number}" for number in range(10)], vectors)
    found = dict(rotated.nearest("k", vectors[0], limit=10))
    plain = {f"c{number}": float(cosine) for number, cosine in enumerate(vectors @ vectors[0])}
    assert found == pytest.approx(plain, abs=1e-5)
    rotated.close()
    unrotated = VectorIndex(tmp_path / "i")
    assert unrotated.cosines("k", vectors[0], ["c0"])["c0"] < 0.9
    unrotated.close()


def test_nothing_readable_lies_in_the_index(tmp_path: Path) -> None:
    opened = VectorIndex(tmp_path / "i")
    opened.put("travel rules of the house", ["a"], unit(1))
    opened.close()
    stored = b"".join(file.read_bytes() for file in (tmp_path / "i").rglob("*") if file.is_file())
    assert b"travel" not in stored


def test_a_damaged_index_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "i").mkdir()
    (tmp_path / "i" / "chroma.sqlite3").write_bytes(b"not a database" * 1000)
    with pytest.raises(IndexDamagedError):
        VectorIndex(tmp_path / "i")
