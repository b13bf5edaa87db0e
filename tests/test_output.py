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
