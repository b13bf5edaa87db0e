"""Ask a SPARQL endpoint somewhere else, by the SPARQL 1.1 Protocol. No other module of ours opens a connection."""

from __future__ import annotations

import http.client
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from typing import IO, Any

from kg.answers import Answer, one_line
from kg.errors import OutputError, QueryError
from kg.queries import gives_triples, require_question, with_prefixes
from kg.version import __version__

_RESULTS = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
_PIECE = 1 << 16
_ERROR_BYTES = 2000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Following a redirection would ask by GET, without the query."""

    def redirect_request(self, *_: Any) -> None:
        return None


def ask_endpoint(url: str, query: str, *, timeout_s: float = 60.0) -> Answer:
    """Ask an endpoint any SPARQL 1.1 query. What its default graph is, and against what relative IRIs resolve, it decides itself.

    The prefixes of `kg.namespaces.PREFIXES` need no declaration here either. The answer is read to its end before it is given.

    Args:
        url: an http or https address; user and password in it are refused.
        timeout_s: how long the answer may take, in seconds; each step of the connection may take as long again.

    Raises:
        QueryError: the address is none, nobody answers there, the query is an update or was refused, it took too long, or the answer is not
            SPARQL JSON results or N-Triples.
        OutputError: there is no room for the answer.

    >>> ask_endpoint("file:///etc/passwd", "ASK { ?s ?p ?o }")
    Traceback (most recent call last):
        ...
    kg.errors.QueryError: file:///etc/passwd: no address of an endpoint; give one that begins with http:// or https://
    """
    require_question(query)
    request = _request(url, with_prefixes(query))
    where = one_line(url)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the Answer closes it
    try:
        kind = _fetch(request, where, file, timeout_s)
        return _answer(file, kind, where)
    except BaseException:
        file.close()
        raise


def _request(url: str, query: str) -> urllib.request.Request:
    where = one_line(url)
    wrong = QueryError(f"{where}: no address of an endpoint; give one that begins with http:// or https://")
    try:
        parts = urllib.parse.urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise wrong
    if "@" in parts.netloc:
        raise QueryError(f"{parts.hostname}: an address with a user or a password in it is not used; give it without")
    try:
        form = urllib.parse.urlencode({"query": query}).encode("ascii")
    except UnicodeEncodeError as error:
        raise QueryError("the query holds half a character; give whole text") from error
    headers = {"Accept": _TRIPLES if gives_triples(query) else _RESULTS, "User-Agent": f"paperkg/{__version__}"}
    return urllib.request.Request(url, data=form, headers=headers, method="POST")  # noqa: S310 - http or https, see above


def _fetch(request: urllib.request.Request, where: str, file: IO[bytes], timeout_s: float) -> str:
    """Write the body of the answer to a file; its media type."""
    deadline = time.monotonic() + timeout_s
    late = QueryError(f"{where}: stopped after {timeout_s:g} s; ask for less (a LIMIT, a narrower pattern), or allow more with --timeout-s")
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout_s) as response:
            kind: str = response.headers.get_content_type()
            if kind not in (_RESULTS, _TRIPLES) or response.headers.get("Content-Encoding", "identity") != "identity":
                raise QueryError(f"{where}: answers with {one_line(kind)}, not with SPARQL JSON results or N-Triples; is it a SPARQL endpoint?")
            while piece := response.read1(_PIECE):
                _save(file, piece)
                if time.monotonic() > deadline:
                    raise late
            if response.length:  # of the announced bytes, those that did not come
                raise QueryError(f"{where}: the answer breaks off {response.length:,} bytes before its end; ask again, or for less")
    except urllib.error.HTTPError as error:
        with error:
            raise QueryError(_refusal(error, where)) from error
    except http.client.IncompleteRead as error:
        raise QueryError(f"{where}: the answer breaks off before its end; ask again, or for less") from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:  # UnicodeError: a host whose name cannot be encoded
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise late from error
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise QueryError(f"{where}: cannot be reached ({one_line(said)}); see that the address is right and the endpoint runs") from error
    return kind


def _save(file: IO[bytes], piece: bytes) -> None:
    try:
        file.write(piece)
        file.flush()
    except OSError as error:
        raise OutputError(f"the answer cannot be written to {tempfile.gettempdir()}: {error.strerror}; make room there") from error


def _refusal(error: urllib.error.HTTPError, where: str) -> str:
    said = f"{where}: HTTP {error.code} {one_line(str(error.reason))}".rstrip()
    if 300 <= error.code < 400:
        return f"{said}; it has moved to {one_line(error.headers.get('Location', 'nowhere'))}, so give that address"
    body = b""
    with suppress(OSError, http.client.HTTPException):
        body = error.read(_ERROR_BYTES)
    text = one_line(body.decode("utf-8", "replace"))
    return f"{said}: {text}" if text else said


def _answer(file: IO[bytes], kind: str, where: str) -> Answer:
    """The answer, once it has been read through: an endpoint that fails half-way has already said that all is well."""
    try:
        answer = Answer.of_results(file) if kind == _RESULTS else Answer.of_triples(file)
        if answer.form != "ask":
            for _ in answer.terms():
                pass
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"{where}: the answer is broken ({one_line(str(error))}); ask again, or for less") from error
    return answer
