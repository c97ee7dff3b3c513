import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UnreachablePathError, UnreadableDocumentError
from retrieval.names import safe_name
from retrieval.readers import limits
from retrieval.sources import bytes_source, collect


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.md", "sub/a.txt", ".hidden/x.md", ".secret.md", "~$lock.docx"):
        file = tmp_path / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "docs"


def names(*paths: Path) -> list[str]:
    return [source.name for source in collect(paths)]


def test_names_are_relative_to_the_folder(folder: Path) -> None:
    assert names(folder) == ["b.md", "sub/a.txt"]


def test_a_single_file_has_its_own_name(folder: Path) -> None:
    (source,) = collect([folder / "sub" / "a.txt"])
    assert (source.name, source.read()) == ("a.txt", b"sub/a.txt")


def test_a_file_named_twice_is_one_source(folder: Path) -> None:
    assert names(folder / "b.md", folder / "b.md") == ["b.md"]


def test_two_files_of_one_name_are_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("other")
    with pytest.raises(UnreachablePathError, match=r"both be called b\.md"):
        collect([folder / "b.md", tmp_path / "b.md"])


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreachablePathError, match="nowhere"):
        collect([tmp_path / "nowhere"])


links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


def refusal(folder: Path, name: str) -> str:
    """Return the sentence with which a file below a folder refuses to be read."""
    (source,) = [source for source in collect([folder]) if source.name == name]
    with pytest.raises(UnreadableDocumentError) as raised:
        source.read()
    return str(raised.value)


@links
def test_links_out_of_the_folder_are_not_followed_and_say_so(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "outside.md").write_text("secret")
    (folder / "link.md").symlink_to(tmp_path / "elsewhere" / "outside.md")
    (folder / "sub" / "more").symlink_to(tmp_path / "elsewhere")
    assert names(folder) == ["b.md", "link.md", "sub/a.txt", "sub/more"]
    assert "leads out of" in refusal(folder, "link.md")
    assert "leads out of" in refusal(folder, "sub/more")


@links
def test_links_that_stay_within_the_folder_are_followed(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "again.md").symlink_to(folder / "b.md")
    assert names(folder) == ["again.md", "b.md", "sub/a.txt"]
    assert collect([folder])[0].read() == b"b.md"


@links
def test_a_link_that_is_named_itself_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(folder / "b.md")
    (source,) = collect([tmp_path / "link.md"])
    assert source.read() == b"b.md"
    (tmp_path / "folder").symlink_to(folder)
    assert [source.read() for source in collect([tmp_path / "folder"])] == [b"b.md", b"sub/a.txt"]


@links
def test_a_link_that_leads_nowhere_says_so(folder: Path) -> None:
    (folder / "dangling.md").symlink_to(folder / "gone.md")
    assert "dangling.md cannot be opened" in refusal(folder, "dangling.md")


@links
def test_a_file_exchanged_for_a_link_before_it_is_read_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("secret")
    source, _ = collect([folder])
    (folder / "b.md").unlink()
    (folder / "b.md").symlink_to(tmp_path / "outside.md")
    with pytest.raises(UnreadableDocumentError, match="leads out of"):
        source.read()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_a_pipe_is_not_waited_for_and_says_so(folder: Path) -> None:
    os.mkfifo(folder / "pipe.md")
    assert "no ordinary file" in refusal(folder, "pipe.md")


def test_a_file_that_vanishes_is_a_problem_of_that_file(folder: Path) -> None:
    (source,) = collect([folder / "b.md"])
    (folder / "b.md").unlink()
    with pytest.raises(UnreadableDocumentError, match=r"b\.md cannot be opened"):
        source.read()


def test_a_huge_file_is_refused_before_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 2)
    (source,) = collect([folder / "b.md"])
    with pytest.raises(UnreadableDocumentError, match="larger"):
        source.read()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("..\\..\\windows\\x.md", "windows/x.md"),
        ("/abs/x.md", "abs/x.md"),
        ("a\x00b.md", "ab.md"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("", "unnamed"),
        ("..", "unnamed"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert bytes_source(name, b"").name == safe


@links
def test_files_below_a_folder_keep_the_names_they_have(tmp_path: Path) -> None:
    deep = "/".join(["d" * 200, "e" * 200, "f.txt"])
    files = [" lead.txt", "a\\b.txt", "dot./trail .txt", "e\u0301.txt", "\u00e9.txt", "\u0645\u06cc\u200c.txt", deep]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert names(tmp_path) == sorted(files)


@links
def test_two_files_below_a_folder_never_share_a_name(tmp_path: Path) -> None:
    for name in (b"newline.txt", b"new\nline.txt", b"bad.txt", b"bad\xff.txt", b"ab.txt", "a\u202eb.txt".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("x")
    written_out = {"a%E2%80%AEb.txt", "bad%FF.txt", "new%0Aline.txt"}
    assert set(names(tmp_path)) == written_out | {"ab.txt", "bad.txt", "newline.txt"}


@given(st.text())
def test_a_safe_name_never_leaves_its_folder(name: str) -> None:
    parts = safe_name(name).split("/")
    assert not {"", ".", ".."} & set(parts)
    assert safe_name(safe_name(name)) == safe_name(name)


def test_a_file_that_changes_while_it_is_read_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = collect([folder / "b.md"])
    real, calls = Path.read_bytes, []

    def growing(path: Path) -> bytes:
        data = real(path)
        calls.append(len(data))
        if len(calls) == 1:
            path.write_bytes(data + b" More.")
        return data

    monkeypatch.setattr(Path, "read_bytes", growing)
    assert source.read().endswith(b" More.")
    assert len(calls) == 2


def test_a_file_that_never_stops_changing_waits_for_the_next_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,) = collect([folder / "b.md"])
    real = Path.read_bytes

    def growing(path: Path) -> bytes:
        data = real(path)
        path.write_bytes(data + b" More.")
        return data

    monkeypatch.setattr(Path, "read_bytes", growing)
    with pytest.raises(UnreadableDocumentError, match="is being written to"):
        source.read()
