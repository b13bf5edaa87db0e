"""The command line as a person meets it: messages, exit status, what it loads."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import click
import pytest

from kg.cli import main
from kg.errors import IdentifierError
from kg.ids import check_base
from kg.queries import shipped


def kg(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "kg", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300, cwd=cwd)


def refused(done: subprocess.CompletedProcess[str], pattern: str, status: int = 1) -> None:
    """One clear line on stderr, nothing on stdout, no traceback."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert re.search(pattern, done.stderr), done.stderr


@pytest.fixture
def graph(built: Path, tmp_path: Path) -> Path:
    """A copy of the built graph that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "graph"))


def test_importing_the_command_line_loads_no_heavy_library() -> None:
    heavy = ("spacy", "rdflib", "networkx", "pyvis", "duckdb", "pyoxigraph", "rich", "numpy")
    code = f"import sys, kg.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_help_fits_a_screen_and_every_command_has_an_example() -> None:
    done = kg("--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) <= 24
    assert all(len(line) <= 100 for line in done.stdout.splitlines())
    for name in main.commands:
        page = kg(name, "--help").stdout
        assert re.search(rf"^ +kg {name}\b", page, re.MULTILINE), f"{name} has no example"


def test_every_command_and_option_is_in_the_docs(root: Path) -> None:
    text = (root / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, command in main.commands.items():
        section = re.search(rf"^## kg {name}\b.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert section, f"kg {name} is not in docs/commands.md"
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                for option in (*parameter.opts, *parameter.secondary_opts):
                    assert option in section[0], f"kg {name} {option} is not in docs/commands.md"


def test_the_version_is_said() -> None:
    assert kg("--version").stdout.startswith("kg, version 0.")


def test_a_wrong_option_is_wrong_usage() -> None:
    assert kg("build", "--no-such-option").returncode == 2


def test_an_unknown_format_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    refused(kg("build", tmp_path, "--formats", "nq,docx"), "no format 'docx'; known: nq, nt, ttl")


_WHOLE = """## Daily Papers (2024-12-25)

### [A title](https://arxiv.org/abs/2412.00001)

Vote: 1

Authors: Ann Ace, Bo Li

- **What's New**: text
"""
_LINE = b'{"id": "2412.0000%d", "title": "A", "abstract": "a", "authors_parsed": [["Ace", "Ann", ""]], "categories": "cs.CL"}\n'


@pytest.mark.parametrize(
    ("name", "content", "pattern"),
    [
        ("empty.md", b"", r"^empty\.md: "),
        ("picture.md", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", r"^picture\.md"),
        ("latin.md", _WHOLE.replace("A title", "Café").encode("latin-1"), r"^latin\.md:3: .*UTF-8"),
        ("undated.md", _WHOLE.replace(" (2024-12-25)", "").encode(), r"^undated\.md"),
        ("impossible.md", _WHOLE.replace("2024-12-25", "2024-02-30").encode(), r"^impossible\.md:1: .*2024-02-30"),
        ("linkless.md", _WHOLE.replace("(https://arxiv.org/abs/2412.00001)", "").encode(), r"^linkless\.md:3: "),
        ("elsewhere.md", _WHOLE.replace("arxiv.org/abs/2412.00001", "example.org/x").encode(), r"^elsewhere\.md:3: .*--skip-invalid"),
        ("untitled.md", _WHOLE.replace("A title", "").encode(), r"^untitled\.md:3: "),
        ("twice.md", (_WHOLE + _WHOLE.partition("\n")[2]).encode(), r"^twice\.md:1\d: .*3"),
        ("long.md", (_WHOLE + "x" * 50_000_000).encode(), r"^long\.md:10: "),
        ("broken.jsonl", b"".join(_LINE % number for number in range(1, 7)) + b'{"id": \n', r"^broken\.jsonl:7: "),
        ("notes.docx", b"PK", r"^notes\.docx: no reader for '\.docx'; known: "),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_line_and_leaves_the_old_output_whole(tmp_path: Path, name: str, content: bytes, pattern: str) -> None:
    good, bad, out = tmp_path / "good.md", tmp_path / name, tmp_path / "out"
    good.write_text(_WHOLE, encoding="utf-8")
    assert kg("build", good, "-o", out, "-q", "--formats", "nq").returncode == 0
    before = (out / "kg.nq").read_bytes()
    bad.write_bytes(content)
    refused(kg("build", bad, "-o", out, "-q"), pattern)
    assert (out / "kg.nq").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"good.md", name, "out"})


def test_a_missing_path_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    refused(kg("build", tmp_path / "nowhere", "-o", tmp_path / "out"), "nowhere")
    (tmp_path / "empty").mkdir()
    refused(kg("build", tmp_path / "empty", "-o", tmp_path / "out"), "empty")
    assert not (tmp_path / "out").exists()


def test_a_graph_that_is_not_there_is_said_with_what_makes_one(tmp_path: Path) -> None:
    for command in (["query", "digests"], ["export", "ttl"], ["check"], ["view"]):
        refused(kg(*command, "-g", tmp_path / "none"), "no graph there; make one with: kg build")


def test_the_output_of_a_running_build_is_left_alone(root: Path, tmp_path: Path) -> None:
    from kg.output import locked

    with locked(tmp_path / "out"):
        refused(kg("build", root / "seeds" / "digests", "-o", tmp_path / "out", "-q"), rf"process {os.getpid()} of .*, since 20")


def test_a_shipped_query_answers_and_names_are_found_in_any_spelling(graph: Path) -> None:
    plain = kg("query", "papers-by-author", "-p", "author=Aman Chadha", "-F", "csv", "-g", graph)
    assert plain.returncode == 0, plain.stderr
    assert len(plain.stdout.splitlines()) == 5
    assert kg("query", "papers-by-author", "-p", "author=aman  CHADHA", "-F", "csv", "-g", graph).stdout == plain.stdout


def test_an_unknown_name_suggests_near_ones(graph: Path) -> None:
    refused(kg("query", "papers-by-author", "-p", "author=Aman Chada", "-g", graph), "unknown author 'Aman Chada'; near: Aman Chadha")


def test_queries_are_listed_with_their_parameters(tmp_path: Path) -> None:
    listed = kg("query", cwd=tmp_path).stdout
    assert [line.split()[0] for line in listed.splitlines() if not line.startswith(" ")] == sorted(shipped())
    for line in listed.splitlines():
        if line.startswith(" "):  # as a shell takes it: an option and one value, without the quotes
            option, value = shlex.split(line)
            assert option == "-p"
            assert re.fullmatch(r'[a-z]+=[^"@]+', value)


def test_the_list_of_commands_cuts_no_sentence() -> None:
    assert "..." not in kg("--help").stdout.partition("Commands:")[2]


def test_an_empty_answer_is_said_at_a_table_and_only_there(graph: Path) -> None:
    for arguments, said in (
        (["new-concepts", "-p", "month=2031-01"], "no rows; see how its parameters are written: kg query\n"),
        (["SELECT ?s { ?s a kg:Nothing }"], "no rows\n"),
        (["SELECT ?s { ?s a kg:Nothing }", "-F", "csv"], ""),
        (["ASK { ?s a kg:Nothing }"], ""),
    ):
        done = kg("query", *arguments, "-g", graph)
        assert (done.returncode, done.stderr) == (0, said)


def test_any_sparql_is_answered_and_an_error_in_it_is_said_with_its_place(graph: Path) -> None:
    done = kg("query", "SELECT (COUNT(*) AS ?n) { ?paper a schema:ScholarlyArticle }", "-F", "csv", "-g", graph)
    assert done.stdout.split() == ["n", "120"]
    refused(kg("query", "SELECT ?x { ?x ", "-g", graph), r"^query:1:1\d: not SPARQL")


def test_a_query_from_a_file(graph: Path, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("ASK { ?s a kg:CoAuthorship }", encoding="utf-8")
    assert kg("query", "-f", tmp_path / "q.rq", "-g", graph).stdout == "true\n"
    (tmp_path / "bom.rq").write_text("ASK { ?s a kg:CoAuthorship }", encoding="utf-8-sig")
    assert kg("query", "-f", tmp_path / "bom.rq", "-g", graph).stdout == "true\n"
    refused(kg("query", "-f", tmp_path / "none.rq", "-g", graph), "none.rq: cannot be read")


_SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_a_query_that_takes_too_long_is_stopped(graph: Path) -> None:
    begin = time.monotonic()
    refused(kg("query", _SLOW, "--timeout-s", "1", "-g", graph), "stopped after 1 s")
    assert time.monotonic() - begin < 20


def test_ctrl_c_stops_a_query_and_its_process(graph: Path) -> None:
    with subprocess.Popen([sys.executable, "-m", "kg", "query", _SLOW, "-g", str(graph)], stderr=subprocess.PIPE, text=True) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        for _ in range(200):
            if children.exists() and children.read_text().split():
                break
            time.sleep(0.05)
        child = children.read_text().split()[0] if children.exists() else None
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (130, "stopped\n")
    assert child is None or not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize("form", ["nt", "ttl", "gexf", "csv", "parquet", "html"])
def test_an_export_says_where_it_went(graph: Path, form: str) -> None:
    done = kg("export", form, "-g", graph)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).exists()


def test_a_view_of_one_thing_is_a_page_of_its_own(graph: Path, tmp_path: Path) -> None:
    done = kg("view", "--focus", "aman chadha", "-o", tmp_path / "chadha.html", "-g", graph)
    assert done.returncode == 0, done.stderr
    assert "Aman Chadha" in (tmp_path / "chadha.html").read_text(encoding="utf-8")


def test_a_check_of_the_sample_finds_nothing(graph: Path) -> None:
    done = kg("check", "-g", graph)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no violations" in done.stderr


def test_without_a_terminal_progress_is_plain_lines_and_quiet_is_none(root: Path, tmp_path: Path) -> None:
    done = kg("build", root / "seeds" / "digests", "-o", tmp_path / "out", "--formats", "nq", "--no-store")
    assert done.stdout == ""
    assert "\x1b" not in done.stderr
    assert done.stderr.splitlines()[:2] == ["reading ...", "finding concepts ..."]
    assert "120 papers, 9" in done.stderr
    quiet = kg("build", "-o", tmp_path / "out", "-q")
    assert (quiet.stdout, quiet.stderr) == ("", "")


def test_at_a_terminal_there_are_bars_and_a_summary(root: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kg", "build", str(root / "seeds" / "digests"), "-o", str(tmp_path / "out"), "--no-store", "--formats", "nq"]
    said = bytearray()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(theirs)
        with suppress(OSError):  # raised when the other end has gone
            while piece := os.read(ours, 4096):
                said += piece
    os.close(ours)
    text = said.decode("utf-8", "replace")
    assert process.returncode == 0, text
    assert "finding concepts" in text
    assert "\x1b[" in text
    assert "120 papers" in text
    assert "kg view --open" in text


@pytest.mark.parametrize("command", [("export", "ttl"), ("export", "csv"), ("view",)])
def test_an_export_takes_nothing_away_but_the_file_it_names(graph: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "dir1").mkdir()
    (tmp_path / "dir1" / "thesis.tex").write_text("mine", encoding="utf-8")
    refused(kg(*command, "-g", graph, "-o", tmp_path / "dir1"), r"dir1: (is a folder|holds more than tables).* with -o")
    assert (tmp_path / "dir1" / "thesis.tex").read_text(encoding="utf-8") == "mine"
    refused(kg(*command, "-g", graph, "-o", graph / "kg.duckdb"), "kg.duckdb: is a ")
    refused(kg(*command, "-g", graph, "-o", tmp_path / "nope" / "x.ttl"), "nope: no such folder; make it first")
    assert not (tmp_path / "nope").exists()


def test_an_export_without_an_output_keeps_what_a_user_put_among_the_tables(graph: Path) -> None:
    assert kg("export", "csv", "-g", graph).returncode == 0
    assert kg("export", "csv", "-g", graph).returncode == 0
    (graph / "csv" / "notes.txt").write_text("mine", encoding="utf-8")
    refused(kg("export", "csv", "-g", graph), "csv: holds more than tables")


def test_the_graph_itself_is_not_replaced_by_a_part_of_it(graph: Path) -> None:
    before = (graph / "kg.nq").read_bytes()
    for output in ([], ["-o", graph / "kg.nq"]):
        done = kg("export", "nq", "--without", "mentions", "-g", graph, *output)
        assert (done.returncode, done.stdout) == (2, "")
        assert "kg.nq is the graph itself" in done.stderr
    assert (graph / "kg.nq").read_bytes() == before


def test_without_is_for_rdf_alone(graph: Path) -> None:
    done = kg("export", "csv", "--without", "mentions", "-g", graph)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--without leaves out graphs of an RDF format" in done.stderr


def test_an_export_of_rdf_says_that_its_source_is_missing(graph: Path) -> None:
    (graph / "kg.nq").unlink()
    refused(kg("export", "ttl", "-g", graph), r"kg\.nq: is not there, and ttl is made from it; build it again: kg build -o ")


@pytest.mark.parametrize("command", [("--help",), ("query", "--help"), ("query",), ("query", "digests"), ("query", "digests", "-F", "csv")])
def test_a_full_stdout_is_one_line(built: Path, command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        folder = ["-g", str(built)] if "digests" in command else []
        done = subprocess.run([sys.executable, "-m", "kg", *command, *folder], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "stdout: No space left on device\n")


def test_a_closed_stdout_is_one_line(built: Path) -> None:
    for command in ("query", f"query digests -g '{built}'"):
        done = subprocess.run(f"'{sys.executable}' -m kg {command} >&-", shell=True, capture_output=True, text=True, check=False)
        refused(done, "^stdout is closed; ")


def test_a_file_that_the_system_refuses_is_named(graph: Path) -> None:
    (graph / "kg.nq").unlink()
    (graph / "kg.nq").symlink_to(graph / "kg.nq")
    refused(kg("export", "ttl", "-g", graph), r"kg\.nq")


def test_a_current_folder_that_is_gone_is_said(root: Path, tmp_path: Path) -> None:
    for command in ("query digests", f"build '{root / 'seeds'}' -o ."):
        (tmp_path / "here").mkdir()
        code = f"rmdir '{tmp_path / 'here'}' && PYTHONPATH='{root}' '{sys.executable}' -c 'from kg.cli import main; main()' {command}"
        done = subprocess.run(code, shell=True, cwd=tmp_path / "here", capture_output=True, text=True, check=False)
        refused(done, r"^the current folder is gone; change to it again \(cd \.\)$")


def test_an_empty_text_is_no_path(graph: Path) -> None:
    for command in (["build", ""], ["build", graph, "-o", ""], ["export", "ttl", "-g", graph, "-o", ""], ["view", "-g", ""]):
        done = kg(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "an empty text is no path" in done.stderr


@pytest.mark.parametrize("name", [".out.new", ".out.lock"])
def test_what_stands_in_the_way_of_a_build_is_named(root: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    refused(kg("build", root / "seeds" / "digests", "-o", tmp_path / "out", "-q"), rf"{re.escape(name)}: is in the way of the build")
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "base",
    [
        *("", "kg", "/kg/", "kg.example/", "https://kg.example", "https://kg.example/#", "https://kg.example/?x=/", "https://kg.example/a b/"),
        *("https:///x/", "https:/", "http:", "urn:", "https://kg.example/<x>/", "https://kg.example/%zz/", "https://kg.example/\u200b/"),
    ],
)
def test_a_base_that_ids_cannot_follow_is_refused_before_anything_is_read(tmp_path: Path, base: str) -> None:
    from kg.pipeline import Options, build

    with pytest.raises(IdentifierError, match="is no IRI that ids can follow"):
        build(tmp_path / "out", Options(inputs=(tmp_path / "nowhere",), base=base))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "base", ["http://localhost:8000/내/", "https://kg.example/a%20b/", "urn:kg:", "tag:example.org,2024:", "https://kg.example/kg:"]
)
def test_a_base_that_ids_can_follow_is_taken(base: str) -> None:
    assert check_base(base) == base


def test_a_wrong_base_is_one_line(tmp_path: Path) -> None:
    refused(kg("build", tmp_path / "nowhere", "--base", "kg", "-o", tmp_path / "out"), "^base 'kg' is no IRI")


def test_a_summary_counts_right_and_says_how_many_problems_it_does_not_show(tmp_path: Path) -> None:
    path = tmp_path / "day.md"
    bad = "".join(f"\n### [No id {number}](https://example.org/{number})\n\nAuthors: Ann Ace\n\n- text\n" for number in range(5))
    path.write_text(_WHOLE + bad, encoding="utf-8")
    done = kg("build", path, "-o", tmp_path / "out", "--formats", "nq", "--no-store", "--skip-invalid")
    assert done.returncode == 0, done.stderr
    assert "\n1 paper, 2 authors, " in done.stderr
    assert "\n  1 co-author pair, 0 shared topics, " in done.stderr
    assert "\n    and 2 more\n" in done.stderr
    assert "--skip-invalid" not in done.stderr


def test_ctrl_c_while_the_program_loads_is_no_error() -> None:
    # The import is stopped as Ctrl-C would.
    code = "import sys, kg.__main__ as m\nclass Stop:\n    def find_spec(self, *_): raise KeyboardInterrupt\nsys.meta_path.insert(0, Stop())\nm.run()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "stopped\n")
