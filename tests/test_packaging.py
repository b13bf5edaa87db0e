"""The wheel, the source distribution, and what must not stand in the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def distributions(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution, built from a copy of what git knows."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (root / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, source / name, follow_symlinks=False)
    for target in ("wheel", "sdist"):
        subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)], cwd=source, check=True, capture_output=True)
    return out


def test_the_wheel_runs_in_an_empty_folder(distributions: Path, tmp_path: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(next(distributions.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    code = "import kg, sys; sys.exit(not kg.__file__.startswith(sys.argv[1]))"
    assert subprocess.run([sys.executable, "-c", code, str(site)], cwd=empty, env=environment, check=False).returncode == 0
    build = [sys.executable, "-m", "kg", "build", str(site / "kg" / "seeds" / "digests"), "-q"]
    done = subprocess.run(build, cwd=empty, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert (empty / "output" / "kg.html").stat().st_size > 100_000
    query = [sys.executable, "-m", "kg", "query", "strongest-coauthors", "-p", "author=Aman Chadha", "-F", "csv"]
    assert "Vinija Jain" in subprocess.run(query, cwd=empty, env=environment, capture_output=True, text=True, check=True, timeout=300).stdout


def test_the_source_distribution_holds_what_the_wheel_is_made_of(distributions: Path, root: Path) -> None:
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in (
        "LICENSE",
        "README.md",
        "Makefile",
        "constraints.txt",
        "ontologies/mapping.ttl",
        "kg/ontologies/mapping.ttl",
        "seeds/digests/2024-12-25.md",
    ):
        assert name in names, name
    assert {f"tests/{path.name}" for path in (root / "tests").glob("test_*.py")} <= names


def test_every_direct_dependency_has_its_reason_and_its_pin(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    reasons = (root / "docs" / "dependencies.md").read_text(encoding="utf-8")
    pins = {line.partition("==")[0].lower() for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line}
    block = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block
    names = re.findall(r'"([a-z0-9-]+)>=', block[1])
    assert {"spacy", "networkx", "rdflib", "pyvis", "duckdb", "pyoxigraph", "oxrdflib", "pyshacl"} <= set(names)
    for name in names:
        assert f"| {name} |" in reasons, f"{name} has no reason in docs/dependencies.md"
        assert name in pins, f"{name} is not in constraints.txt"


def test_every_link_in_the_docs_leads_somewhere(root: Path) -> None:
    for page in (root / "README.md", root / "benchmarks" / "README.md", *(root / "docs").glob("*.md")):
        prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", prose):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
