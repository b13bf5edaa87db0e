"""The output folder: whose it is, the lock, and the exchange."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kg import output
from kg.errors import OutputError


def _make(folder: Path, name: str = "kg.nq", text: str = "old") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    (folder / output.MANIFEST).write_text("{}")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="out: is a file, not a folder"):
        output.check_ours(tmp_path / "out")


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(OutputError, match=r"holds files \(thesis.tex"):
        output.check_ours(tmp_path)


def test_a_folder_with_a_readme_alone_may_be_built_into(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("what is what")
    output.check_ours(tmp_path)


def test_a_broken_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / output.MANIFEST).write_text("{")
    with pytest.raises(OutputError, match=r"manifest.json: cannot be read"):
        output.check_ours(tmp_path)


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The superuser may write anywhere, so the system's answer is set here.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="cannot be written to"):
        output.check_ours(tmp_path / "new")


def test_a_new_folder_takes_the_place_of_the_old_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _make(folder)
    (folder / "notes.txt").write_text("mine")
    (folder / "more").mkdir()
    (folder / "more" / "deep.txt").write_text("mine too")
    (folder / "kg.gexf").write_text("of the old graph")
    (folder / "link").symlink_to("notes.txt")
    with output.replacing(folder) as new:
        (new / "kg.nq").write_text("new")
    assert (folder / "kg.nq").read_text() == "new"
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "more" / "deep.txt").read_text() == "mine too"
    assert (folder / "link").is_symlink()
    assert not (folder / "kg.gexf").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_where_the_system_cannot_exchange_two_renames_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_exchanged_by_system", lambda *_: False)
    test_a_new_folder_takes_the_place_of_the_old_and_keeps_what_is_not_ours(tmp_path)


def test_a_failed_block_leaves_the_old_folder_whole_and_no_litter(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _make(folder)
    with pytest.raises(RuntimeError), output.replacing(folder) as new:
        (new / "kg.nq").write_text("half")
        raise RuntimeError
    assert (folder / "kg.nq").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_an_exchange_that_broke_off_between_two_renames_is_undone(tmp_path: Path) -> None:
    _make(tmp_path / ".out.old")
    _make(tmp_path / ".out.new", text="half")
    output.recover(tmp_path / "out")
    assert (tmp_path / "out" / "kg.nq").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_second_build_is_told_who_holds_the_folder_and_since_when(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code = f"from pathlib import Path\nfrom kg.output import locked\nwith locked(Path({str(folder)!r})):\n    print('held', flush=True)\n    input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(OutputError, match=rf"another build is writing here \(process {holder.pid} of .+, since 20\d\d-"), output.locked(folder):
            pass
        holder.kill()
    # The lock of a killed process is nobody's, and goes away with the next holder.
    with output.locked(folder):
        assert json.loads((tmp_path / ".out.lock").read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_aside_and_a_failure_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), output.writing(path) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def _target(path: Path, graph: Path, default: str = "kg.ttl", tables: str | None = None) -> Path:
    return output.check_target(path, graph, default, tables=tables)


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    folder = tmp_path / "graph"
    _make(folder)
    return folder


@pytest.mark.parametrize("name", ["dir", "graph", ".", "..", "/", ""])
@pytest.mark.parametrize("tables", [None, ".csv"])
def test_no_export_takes_the_place_of_a_folder_of_the_users(
    tmp_path: Path, graph: Path, name: str, tables: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "thesis.tex").write_text("mine")
    monkeypatch.chdir(tmp_path / "graph")
    path = tmp_path / name if name in ("dir", "graph") else Path(name)
    with pytest.raises(OutputError, match="with -o"):
        _target(path, graph, "csv" if tables else "kg.ttl", tables)


def test_the_current_folder_is_not_replaced_even_when_empty(tmp_path: Path, graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    assert _target(tmp_path / "empty", graph, "csv", ".csv") == tmp_path / "empty"
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(OutputError, match="where you are"):
        _target(tmp_path / "empty", graph, "csv", ".csv")


def test_tables_replace_tables_and_nothing_else(tmp_path: Path, graph: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "papers.csv").write_text("old")
    assert _target(folder, graph, "csv", ".csv") == folder
    with pytest.raises(OutputError, match=r"holds more than tables of kg \(papers.csv"):
        _target(folder, graph, "parquet", ".parquet")
    (folder / "notes.csv").write_text("mine")
    with pytest.raises(OutputError, match=r"holds more than tables of kg \(notes.csv"):
        _target(folder, graph, "csv", ".csv")
    with pytest.raises(OutputError, match="is a file"):
        _target(folder / "notes.csv", graph, "csv", ".csv")


def test_a_device_or_a_pipe_is_refused(tmp_path: Path, graph: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        for tables in (None, ".csv"):
            with pytest.raises(OutputError, match="is neither a file nor a folder"):
                _target(path, graph, tables=tables)


def test_a_link_to_a_file_is_followed(tmp_path: Path, graph: Path) -> None:
    (tmp_path / "real.ttl").write_text("old")
    (tmp_path / "link.ttl").symlink_to("real.ttl")
    with output.writing(_target(tmp_path / "link.ttl", graph)) as aside:
        aside.write_text("new")
    assert (tmp_path / "link.ttl").is_symlink()
    assert (tmp_path / "real.ttl").read_text() == "new"
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "sneaky").symlink_to(graph / "kg.nq")
    for name, why in [("loop", "leads nowhere"), ("sneaky", "is a part of the graph")]:
        with pytest.raises(OutputError, match=why):
            _target(tmp_path / name, graph)


def test_in_the_graphs_folder_a_format_keeps_to_its_own_name(graph: Path) -> None:
    for name in ("kg.ttl", "small.ttl"):
        assert _target(graph / name, graph) == graph / name
    (graph / "store").mkdir()
    for name in ("kg.nq", "kg.duckdb", "manifest.json", "judgements.csv", "parquet", "store/x.ttl"):
        with pytest.raises(OutputError, match=r"is a part of the graph; in its folder this format is kg.ttl"):
            _target(graph / name, graph)


def test_a_missing_folder_is_not_made(tmp_path: Path, graph: Path) -> None:
    for tables in (None, ".csv"):
        with pytest.raises(OutputError, match="nope: no such folder; make it first"):
            _target(tmp_path / "nope" / "x", graph, tables=tables)
        with pytest.raises(OutputError, match=r"kg\.nq: is a file, not a folder"):
            _target(graph / "kg.nq" / "x", graph, tables=tables)
    assert not (tmp_path / "nope").exists()


def test_a_full_disk_is_said_with_the_name_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a.txt: cannot be written: No space left"), output.writing(tmp_path / "a.txt"):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
@pytest.mark.parametrize("word", ["new", "old"])
def test_what_no_build_left_is_not_cleared(tmp_path: Path, kind: str, word: str) -> None:
    path = tmp_path / f".out.{word}"
    if kind == "file":
        path.write_text("mine")
    elif kind == "link":
        path.symlink_to(tmp_path)
    else:
        path.mkdir()
        (path / "thesis.tex").write_text("mine")
    with pytest.raises(OutputError, match=rf"\.out\.{word}: is in the way of the build"):
        output.recover(tmp_path / "out")
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_a_lock_that_is_none_is_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ".out.lock"
    if kind == "file":
        path.write_text("mine")
    elif kind == "link":
        path.symlink_to("mine")
    else:
        path.mkdir()
    with pytest.raises(OutputError, match=r"\.out\.lock: is in the way of the build"), output.locked(tmp_path / "out"):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == [".out.lock"]
    assert kind != "file" or path.read_text() == "mine"


def test_a_current_folder_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here").rmdir()
    for path in (Path(), Path("x")):
        with pytest.raises(OutputError, match="the current folder is gone; change to it again"):
            output.check_ours(path)
