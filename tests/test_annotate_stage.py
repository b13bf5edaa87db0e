"""Candidates of all sections: each text annotated once, by this process or by several, with the same result."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.annotate import annotate, stage, workers
from kg.annotate.stage import Annotated, annotate_sections
from kg.engine import Engine, sql_path
from kg.errors import OutputError, PipelineError

ENGLISH = [f"We train the Model{n}X with a mixture of experts (MoE) for the task of image-{n} retrieval." for n in range(40)]
KOREAN = [f"이 논문은 지식 그래프(Knowledge Graph)를 쓰는 검색{n}X를 제안한다." for n in range(20)]
TERMS = ["mixture of experts", "검색"]
FRENCH = (
    "Nous construisons un graphe de connaissances appelé GraphNet-2 à partir d'ImageNet, et BERT (Basic Energy Row Test) nous aide, comme dans "
    "« Graphs of Things » déjà."
)
CHINESE = "我们基于BERT和GraphNet-2构建知识图谱，并在ImageNet数据集上进行评估。"
JAPANESE = "本論文では、BERTとGraphNet-2を用いた画像分類のための手法を提案し、ImageNetで評価する。"
PROC = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks into /proc")

Section = tuple[str, str]


def sections(engine: Engine, *given: Section) -> None:
    """Sections of these labels and texts, a record each."""
    engine.declare("sections")
    columns = ("section_id", "record_id", "label", "text", "language")
    engine.insert("sections", columns, ((f"text/{n:04}+{label}", f"record/{n:04}", label, text, None) for n, (label, text) in enumerate(given)))


def run(folder: Path, *given: Section, kept: Path | None = None, **options: Any) -> tuple[Annotated, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What the stage returns, the rows of candidates, and those of what it keeps in the folder."""
    with Engine() as engine:
        sections(engine, *given)
        result = annotate_sections(engine, kept=kept or folder / "nothing", keep=folder, **options)
        (file,) = folder.iterdir()
        return result, engine.rows("select * from candidates"), engine.rows(f"select * from read_parquet({sql_path(file)})")


def texts(*given: str) -> list[Section]:
    return [("abstract", text) for text in given]


@pytest.fixture
def shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few short texts are enough for other processes, in many batches."""
    monkeypatch.setattr(stage, "_CHARACTERS_PER_PROCESS", 1)
    monkeypatch.setattr(stage, "_BATCH_TEXTS", 3)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started, as they are."""
    found: list[subprocess.Popen[bytes]] = []

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        found.append(real(*arguments, **options))
        return found[-1]

    real = workers.start
    monkeypatch.setattr(workers, "start", start)
    return found


def test_any_number_of_processes_gives_the_same_rows_in_the_same_order(
    tmp_path: Path, shared_out: None, started: list[subprocess.Popen[bytes]]
) -> None:
    given = texts(*ENGLISH, *KOREAN, FRENCH)
    alone, together = tmp_path / "1", tmp_path / "3"
    first = run(alone, *given, terms=TERMS, jobs=1)
    assert not started
    assert run(together, *given, terms=TERMS, jobs=3) == first
    assert len(started) == 3
    assert first[0].new == len(given)
    assert first[0].other_languages == 1
    assert len(first[1]) > 5 * len(given)


def test_candidates_are_those_of_the_texts_and_stand_where_they_say(tmp_path: Path, shared_out: None) -> None:
    given = texts(*ENGLISH[:5], *KOREAN[:5])
    _, rows, _ = run(tmp_path, *given, terms=TERMS, jobs=2)
    expected = {
        (f"text/{n:04}+abstract", c.begin, c.end, c.surface, c.evidence, c.partner, c.relation)
        for n, found in enumerate(annotate(((text, False) for _, text in given), TERMS))
        for c in found
    }
    assert set(rows) == expected
    assert len(rows) == len(expected)
    assert {evidence for _, _, _, _, evidence, _, _ in rows} >= {"vocabulary", "acronym", "gloss"}


def test_a_known_text_is_not_annotated_again_and_a_new_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    run(first, *texts(*ENGLISH[:9], "없다"), terms=TERMS)
    annotated: list[str] = []

    def spy(batches: Iterator[Sequence[tuple[str, bool]]], *arguments: Any, **options: Any) -> Iterator[list[workers.Found]]:
        def noted() -> Iterator[Sequence[tuple[str, bool]]]:
            for batch in batches:
                annotated.extend(text for text, _ in batch)
                yield batch

        return workers.annotated(noted(), *arguments, **options)

    monkeypatch.setattr(stage, "annotated", spy)
    update = run(second, *texts(*ENGLISH[2:11], "없다"), kept=first, terms=TERMS)
    assert sorted(annotated) == sorted(ENGLISH[9:11])
    assert update[0][:2] == (2, 8)
    monkeypatch.undo()
    new = run(tmp_path / "third", *texts(*ENGLISH[2:11], "없다"), terms=TERMS)
    assert new[1:] == update[1:]
    assert new[0].new == 10


def test_one_text_in_many_sections_is_annotated_once(tmp_path: Path) -> None:
    result, rows, _ = run(tmp_path, *texts(ENGLISH[0], ENGLISH[0], ENGLISH[0]), terms=TERMS)
    assert result[:2] == (1, 0)
    assert len({row[0] for row in rows}) == 3
    assert len({row[1:] for row in rows}) * 3 == len(rows)


def test_a_title_is_another_text_than_an_abstract_of_the_same_words(tmp_path: Path) -> None:
    result, rows, _ = run(tmp_path, ("title", ENGLISH[0]), ("abstract", ENGLISH[0]))
    assert result.new == 2
    evidence = {label: {row[4].split()[0] for row in rows if row[0].endswith(label)} for label in ("title", "abstract")}
    assert "title" in evidence["title"]
    assert "title" not in evidence["abstract"]


def test_another_vocabulary_annotates_again(tmp_path: Path) -> None:
    first = run(tmp_path / "first", *texts(*ENGLISH[:3]), terms=TERMS)
    second = run(tmp_path / "second", *texts(*ENGLISH[:3]), kept=tmp_path / "first", terms=["retrieval"])
    assert second[0][:2] == (3, 0)
    assert second[0].fingerprint != first[0].fingerprint
    surfaces = [{row[3] for row in rows if row[4] == "vocabulary"} for _, rows, _ in (first, second)]
    assert surfaces == [{"mixture of experts"}, {"retrieval"}]


@pytest.mark.parametrize("damage", ["cut short", "something else", "another table"])
def test_what_was_kept_and_cannot_be_read_is_computed_again(tmp_path: Path, damage: str) -> None:
    first = run(tmp_path / "first", *texts(*ENGLISH[:3]))
    (file,) = (tmp_path / "first").iterdir()
    if damage == "another table":
        with Engine() as engine:
            engine.run(f"copy (select 'a' as text_id) to {sql_path(file)} (format parquet)")
    else:
        file.write_bytes(file.read_bytes()[:-40] if damage == "cut short" else b"something else")
    assert run(tmp_path / "second", *texts(*ENGLISH[:3]), kept=tmp_path / "first") == first


def test_no_text_needs_no_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "annotated", None)
    result, rows, _ = run(tmp_path)
    assert (result[:3], rows) == ((0, 0, 0), [])


@pytest.mark.parametrize(
    ("characters", "jobs", "name", "processes"),
    [
        (1_000, None, None, 1),
        (1_000, 8, None, 1),
        (1_000_000, None, None, 3),
        (10_000_000, None, None, 5),
        (10_000_000, 2, None, 2),
        (10_000_000, 1, None, 1),
        (10_000_000, None, "spacy", 1),
        (10_000_000, 4, "spacy", 4),
    ],
)
def test_no_more_processes_start_than_cores_or_than_there_is_work_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, characters: int, jobs: int | None, name: str | None, processes: int
) -> None:
    used: list[int] = []

    def annotated(batches: Any, terms: Any, *, name: str | None, processes: int) -> Iterator[list[workers.Found]]:
        used.append(processes)
        return ([workers.Found(False, []) for _ in batch] for batch in batches)

    monkeypatch.setattr(stage, "annotated", annotated)
    monkeypatch.setattr(stage, "usable_cores", lambda: 5)
    run(tmp_path, *texts(*(str(n) * (characters // 10) for n in range(10))), jobs=jobs, name=name)
    assert used == [processes]


def test_progress_counts_every_text(tmp_path: Path, shared_out: None) -> None:
    seen: list[tuple[str, int, int | None]] = []
    run(tmp_path, *texts(*ENGLISH[:10]), progress=lambda *step: seen.append(step))
    assert seen == [("annotate", done, 10) for done in (3, 6, 9, 10)]


@settings(max_examples=60)
@given(lengths=st.lists(st.integers(0, 30), max_size=25), most=st.integers(1, 6), characters=st.integers(1, 60), read=st.integers(1, 7))
def test_batches_hold_every_new_text_once_in_order_and_none_is_large(lengths: list[int], most: int, characters: int, read: int) -> None:
    with pytest.MonkeyPatch.context() as patch, Engine() as engine:
        for name, value in (("_BATCH_TEXTS", most), ("_BATCH_CHARACTERS", characters), ("_READ_TEXTS", read)):
            patch.setattr(stage, name, value)
        engine.run("create temp table new_texts (text_id varchar, text varchar, is_title boolean)")
        rows = [(str(n), "x" * length, False) for n, length in enumerate(lengths)]
        engine.insert("new_texts", ("text_id", "text", "is_title"), rows)
        batches = list(stage._batches(engine, len(rows)))
    assert [row for batch in batches for row in batch] == rows
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert sum(len(text) for _, text, _ in batch[:-1]) < characters


def test_few_batches_are_ahead_of_the_one_that_is_asked_for() -> None:
    asked = 0

    def batches() -> Iterator[list[tuple[str, bool]]]:
        nonlocal asked
        for text in ENGLISH:
            asked += 1
            yield [(text, False)]

    results = workers.annotated(batches(), processes=2)
    next(results)
    assert asked == 5
    assert len(list(results)) == len(ENGLISH) - 1
    assert asked == len(ENGLISH)


def test_results_come_in_the_order_of_the_batches_however_long_each_takes() -> None:
    batches = [[(" ".join(ENGLISH) * 40, False)], [(ENGLISH[0], False)], [(ENGLISH[1], False), ("it", False)], [(ENGLISH[2], False)]]
    expected = list(workers.annotated(batches))
    assert list(workers.annotated(batches, processes=2)) == expected
    assert len(expected[0][0].spans) > 100 * len(expected[1][0].spans)
    assert expected[2][1].spans == []


def _runs(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_for(condition: Callable[[], Any], timeout_s: float = 30) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


def test_a_closed_iterator_waits_for_no_process(started: list[subprocess.Popen[bytes]]) -> None:
    results = workers.annotated([[("short", False)], *[[(" ".join(ENGLISH) * 100, False)]] * 5], processes=2)
    next(results)
    late: list[int] = []

    def go_on() -> None:
        for process in started:
            late.append(process.pid)
            process.send_signal(signal.SIGCONT)

    timer = threading.Timer(30, go_on)
    timer.start()
    for process in started:
        process.send_signal(signal.SIGSTOP)  # its text is long, and now takes for ever
    results.close()
    timer.cancel()
    assert not late
    assert [process.returncode for process in started] == [-signal.SIGKILL, -signal.SIGKILL]


def test_a_process_that_cannot_be_started_leaves_no_other(started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        if len(started) == 2:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return real(*arguments, **options)

    real = workers.start
    monkeypatch.setattr(workers, "start", start)
    with pytest.raises(PipelineError, match=r"^3 processes .+ cannot be started: Resource temporarily unavailable; use fewer: --jobs 1$"):
        list(workers.annotated([[("a", False)]], processes=3))
    assert [process.returncode for process in started] == [-signal.SIGKILL, -signal.SIGKILL]


def test_an_error_while_rows_are_taken_leaves_no_process(
    tmp_path: Path, shared_out: None, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def insert(engine: Engine, table: str, columns: Sequence[str], rows: Iterator[Any]) -> int:
        if table == "known_candidates":
            next(rows)
            raise OutputError("no room")
        return real(engine, table, columns, rows)

    real = Engine.insert
    monkeypatch.setattr(Engine, "insert", insert)
    with pytest.raises(OutputError, match="no room") as caught:
        run(tmp_path, *texts(*ENGLISH), jobs=2)
    # Also while somebody holds the error, and with it all that its frames refer to.
    assert [process.returncode for process in started] == [-signal.SIGKILL, -signal.SIGKILL]
    assert caught.tb is not None


def test_a_process_that_was_killed_is_one_clear_error(started: list[subprocess.Popen[bytes]]) -> None:
    results = workers.annotated(([(text, False)] for text in ENGLISH), processes=2)
    next(results)
    for process in started:
        process.kill()
    with pytest.raises(
        PipelineError, match=r"^a process that finds concepts was ended by signal 9 \(SIGKILL\); if memory ran out, use fewer: --jobs 1$"
    ):
        list(results)
    assert all(process.returncode is not None for process in started)


def test_a_process_that_fails_says_why_in_one_line() -> None:
    no_term: Any = 7
    with pytest.raises(PipelineError, match=r"^a process that finds concepts failed: \w+Error: [^\n]+; to see more, use no other process: --jobs 1$"):
        list(workers.annotated([[("a", False)]], [no_term], processes=2))


def test_a_script_that_guards_nothing_runs_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from kg.annotate.workers import annotated\nprint('begin')\n"
        "print(len(list(annotated([[('a prior', False)], [('it', False)]], ['prior'], processes=2))))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert (done.stdout, done.stderr) == ("begin\n2\n", "")


_ENDLESS = """
from itertools import repeat
from kg.annotate.workers import annotated
for _ in annotated(repeat([("We use BERT. " * 900, False)]), processes=2):
    pass
"""


@PROC
def test_processes_end_when_their_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _ENDLESS], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        _wait_for(lambda: len(_children(parent.pid)) == 2)
        orphans = _children(parent.pid)
        time.sleep(1)  # at work, not at its beginning
        for pid in orphans:
            os.kill(pid, signal.SIGSTOP)  # as one that is long at a text: it cannot see by itself that nobody waits
    finally:
        parent.kill()
        parent.wait()
    assert len(orphans) == 2
    _wait_for(lambda: not any(map(_runs, orphans)))
    left = [pid for pid in orphans if _runs(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


@PROC
@pytest.mark.parametrize(("everybody", "at_s"), [(True, 0.05), (True, 2.0), (False, 2.0)])
def test_ctrl_c_ends_a_build_and_its_processes_at_once_with_one_word(tmp_path: Path, everybody: bool, at_s: float) -> None:
    source = tmp_path / "many.jsonl"
    paper = {"authors": "A. Author", "categories": "cs.CL", "update_date": "2024-12-25", "authors_parsed": [["Author", "A.", ""]]}
    with source.open("w") as file:
        for n in range(6_000):
            file.write(json.dumps({**paper, "id": f"2412.{n:05}", "title": f"Paper {n}", "abstract": f"{ENGLISH[n % 40]} {n} " * 10}) + "\n")
    command = [sys.executable, "-m", "kg", "build", source, "-o", tmp_path / "out", "--jobs", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        _wait_for(lambda: len(_children(process.pid)) == 2)
        children = _children(process.pid)
        time.sleep(at_s)
        if everybody:  # as at a terminal
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, "reading ...\nfinding concepts ...\nstopped\n")
    assert time.monotonic() - begin < 20
    assert len(children) == 2
    assert not any(map(_runs, children))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "names", "terms"),
    [
        (FRENCH, {"GraphNet-2", "ImageNet", "BERT"}, {"graphe de connaissances"}),
        (CHINESE, {"GraphNet-2", "ImageNet", "BERT"}, {"知识图谱"}),
        (JAPANESE, {"GraphNet-2", "ImageNet", "BERT"}, {"画像分類"}),
    ],
    ids=["French", "Chinese", "Japanese"],
)
def test_other_languages_give_names_and_terms_and_nothing_else(text: str, names: set[str], terms: set[str]) -> None:
    found = next(annotate([(text, False)], ["graphe de connaissances", "知识图谱", "画像分類"]))
    assert {c.surface for c in found if c.evidence == "latin"} == names
    assert {c.surface for c in found if c.evidence == "vocabulary"} == terms
    assert {c.evidence for c in found} <= {"latin", "vocabulary", "acronym"}


def test_texts_in_other_languages_are_counted_whether_new_or_known(tmp_path: Path) -> None:
    short = "Une méthode nouvelle pour apprendre"
    given = [*texts(FRENCH, FRENCH, CHINESE, JAPANESE, short, *ENGLISH[:3], *KOREAN[:3]), ("title", f"{FRENCH} ici")]
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(first, *given)[0][:3] == (11, 0, 4)
    assert run(second, *given, kept=first)[0][:3] == (0, 11, 4)


def test_english_abstracts_count_as_english(shared: Path, tmp_path: Path) -> None:
    import gzip
    from itertools import islice

    from kg.annotate.phrases import is_other_language

    with gzip.open(shared / "corpora" / "arxiv-20k.jsonl.gz", "rt", encoding="utf-8") as file:
        abstracts = [json.loads(line)["abstract"] for line in islice(file, 5_000)]
    assert len(abstracts) == 5_000
    assert sum(map(is_other_language, abstracts)) <= 1


def test_the_summary_says_once_that_texts_are_in_other_languages_and_only_if_they_are(tmp_path: Path) -> None:
    paper = {
        "title": "On Reading",
        "authors": "A. Author",
        "categories": "cs.CL",
        "update_date": "2024-12-25",
        "authors_parsed": [["Author", "A.", ""]],
    }
    said = {}
    for language, abstracts in (("French", [FRENCH, f"{FRENCH} {FRENCH}", ENGLISH[0]]), ("English", ENGLISH[:2])):
        source = tmp_path / f"{language}.jsonl"
        source.write_text("".join(json.dumps({**paper, "id": f"2412.{n:05}", "abstract": text}) + "\n" for n, text in enumerate(abstracts, 1)))
        command = [sys.executable, "-m", "kg", "build", source, "-o", tmp_path / language, "--formats", "nq", "--no-store"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        said[language] = [line for line in done.stderr.splitlines() if "other languages" in line]
    warning = "  2 texts in other languages than Korean and English: names, abbreviations and terms of vocabularies are found there, phrases are not"
    assert said == {"French": [warning], "English": []}
