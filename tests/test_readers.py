"""Finding the files to read, and who reads them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.errors import LookupFailed, ReadError
from kg.readers import READERS, Reader, arxiv, digest, discover, find_reader, read

DAY = "## Daily Papers (2024-06-03)\n\n### [Alpha](https://arxiv.org/abs/2406.00001)\n"


def _touch(path: Path, text: str = DAY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_order_of_inputs_changes_nothing(tmp_path: Path) -> None:
    names = ["b/2.md", "a/10.md", "a/2.md", "c.jsonl", "a/deep/er/1.md"]
    paths = [_touch(tmp_path / name) for name in names]
    expected = discover(paths).files
    assert [path.relative_to(tmp_path).as_posix() for path in expected] == ["a/deep/er/1.md", "a/10.md", "a/2.md", "b/2.md", "c.jsonl"]
    assert discover(paths[::-1]).files == expected
    assert discover([tmp_path]).files == expected


def test_folders_give_known_suffixes_and_count_the_rest(tmp_path: Path) -> None:
    for name in ("1.md", "UPPER.MD", "README.md", "sub/readme.md", "a.txt", "sub/b.png", "c.jsonl.gz", "d.JSON", ".hidden.md", ".git/x.md", "e.gz"):
        _touch(tmp_path / name)
    found = discover([tmp_path])
    assert [path.name for path in found.files] == ["1.md", "UPPER.MD", "c.jsonl.gz", "d.JSON"]
    assert found.passed_over == 5


def test_what_kg_built_is_passed_over_with_all_below_it(tmp_path: Path) -> None:
    _touch(tmp_path / "day.md")
    _touch(tmp_path / "sub" / "output" / "manifest.json", '{\n  "program": "paperkg",\n  "version": "1"\n}\n')
    _touch(tmp_path / "sub" / "output" / "kg.nodelink.json", "{}")
    _touch(tmp_path / "sub" / "output" / "csv" / "papers.md")
    _touch(tmp_path / "sub" / ".output.lock" / "x.md")
    found = discover([tmp_path])
    assert [path.name for path in found.files] == ["day.md"]
    assert found.passed_over == 1
    with pytest.raises(ReadError, match=r"^output: this folder was built by kg; name the folder of the files to read$"):
        discover([tmp_path / "sub" / "output"])


def test_a_manifest_of_another_program_is_a_file_like_any(tmp_path: Path) -> None:
    _touch(tmp_path / "manifest.json", '{"program": "other", "of": "paperkg"}')
    _touch(tmp_path / "day.md")
    assert [path.name for path in discover([tmp_path]).files] == ["day.md", "manifest.json"]


def test_a_message_shows_a_files_name_on_one_line(tmp_path: Path) -> None:
    path = _touch(tmp_path / "a\nb\x1b[31m\u202e\udcff.md", "")
    with pytest.raises(ReadError) as failed:
        list(read(path, find_reader(path)))
    assert str(failed.value).startswith(r"a\nb\x1b[31m\u202e\udcff.md: the file is empty;")


def test_a_readme_that_is_named_is_read(tmp_path: Path) -> None:
    readme = _touch(tmp_path / "README.md")
    assert discover([readme]).files == (readme,)


def test_a_file_reached_twice_counts_once(tmp_path: Path) -> None:
    day = _touch(tmp_path / "in" / "day.md")
    _touch(tmp_path / "in" / "x.txt")
    (tmp_path / "link.md").symlink_to(day)
    inputs = [tmp_path / "in", day, tmp_path / "link.md", Path(os.path.relpath(day)), tmp_path / "in"]
    found, reverse = discover(inputs), discover(inputs[::-1])
    assert len(found.files) == 1
    assert found.files == reverse.files
    assert found.passed_over == 1


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    _touch(tmp_path / "in" / "day.md")
    (tmp_path / "in" / "self").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "loop.md").symlink_to(tmp_path / "in" / "loop.md")
    (tmp_path / "in" / "sub").mkdir()
    (tmp_path / "in" / "sub" / "up").symlink_to(tmp_path)
    assert [path.name for path in discover([tmp_path / "in"]).files] == ["day.md", "loop.md"]


def test_a_linked_folder_is_searched(tmp_path: Path) -> None:
    _touch(tmp_path / "elsewhere" / "day.md")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "elsewhere")
    assert [path.name for path in discover([tmp_path / "in"]).files] == ["day.md"]


def test_a_link_to_nowhere_is_an_error_when_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "gone.md").symlink_to(tmp_path / "nothing")
    (path,) = discover([tmp_path]).files
    with pytest.raises(ReadError, match=r"^gone\.md: cannot be read: no such file$"):
        list(read(path, find_reader(path)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    _touch(tmp_path / "day.md")
    assert [path.name for path in discover([tmp_path]).files] == ["day.md"]
    with pytest.raises(ReadError, match=r"^pipe\.md: neither a file nor a folder$"):
        discover([tmp_path / "pipe.md"])
    with pytest.raises(ReadError, match=r"^pipe\.md: cannot be read: it is not a file$"):
        list(read(tmp_path / "pipe.md", READERS["digest"]))


def test_inputs_that_give_nothing_are_refused(tmp_path: Path) -> None:
    _touch(tmp_path / "in" / "notes.txt")
    _touch(tmp_path / "in" / "README.md")
    _touch(tmp_path / "day.md")
    with pytest.raises(ReadError, match=r"^in: nothing to read in this folder; known: \.json, \.json\.gz, \.jsonl, \.jsonl\.gz, \.md$"):
        discover([tmp_path / "day.md", tmp_path / "in"])
    for missing in (tmp_path / "missing", tmp_path / "missing.md", tmp_path / "day.md" / "below"):
        with pytest.raises(ReadError, match=rf"^{missing.name}: no such file or folder$"):
            discover([missing])
    with pytest.raises(ReadError, match=r": cannot be read: File name too long$"):
        discover([tmp_path / ("x" * 5000)])


def test_an_unknown_suffix_is_refused_where_it_is_named(tmp_path: Path) -> None:
    path = _touch(tmp_path / "notes.docx")
    message = r"^notes\.docx: no reader for '\.docx'; known: \.json, \.json\.gz, \.jsonl, \.jsonl\.gz, \.md$"
    with pytest.raises(ReadError, match=message):
        discover([path])
    with pytest.raises(ReadError, match=message):
        find_reader(path)
    with pytest.raises(ReadError, match=r"^Makefile: no reader for 'Makefile'; "):
        find_reader(Path("Makefile"))


def test_a_named_reader_overrules_the_suffix(tmp_path: Path) -> None:
    path = _touch(tmp_path / "notes.docx")
    _touch(tmp_path / "snapshot.jsonl")
    _touch(tmp_path / "day.md")
    assert discover([path], "digest").files == (path,)
    assert [record.title for record in read(path, find_reader(path, "digest"))] == ["Alpha"]
    assert [file.name for file in discover([tmp_path], "digest").files] == ["day.md"]
    for call in (lambda: discover([path], "bibtex"), lambda: find_reader(path, "bibtex")):
        with pytest.raises(LookupFailed, match=r"^no reader 'bibtex'; known: arxiv, digest$") as failed:
            call()
        assert failed.value.choices == ("arxiv", "digest")


def test_content_decides_between_readers_of_one_suffix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Reader(name="lines", suffixes=(".md", ".jsonl"), read=digest.read, sniff=lambda head: head.startswith(b"lines"))
    monkeypatch.setitem(READERS, "lines", lines)
    assert find_reader(_touch(tmp_path / "a.md", "lines\n")).name == "lines"
    assert find_reader(_touch(tmp_path / "b.md")).name == "digest"
    assert find_reader(_touch(tmp_path / "c.jsonl", "lines\n")).name == "lines"
    assert find_reader(_touch(tmp_path / "d.jsonl", '{"id": "2406.00001", "authors_parsed": []}\n')).name == "arxiv"
    assert find_reader(tmp_path / "missing.md").name == "digest"


def test_no_reader_takes_another_readers_file(root: Path) -> None:
    folder = root / "tests" / "readers"
    for name, sniff, other in (("digest", digest.sniff, arxiv.sniff), ("arxiv", arxiv.sniff, digest.sniff)):
        for path in sorted((folder / name).glob("*[!z]")):
            head = path.read_bytes()
            if head.startswith(b"\x1f\x8b"):
                continue
            assert sniff(head.removeprefix(b"\xef\xbb\xbf")), path.name
            assert not other(head), path.name
