"""Builds: the same twice, an update equals a build from nothing, and a build that dies leaves the old one whole."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest

from kg.engine import Engine
from kg.errors import OutputError, ReadError
from kg.output import read_manifest
from kg.pipeline import Options, build, last_options
from kg.writers.tabular import table_hashes

TEXT_EXPORTS = ("kg.nq", "kg.ttl", "kg.graphml", "kg.html")


def fingerprints(folder: Path) -> dict[str, str]:
    """What must be the same twice: each table, each text export."""
    import hashlib

    with Engine(folder / "kg.duckdb", read_only=True) as engine:
        hashes = table_hashes(engine)
    return hashes | {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TEXT_EXPORTS}


def kg(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kg", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=300,
    )


@pytest.fixture
def digests(root: Path, tmp_path: Path) -> Path:
    """A copy of the sample digests that a test may change."""
    return Path(shutil.copytree(root / "seeds" / "digests", tmp_path / "digests"))


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A digest of one paper that a test may change."""
    path = tmp_path / "one.md"
    head = "## Daily Papers (2024-12-25)\n\n### [A title](https://arxiv.org/abs/2412.00001)\n\n"
    path.write_text(head + "Vote: 1\n\nAuthors: Ann Ace, Bo Li\n\n- **What's New**: text\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def counted(built: Path) -> Iterator[Engine]:
    with Engine(built / "kg.duckdb", read_only=True) as engine:
        yield engine


def test_the_sample_has_the_counts_that_were_counted_by_hand(counted: Engine) -> None:
    assert counted.value("select count(*) from papers") == 120
    assert counted.value("select count(distinct name) from signatures") == 959
    assert counted.value("select count(*) from authorships") == 1024
    assert counted.value("select count(*) from coauthorships") == 7293
    assert counted.value("select papers from authors where name = 'Aman Chadha'") == 4
    assert counted.value("select papers from coauthorships where source = 'author/aman-chadha' and target = 'author/vinija-jain'") == 3


def test_the_real_digests_have_the_same_counts(shared: Path, tmp_path: Path) -> None:
    build(tmp_path / "out", Options(inputs=(shared / "seeds",), formats=("nq",), store=False))
    with Engine(tmp_path / "out" / "kg.duckdb", read_only=True) as engine:
        test_the_sample_has_the_counts_that_were_counted_by_hand(engine)


def test_weights_equal_networkx_on_every_pair(counted: Engine) -> None:
    authorships = counted.rows("select paper_id, author_id from authorships")
    expected = nx.bipartite.collaboration_weighted_projected_graph(nx.Graph(authorships), {author for _, author in authorships})
    found = {(source, target): float(weight) for source, target, weight in counted.rows("select source, target, weight from coauthorships")}
    assert found.keys() == {(min(edge), max(edge)) for edge in expected.edges}
    assert all(abs(weight - expected[source][target]["weight"]) < 1e-8 for (source, target), weight in found.items())


def test_every_mention_points_at_its_words(counted: Engine) -> None:
    assert counted.value("select count(*) from mentions") > 1000
    texts = dict(counted.rows("select section_id, text from sections"))
    for section, begin, end, surface in counted.rows("select section_id, begin_index, end_index, surface from mentions"):
        assert texts[section][begin:end] == surface


@pytest.mark.parametrize(("seed", "threads"), [("0", "1"), ("1", "2"), ("12345", "2")])
def test_the_same_input_gives_the_same_bytes_under_any_hash_seed_and_thread_count(
    built: Path, digests: Path, tmp_path: Path, seed: str, threads: str
) -> None:
    paths = sorted(digests.iterdir())
    random.Random(seed).shuffle(paths)
    done = kg("build", *paths, "-o", tmp_path / "out", "--jobs", threads, "--no-store", "-q", PYTHONHASHSEED=seed)
    assert (done.returncode, done.stderr) == (0, "")
    assert fingerprints(tmp_path / "out") == fingerprints(built)


def test_the_store_holds_what_the_file_says(built: Path) -> None:
    import pyoxigraph

    store = pyoxigraph.Store.read_only(str(built / "store"))
    held = sorted(str(quad) for quad in store)
    with (built / "kg.nq").open("rb") as file:
        written = sorted(str(quad) for quad in pyoxigraph.parse(file, format=pyoxigraph.RdfFormat.N_QUADS))
    # The store keeps the subtypes of xsd:integer as xsd:integer.
    assert held == sorted(line.replace("XMLSchema#nonNegativeInteger>", "XMLSchema#integer>") for line in written)


def test_a_build_again_with_one_digest_more_and_one_less_equals_a_build_from_nothing(built: Path, digests: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    aside = tmp_path / "2025-02-10.md"
    (digests / aside.name).rename(aside)
    options = Options(inputs=(digests,), store=False)
    first = build(out, options)
    assert (first.annotated, first.reused) == (4 * 96, 0)
    four = fingerprints(out)

    aside.rename(digests / aside.name)
    more = build(out, options)
    assert (more.annotated, more.reused) == (4 * 24, 4 * 96)
    assert fingerprints(out) == fingerprints(built)

    again = build(out, last_options(out))
    assert (again.annotated, again.reused) == (0, 4 * 120)
    assert fingerprints(out) == fingerprints(built)

    (digests / aside.name).unlink()
    build(out, options)
    assert fingerprints(out) == four


def test_one_file_under_two_names_is_one_source(digests: Path, tmp_path: Path) -> None:
    shutil.copy(digests / "2024-12-25.md", digests / "copy.md")
    summary = build(tmp_path / "out", Options(inputs=(digests,), formats=("nq",), store=False))
    assert (summary.counts["sources"], summary.counts["papers"], summary.counts["records"]) == (5, 120, 120)


def test_options_and_inputs_of_last_time_are_kept(digests: Path, tmp_path: Path) -> None:
    options = Options(inputs=(digests,), base="https://graph.example/", formats=("nq", "ttl"), store=False, max_team=40)
    build(tmp_path / "out", options)
    assert last_options(tmp_path / "out") == options
    assert b"<https://graph.example/paper/arxiv:2412.14711>" in (tmp_path / "out" / "kg.nq").read_bytes()


def test_a_folder_that_was_never_built_has_no_last_time(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no graph there to build again"):
        last_options(tmp_path)


def test_papers_of_large_teams_make_no_pairs_and_are_counted(digests: Path, tmp_path: Path) -> None:
    summary = build(tmp_path / "out", Options(inputs=(digests,), formats=("nq",), store=False, max_team=41))
    assert summary.large_teams == 3
    with Engine(tmp_path / "out" / "kg.duckdb", read_only=True) as engine:
        assert engine.value("select max(authors) from papers") == 59
        teams: dict[str, set[str]] = {}
        for paper, author in engine.rows("select paper_id, author_id from authorships join papers using (paper_id) where authors <= 41"):
            teams.setdefault(paper, set()).add(author)
        assert set(engine.rows("select source, target from coauthorships")) == {
            pair for team in teams.values() for pair in combinations(sorted(team), 2)
        }


def test_bad_entries_are_left_out_when_asked_and_listed(digests: Path, tmp_path: Path) -> None:
    path = digests / "2024-12-25.md"
    path.write_text(path.read_text(encoding="utf-8").replace("(https://arxiv.org/abs/2412.14711)", "(https://example.org/x)"), encoding="utf-8")
    with pytest.raises(ReadError, match=r"2024-12-25.md:3: "):
        build(tmp_path / "out", Options(inputs=(digests,), formats=("nq",), store=False))
    assert not (tmp_path / "out").exists()
    summary = build(tmp_path / "out", Options(inputs=(digests,), formats=("nq",), store=False, skip_invalid=True))
    assert summary.counts["papers"] == 119
    lines = (tmp_path / "out" / "problems.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,line,reason"
    assert len(lines) == 2
    assert lines[1].startswith("2024-12-25.md,3,")


def test_the_manifest_says_what_went_in_and_came_out(built: Path) -> None:
    manifest = read_manifest(built)
    assert manifest is not None
    assert [entry["name"] for entry in manifest["inputs"]] == ["2024-10-08.md", "2024-12-04.md", "2024-12-23.md", "2024-12-25.md", "2025-02-10.md"]
    assert manifest["counts"]["papers"] == 120
    assert manifest["counts"]["quads"] == (built / "kg.nq").read_bytes().count(b"\n")


def test_no_local_path_and_no_time_stands_in_what_is_published(built: Path, root: Path) -> None:
    for name in TEXT_EXPORTS:
        text = (built / name).read_text(encoding="utf-8")
        assert str(root) not in text
        assert str(built) not in text


def test_a_full_disk_leaves_the_old_output_whole(digests: Path, tmp_path: Path) -> None:
    """The system lets no file of the second build grow beyond 200 kB, as a full disk would."""
    out = tmp_path / "out"
    assert kg("build", digests, "-o", out, "-q", "--no-store").returncode == 0
    before = fingerprints(out)
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); from kg.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", limited, "build", str(digests), "-o", str(out), "-q"], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert fingerprints(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digests", "out"]


def test_a_build_killed_at_twenty_moments_leaves_the_old_output_whole_and_the_next_succeeds(digests: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "kg", "build", str(digests), "-o", str(out), "-q"]
    begin = time.perf_counter()
    subprocess.run(command, check=True, timeout=300)
    seconds = time.perf_counter() - begin
    before = fingerprints(out)
    chance = random.Random(20)
    for _ in range(20):
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            time.sleep(chance.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
        assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["counts"]["papers"] == 120
        assert fingerprints(out) == before
        assert (out / "store").is_dir()
    subprocess.run(command, check=True, timeout=300)
    assert fingerprints(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digests", "out"]
    assert not [path for path in out.iterdir() if path.name.startswith(".") and path.name != ".cache"]


@pytest.mark.parametrize(("code", "name", "kind"), [(errno.ENOSPC, None, OutputError), (errno.ENOENT, "/nowhere/words.txt", OSError)])
def test_only_an_error_of_the_output_is_called_one(
    digests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, name: str | None, kind: type[Exception]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code), name)

    monkeypatch.setattr("kg.pipeline.annotate_sections", fail)
    with pytest.raises(kind, match=os.strerror(code)):
        build(tmp_path / "out", Options(inputs=(digests,), formats=("nq",), store=False))
    assert not (tmp_path / "out").exists()


def test_a_damaged_cache_is_computed_again(one: Path, tmp_path: Path) -> None:
    options = Options(inputs=(one,), formats=("nq",), store=False)
    build(tmp_path / "out", options)
    before = (tmp_path / "out" / "kg.nq").read_bytes()
    [cache] = (tmp_path / "out" / ".cache").iterdir()
    for content in (b"", b"nonsense", cache.read_bytes()[:-50]):
        cache.write_bytes(content)
        assert build(tmp_path / "out", options).reused == 0
        assert (tmp_path / "out" / "kg.nq").read_bytes() == before


@pytest.mark.parametrize("options", [None, [], {}, {"inputs": 3}, "more", "less", "type", "item"])
def test_a_manifest_of_another_version_is_refused(one: Path, tmp_path: Path, options: object) -> None:
    out = tmp_path / "out"
    build(out, Options(inputs=(one,), formats=("nq",), store=False))
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    stored = manifest["options"]
    changed = {
        "more": {**stored, "colour": 1},
        "less": {"inputs": stored["inputs"]},
        "type": {**stored, "max_team": "9"},
        "item": {**stored, "inputs": [1]},
    }
    manifest["options"] = changed[options] if isinstance(options, str) else options
    for broken in (manifest, {}):
        (out / "manifest.json").write_text(json.dumps(broken), encoding="utf-8")
        with pytest.raises(OutputError, match=r"manifest\.json: does not say .* name the inputs"):
            last_options(out)


def test_names_that_are_no_utf_8_do_not_stop_a_build(one: Path, tmp_path: Path) -> None:
    odd = tmp_path / "s\udcff.md"
    odd.write_text(one.read_text(encoding="utf-8") + "\n### [No id](https://example.org/x)\n\nAuthors: Ann Ace\n\n- text\n", encoding="utf-8")
    options = Options(inputs=(odd,), formats=("nq",), store=False, skip_invalid=True)
    assert build(tmp_path / "out", options).counts["papers"] == 1
    assert "\\udcff.md,11," in (tmp_path / "out" / "problems.csv").read_text(encoding="utf-8")
    assert last_options(tmp_path / "out") == options


def test_problems_left_out_bear_no_advice_to_leave_them_out(one: Path, tmp_path: Path) -> None:
    one.write_text(one.read_text(encoding="utf-8").replace("arxiv.org/abs/2412.00001", "example.org/x"), encoding="utf-8")
    with pytest.raises(ReadError, match="--skip-invalid"):
        build(tmp_path / "out", Options(inputs=(one,)))
    with pytest.raises(ReadError, match=r"no paper in it; 1 problem: one\.md:3: .*; fix it$"):
        build(tmp_path / "out", Options(inputs=(one,), skip_invalid=True))
