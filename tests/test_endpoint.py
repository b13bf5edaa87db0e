"""Asking another endpoint: what goes out, what comes back, and what is said when it does not come."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

from kg.answers import Answer
from kg.endpoint import ask_endpoint
from kg.errors import OutputError, QueryError
from kg.queries import find, shipped, with_parameters
from kg.store import ask_store

ONE = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"a"}}]}}'
RESULTS = "application/sparql-results+json"
NAMES = list(shipped())


@dataclass
class Endpoint:
    """An endpoint on this machine: it answers from a store that knows no prefixes, or with what a test has put into ``reply``."""

    url: str
    store: pyoxigraph.Store
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    reply: tuple[int, dict[str, str], bytes] | None = None
    pause_s: float = 0.0
    piece: int = 1 << 16

    def answer(self, query: str) -> tuple[int, dict[str, str], bytes]:
        if self.reply is not None:
            return self.reply
        try:
            results: Any = self.store.query(query, use_default_graph_as_union=True)
        except SyntaxError as error:
            return 400, {"Content-Type": "text/plain"}, str(error).encode("utf-8")
        triples = isinstance(results, pyoxigraph.QueryTriples)
        body = results.serialize(format=pyoxigraph.RdfFormat.N_TRIPLES if triples else pyoxigraph.QueryResultsFormat.JSON)
        return 200, {"Content-Type": f"{'application/n-triples' if triples else RESULTS}; charset=utf-8"}, body


@pytest.fixture
def endpoint(small: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    store = pyoxigraph.Store()
    store.bulk_load(path=str(small / "kg.nq"), format=pyoxigraph.RdfFormat.N_QUADS)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
            endpoint.asked.append((self.path, dict(self.headers), urllib.parse.parse_qs(body)["query"][0]))
            status, headers, answer = endpoint.answer(endpoint.asked[-1][2])
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # who asked may have heard enough
                for begin in range(0, len(answer), endpoint.piece):
                    if stopped.wait(endpoint.pause_s):
                        return
                    self.wfile.write(answer[begin : begin + endpoint.piece])

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing: what is asked is in ``asked``."""

    stopped = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}/sparql", store)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield endpoint
        stopped.set()
        server.shutdown()
        thread.join()


def _refused(endpoint: Endpoint, pattern: str, *, query: str = "ASK { ?s ?p ?o }", timeout_s: float = 30.0) -> None:
    with pytest.raises(QueryError) as caught:
        ask_endpoint(endpoint.url, query, timeout_s=timeout_s)
    message = str(caught.value)
    assert re.search(pattern, message), message
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_query_answers_there_as_it_does_here(name: str, small: Path, endpoint: Endpoint) -> None:
    text = find(name)
    here, there = ask_store(small, text), ask_endpoint(endpoint.url, text)
    assert there.variables == here.variables
    assert list(there.terms()) == list(here.terms()) != []


def test_a_parameter_is_a_name_as_it_is_given(endpoint: Endpoint) -> None:
    rows = list(ask_endpoint(endpoint.url, with_parameters(find("papers-by-author"), {"author": "A. Chadha"})))
    assert len(rows) == 2


def test_a_query_is_posted_as_a_form_and_asks_for_what_fits(endpoint: Endpoint) -> None:
    select, construct = 'SELECT ?s { ?s a foaf:Person } # é&="+"', "CONSTRUCT WHERE { ?s foaf:name ?o }"
    for query in (select, construct):
        ask_endpoint(f"{endpoint.url}?default-graph-uri=x", query).close()
    (path, headers, asked), (_, other_headers, other) = endpoint.asked
    assert path == "/sparql?default-graph-uri=x"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (headers["Accept"], other_headers["Accept"]) == (RESULTS, "application/n-triples")
    assert asked == f"PREFIX foaf: <http://xmlns.com/foaf/0.1/> {select}"
    assert other == f"PREFIX foaf: <http://xmlns.com/foaf/0.1/> {construct}"


def test_rows_yes_or_no_and_triples_come_back(small: Path, endpoint: Endpoint) -> None:
    with ask_endpoint(endpoint.url, "ASK { ?s a foaf:Person }") as yes, ask_endpoint(endpoint.url, "ASK { ?s a kg:Nothing }") as no:
        assert (yes.boolean, no.boolean) == (True, False)
    query = "CONSTRUCT { ?a rdfs:label ?l } WHERE { ?a a foaf:Person ; rdfs:label ?l }"
    there = ask_endpoint(endpoint.url, query)
    assert (there.form, there.variables) == ("construct", ("subject", "predicate", "object"))
    assert set(map(str, there.terms())) == set(map(str, ask_store(small, query).terms()))
    rows = list(ask_endpoint(endpoint.url, "SELECT ?x ?y { VALUES (?x ?y) { (1 UNDEF) } }"))
    assert rows == [{"x": 1, "y": None}]


def test_the_answer_s_media_type_decides_what_it_is(endpoint: Endpoint) -> None:
    endpoint.reply = (200, {"Content-Type": "Application/N-Triples;charset=UTF-8"}, b'<http://a/a> <http://a/b> "c" .\n')
    assert ask_endpoint(endpoint.url, "SELECT * { ?s ?p ?o }").form == "construct"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "127.0.0.1/sparql", "http://", "http:///x", "http://127.0.0.1:many/", "http://a b/", "http://é/", ""],
)
def test_what_is_no_http_address_is_refused(url: str) -> None:
    with pytest.raises(QueryError, match="no address of an endpoint; give one that begins with http"):
        ask_endpoint(url, "ASK { ?s ?p ?o }")


def test_a_line_end_in_an_address_adds_no_header(endpoint: Endpoint) -> None:
    for url in (f"{endpoint.url}\r\nX-Evil:1", f"{endpoint.url} HTTP/1.1"):
        with pytest.raises(QueryError, match="no address of an endpoint"):
            ask_endpoint(url, "ASK { ?s ?p ?o }")
    assert endpoint.asked == []


def test_a_password_in_an_address_is_not_used_and_not_shown() -> None:
    with pytest.raises(QueryError, match="user or a password") as caught:
        ask_endpoint("http://ann:secret@127.0.0.1/", "ASK { ?s ?p ?o }")
    assert "secret" not in str(caught.value)


def test_half_a_character_is_refused(endpoint: Endpoint) -> None:
    _refused(endpoint, "half a character", query="ASK { ?s ?p '\ud83d' }")


def test_an_endpoint_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # and does not listen
        for host in (f"127.0.0.1:{free.getsockname()[1]}", f"{'a' * 70}.invalid"):
            with pytest.raises(QueryError, match=rf"^http://{host}/sparql: cannot be reached \(.+\); see that"):
                ask_endpoint(f"http://{host}/sparql", "ASK { ?s ?p ?o }")


def test_what_an_endpoint_says_against_a_query_is_one_short_line(endpoint: Endpoint) -> None:
    _refused(endpoint, r"/sparql: HTTP 400 Bad Request: error at 1:\d+: expected one of", query="SELECT ?x { ?x ")
    endpoint.reply = (500, {"Content-Type": "text/html"}, b"<html>\n\x1b[31m\x00\xff no room" + b"x" * 5_000_000)
    _refused(endpoint, r"HTTP 500 Internal Server Error: <html> \\u001b\[31m")
    endpoint.reply = (503, {}, b"")
    _refused(endpoint, "HTTP 503 Service Unavailable$")


def test_a_redirection_is_told_and_not_followed(endpoint: Endpoint) -> None:
    for status in (301, 302, 303, 307, 308):
        endpoint.reply = (status, {"Location": f"{endpoint.url}/new"}, b"")
        _refused(endpoint, rf"HTTP {status} .*it has moved to {re.escape(endpoint.url)}/new, so give that address")
    endpoint.reply = (302, {"Location": "file:///etc/passwd"}, b"")
    _refused(endpoint, "HTTP 302")
    assert len(endpoint.asked) == 6


@pytest.mark.parametrize("headers", [{"Content-Type": "text/html"}, {}, {"Content-Type": RESULTS, "Content-Encoding": "gzip"}])
def test_another_kind_of_answer_is_refused(headers: dict[str, str], endpoint: Endpoint) -> None:
    endpoint.reply = (200, headers, ONE)
    _refused(endpoint, "answers with .*not with SPARQL JSON results or N-Triples; is it a SPARQL endpoint")


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", ONE[:-2], ONE[:-3] + b', Exception in thread "main" {', ONE.replace(b"literal", b"uri")])
def test_a_broken_answer_is_refused_before_it_is_used(body: bytes, endpoint: Endpoint) -> None:
    endpoint.reply = (200, {"Content-Type": RESULTS}, body)
    _refused(endpoint, "the answer is broken", query="SELECT ?x { }")


def test_broken_triples_are_refused(endpoint: Endpoint) -> None:
    endpoint.reply = (200, {"Content-Type": "application/n-triples"}, b'<http://a/a> <http://a/b> "c" .\nout of memory')
    _refused(endpoint, "the answer is broken", query="DESCRIBE <http://a/a>")


def test_an_answer_shorter_than_announced_is_refused(endpoint: Endpoint) -> None:
    endpoint.reply = (200, {"Content-Type": RESULTS, "Content-Length": str(len(ONE) + 9)}, ONE)
    _refused(endpoint, "breaks off 9 bytes before its end")
    endpoint.reply = (200, {"Content-Type": RESULTS, "Transfer-Encoding": "chunked"}, b"ffff\r\n" + ONE)
    _refused(endpoint, "the answer breaks off before its end")


def test_the_time_limit_holds_for_silence_and_for_dribbling(endpoint: Endpoint) -> None:
    endpoint.pause_s, endpoint.piece = 0.05, 1
    endpoint.reply = (200, {"Content-Type": RESULTS}, ONE)
    began = time.monotonic()
    _refused(endpoint, r"stopped after 0\.4 s", timeout_s=0.4)
    assert time.monotonic() - began < 5
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint.url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        _refused(endpoint, r"stopped after 0\.4 s; ask for less", timeout_s=0.4)


def test_a_full_disk_is_told(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: Path("/dev/full").open("r+b", buffering=0))  # noqa: SIM115 - as the real one
    with pytest.raises(OutputError, match=r"the answer cannot be written to .*: No space left on device; make room there"):
        ask_endpoint(endpoint.url, "ASK { ?s ?p ?o }")


def test_the_command_asks_an_endpoint_and_opens_no_graph(endpoint: Endpoint, tmp_path: Path) -> None:
    def kg(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kg", "query", *arguments, "--endpoint", endpoint.url]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)

    done = kg("papers-by-author", "-p", "author=A. Chadha", "-F", "csv", "-g", "none")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    endpoint.reply = (404, {}, b"nothing here")
    done = kg("ASK { ?s ?p ?o }")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{endpoint.url}: HTTP 404 Not Found: nothing here\n")
    assert list(tmp_path.iterdir()) == []


def test_nobody_need_close_an_answer(endpoint: Endpoint) -> None:
    assert isinstance(ask_endpoint(endpoint.url, "ASK { ?s ?p ?o }"), Answer)
