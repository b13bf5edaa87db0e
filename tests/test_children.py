"""Child processes: what they inherit, and that they end."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kg.children import start


def test_ctrl_c_ends_a_child_without_the_help_of_what_runs_in_it() -> None:
    code = """
import time
print("up", flush=True)
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""
    with start(code, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"up\n"
            child.send_signal(signal.SIGINT)
            assert child.wait(20) == -signal.SIGINT
        finally:
            child.kill()


def test_a_child_finds_the_modules_of_its_parent_and_none_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "kg_found.py").write_text("print('found')")
    (tmp_path / "json.py").write_text("print('not the library')")
    monkeypatch.syspath_prepend(tmp_path / "path")
    monkeypatch.chdir(tmp_path)
    child = start("import json, kg_found", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.communicate() == (b"found\n", b"")


def test_a_child_whose_parent_has_ended_before_it_began_does_nothing() -> None:
    code = "from kg.children import _begin; _begin(1234567); print('done')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
