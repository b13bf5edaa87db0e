"""People put concepts right: what they say is kept in ``judgements.csv`` of the graph's folder, and the graph is built again with it.

A name may be anything that `kg.graph.Graph.find` takes; what is written down are labels. A concept is written by its preferred label, because that
one says what it is wherever it stands. Only where two names are of one concept, which is to be torn apart (or was joined by a rule that is to be
confirmed), are they written as they were given.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from kg.errors import KGError, LookupFailed, visible
from kg.graph import Graph
from kg.ids import title_key
from kg.output import JUDGEMENTS, locked, resolved, writing
from kg.pipeline import Progress, build, last_options
from kg.readers.judgements import PAIRS, Judgement, fault, joined, kept_judgements, label_key, write_judgements
from kg.readers.text import clean_line, has_hangul

_NUMBER = re.compile("[0-9]{1,9}")


def hide(folder: Path, concept: str, *, because: str | None = None, progress: Progress = lambda name, done, total: None) -> str:
    """Take a concept out of a graph; what was done, in a line.

    Args:
        folder: of the graph.
        concept: any name of it.
        because: why, in any words.
        progress: is told how far the build is.

    Raises:
        LookupFailed: no concept, or more than one, has that name.
        KGError: the judgement was kept, and the build that was to apply it failed.

    >>> hide(Path("no-such-folder"), "MoE")
    Traceback (most recent call last):
    kg.errors.SchemaError: no-such-folder: no graph there; make one with: kg build INPUT... -o no-such-folder
    """
    with Graph(folder) as graph:
        known = kept_judgements(folder)
        label = _label(graph, _find(graph, known, concept))
    said = _checked(Judgement(left=label, verdict="hidden", reason=_reason(because)))
    return _apply(folder, f"hid {label!r}", known, joined(known, [said]), [label], progress, verdict="hidden")


def rename(folder: Path, concept: str, label: str, *, because: str | None = None, progress: Progress = lambda name, done, total: None) -> str:
    """Give a concept another preferred label, English or, if there is Hangul in it, Korean; what was done, in a line.

    Args:
        folder: of the graph.
        concept: any name of it.
        label: what it is to be called.
        because: why, in any words.
        progress: is told how far the build is.

    Raises:
        LookupFailed: no concept, or more than one, has that name; or another is called that already.
        KGError: the judgement was kept, and the build that was to apply it failed.

    >>> rename(Path("no-such-folder"), "MoE", "mixture of experts")
    Traceback (most recent call last):
    kg.errors.SchemaError: no-such-folder: no graph there; make one with: kg build INPUT... -o no-such-folder
    """
    label = clean_line(label)
    with Graph(folder) as graph:
        known = kept_judgements(folder)
        identifier = _find(graph, known, concept)
        left = _label(graph, identifier)
        said = _checked(Judgement(left=left, right=label or None, verdict="renamed", reason=_reason(because)))
        before = next((one.right for one in known if one.question == said.question), label)
        if label == before == _preferred(graph, identifier, "ko" if has_hangul(label) else "en"):
            return f"{identifier} is called {label!r} already"
        _refuse_taken(graph, identifier, label)
    # The label that it had before anybody renamed it needs no judgement.
    wanted = [one for one in known if one.question != said.question] if label == left else joined(known, [said])
    return _apply(folder, f"renamed {left!r} to {label!r}", known, wanted, [label], progress, verdict="renamed")


def same(folder: Path, one: str, other: str, *, because: str | None = None, progress: Progress = lambda name, done, total: None) -> str:
    """Make two concepts one, whatever the rules say; what was done, in a line.

    Args:
        folder: of the graph.
        one: any name of the one.
        other: any name of the other.
        because: why, in any words.
        progress: is told how far the build is.

    Raises:
        LookupFailed: no concept, or more than one, has such a name; or both are one label.
        KGError: the judgement was kept, and the build that was to apply it failed.

    >>> same(Path("no-such-folder"), "MoE", "mixture of experts")
    Traceback (most recent call last):
    kg.errors.SchemaError: no-such-folder: no graph there; make one with: kg build INPUT... -o no-such-folder
    """
    return _judge(folder, "same", one, other, because, progress)


def different(folder: Path, one: str, other: str, *, because: str | None = None, progress: Progress = lambda name, done, total: None) -> str:
    """Keep two labels, of one concept or of two, apart, whatever the rules say; what was done, in a line.

    Args:
        folder: of the graph.
        one: any name of the one.
        other: any name of the other.
        because: why, in any words.
        progress: is told how far the build is.

    Raises:
        LookupFailed: no concept, or more than one, has such a name; or both are one label.
        KGError: the judgement was kept, and the build that was to apply it failed.

    >>> different(Path("no-such-folder"), "MoE", "mixture of experts")
    Traceback (most recent call last):
    kg.errors.SchemaError: no-such-folder: no graph there; make one with: kg build INPUT... -o no-such-folder
    """
    return _judge(folder, "different", one, other, because, progress)


def unsay(folder: Path, names: Sequence[str], *, progress: Progress = lambda name, done, total: None) -> str:
    """Take judgements back; what was done, in a line.

    Args:
        folder: of the graph.
        names: numbers as `listed` gives them; or one name, or two, of the concepts judged.
        progress: is told how far the build is.

    Raises:
        LookupFailed: there is no such judgement, or more than one on such names.
        KGError: it was taken back, and the build that was to apply that failed.

    >>> unsay(Path("no-such-folder"), ["1"])
    Traceback (most recent call last):
    kg.errors.SchemaError: no-such-folder: no graph there; make one with: kg build INPUT... -o no-such-folder
    """
    if len(names) > 2 and not all(map(_NUMBER.fullmatch, names)):
        raise LookupFailed(f"{len(names)} names; give numbers, as listed by kg unsay, or one concept or two")
    with Graph(folder) as graph:
        known = kept_judgements(folder)
        gone = _numbered(known, names) if all(map(_NUMBER.fullmatch, names)) else [_named(graph, known, names)]
    done = f"took back {f'{len(gone)} judgements: ' if len(gone) > 1 else ''}{', '.join(map(str, gone))}"
    # A label that was the new one is gone with the judgement.
    labels = [label for label in (gone[0].left, gone[0].right if gone[0].verdict in PAIRS else None) if label is not None]
    return _apply(folder, done, known, [one for one in known if one not in gone], labels if len(gone) == 1 else [], progress)


def listed(folder: Path) -> list[str]:
    """The judgements kept in a graph's folder, a line each, numbered from 1 as `unsay` takes them.

    Raises:
        SchemaError: there is no graph.
        ReadError: the file of judgements cannot be read.

    >>> listed(Path("no-such-folder"))
    Traceback (most recent call last):
    kg.errors.SchemaError: no-such-folder: no graph there; make one with: kg build INPUT... -o no-such-folder
    """
    Graph(folder).close()
    known = kept_judgements(folder)
    width = len(str(len(known)))
    return [f"{number:>{width}}  {one}{f': {visible(one.reason)}' if one.reason else ''}" for number, one in enumerate(known, 1)]


def _judge(folder: Path, verdict: str, one: str, other: str, because: str | None, progress: Progress) -> str:
    with Graph(folder) as graph:
        known = kept_judgements(folder)
        concepts = [_find(graph, known, name) for name in (one, other)]
        if concepts[0] == concepts[1]:
            left, right = (_given(graph, concepts[0], name) for name in (one, other))
            sides = [{label_key("concept", label)} for label in (left, right)]
            if sides[0] == sides[1]:
                labels = _labels(graph, concepts[0])
                raise LookupFailed(f"{one!r} and {other!r} are one label of {concepts[0]}; its labels: {', '.join(labels)}", choices=tuple(labels))
        else:
            left, right = (_label(graph, concept) for concept in concepts)
            sides = [
                {label_key("concept", label) for label in (own, *_labels(graph, concept))}
                for own, concept in zip((left, right), concepts, strict=True)
            ]
    said = _checked(Judgement(left=left, right=right, verdict=verdict, reason=_reason(because)))
    # What was said before of the same two, by whatever labels, gives way.
    stays = [before for before in known if before.verdict not in PAIRS or before.verdict == verdict or not _joins(before, *sides)]
    done = f"{left!r} and {right!r} are {'the same' if verdict == 'same' else verdict}"
    return _apply(folder, done, known, joined(stays, [said]), [left, right], progress, verdict=verdict)


def _apply(
    folder: Path, done: str, known: list[Judgement], wanted: list[Judgement], labels: Sequence[str], progress: Progress, *, verdict: str | None = None
) -> str:
    """Keep judgements, build the graph again, and say what was done and what the graph has under some labels now.

    Args:
        verdict: what was said of the labels; the graph may have it otherwise, because something else that was said stands against it.
    """
    with locked(folder):
        if kept_judgements(folder) != known:
            raise KGError(f"{folder / JUDGEMENTS} has changed just now; nothing was done: give the command again")
        # What a link leads to is written, and the link stays.
        with writing(resolved(folder / JUDGEMENTS)) as aside:
            write_judgements(aside, wanted)
    try:
        build(folder, last_options(folder), progress=progress)
    except KGError as error:
        raise KGError(f"{done}; {JUDGEMENTS} says so, and the next build applies it, for this one failed: {error}") from error
    with Graph(folder) as graph:
        found = [_ids(graph, label) for label in labels]
        one = len(found) == 2 and bool(found[0]) and found[0] == found[1]
        has = [f"{_places(graph, ids)} for {label!r}" if ids else f"no concept {label!r}" for label, ids in zip(labels, found, strict=True)]
        if one:
            has = [f"one concept of both names: {_places(graph, found[0])}"]
    as_said = {"hidden": not any(found), "renamed": all(found), "same": one, "different": not one}.get(verdict or "", True)
    return f"{done}{';' if as_said else ', but'} the graph has {' and '.join(has)}" if has else done


def _find(graph: Graph, known: Iterable[Judgement], name: str) -> str:
    """The id of the concept that a name means; if none, why that may be."""
    name = clean_line(name)
    found = _ids(graph, name)
    if len(found) == 1:
        return found[0]
    if not found and ("concept", "hidden", label_key("concept", name), "") in {one.question for one in known}:
        raise LookupFailed(f"{name!r} is hidden; to have it back: kg unsay {shlex.quote(name)}")
    if not found and (others := _meant(graph, name)):
        what = "an author" if others[0].startswith("author/") else "a paper" if others[0].startswith("paper/") else "a category that sources state"
        raise LookupFailed(f"{name!r} is {what} ({others[0]}); judgements are on concepts found in texts alone, as yet", choices=tuple(others))
    return graph.find(name, kind="concept")


def _ids(graph: Graph, name: str) -> list[str]:
    """The concepts that a name may mean, but for categories: those are what the sources say."""
    return [concept for concept in _meant(graph, name, kind="concept") if not _is_category(concept)]


def _meant(graph: Graph, name: str, *, kind: str | None = None) -> list[str]:
    """All that a name may mean."""
    try:
        return [graph.find(name, kind=kind)]
    except LookupFailed as error:
        return list(error.choices) if error.ambiguous else []


def _is_category(concept: str) -> bool:
    """Whether an id is of a category of an outside scheme: there is no colon in a slug.

    >>> _is_category("concept/arxiv:cs.CL"), _is_category("concept/mixture-of-experts")
    (True, False)
    """
    return ":" in concept


def _labels(graph: Graph, concept: str) -> list[str]:
    """The labels of a concept, preferred ones first, of these the English."""
    rows = "select label from concept_labels where concept_id = $concept order by kind <> 'preferred', language, papers desc, label"
    return list(dict.fromkeys(label for (label,) in graph.engine.rows(rows, concept=concept)))


def _refuse_taken(graph: Graph, concept: str, label: str) -> None:
    """Raise if another concept is called that already."""
    key = label_key("concept", label)
    others = "select concept_id, label from concept_labels where kind = 'preferred' and concept_id <> $concept order by all"
    for other, called in graph.engine.rows(others, concept=concept):
        if label_key("concept", called) == key and not _is_category(other):
            advice = f"to make the two one: kg same {shlex.quote(concept)} {shlex.quote(other)}"
            raise LookupFailed(f"{label!r} is what {other} is called; {advice}", choices=(other,))


def _preferred(graph: Graph, concept: str, language: str) -> str | None:
    label: str | None = graph.engine.value(
        "select label from concept_labels where concept_id = $concept and kind = 'preferred' and language = $language",
        concept=concept,
        language=language,
    )
    return label


def _label(graph: Graph, concept: str) -> str:
    """The label by which a concept is written: the first that means it alone."""
    labels = _labels(graph, concept)
    for label in labels:
        if _ids(graph, label) == [concept]:
            return _before(graph, label)
    raise LookupFailed(f"{concept} has no label that means it alone; other concepts have these, too: {', '.join(labels)}", choices=tuple(labels))


def _given(graph: Graph, concept: str, name: str) -> str:
    """The label of a concept that was given as its name, as the graph writes it; the preferred one if it was given by its id."""
    key = title_key(clean_line(name))
    label = next((label for label in _labels(graph, concept) if title_key(label) == key), None)
    return _label(graph, concept) if label is None else _before(graph, label)


def _before(graph: Graph, label: str) -> str:
    """The label that a concept had before people gave it this one, for rules know only those of texts and vocabularies.

    The graph is asked, and not the file, which may be newer: where the build that was to apply a judgement failed.
    """
    key = label_key("concept", label)
    renamed = graph.engine.rows("select left_id, right_id from judgements where kind = 'concept' and verdict = 'renamed' order by all")
    return next((before for before, after in renamed if label_key("concept", after) == key), label)


def _joins(judgement: Judgement, one: set[str], other: set[str]) -> bool:
    """Whether a judgement on a pair is on a label of each side."""
    left, right = (label_key(judgement.kind, label or "") for label in (judgement.left, judgement.right))
    return judgement.kind == "concept" and ((left in one and right in other) or (left in other and right in one))


def _numbered(known: Sequence[Judgement], numbers: Iterable[str]) -> list[Judgement]:
    gone = []
    for number in sorted(set(map(int, numbers))):
        if not 1 <= number <= len(known):
            have = "there are none" if not known else "there is one, 1" if len(known) == 1 else f"there are 1 to {len(known)}"
            raise LookupFailed(f"no judgement {number}; {have}; list them with: kg unsay")
        gone.append(known[number - 1])
    return gone


def _named(graph: Graph, known: Sequence[Judgement], names: Sequence[str]) -> Judgement:
    """The one judgement on the names given: by the labels in it, or else by any label of the concepts that they mean."""
    found: list[tuple[int, Judgement]] = []
    for widely in (False, True):
        sides = [_keys(graph, name, widely=widely) for name in names]
        found = found or [(number, one) for number, one in enumerate(known, 1) if _is_on(one, sides)]
    shown = " and ".join(repr(name) for name in names)
    if not found:
        raise LookupFailed(f"no judgement on {shown}; list them with: kg unsay")
    if len(found) > 1:
        listed = "; ".join(f"{number}, {one}" for number, one in found)
        raise LookupFailed(f"{len(found)} judgements on {shown}; take them back by number: {listed}", ambiguous=True)
    return found[0][1]


def _keys(graph: Graph, name: str, *, widely: bool) -> set[str]:
    name = clean_line(name)
    labels = [name, *(label for concept in _ids(graph, name) if widely for label in _labels(graph, concept))]
    return {label_key(kind, label) for label in labels for kind in ("concept", "author")}


def _is_on(judgement: Judgement, sides: Sequence[set[str]]) -> bool:
    labels = [label_key(judgement.kind, label) for label in (judgement.left, judgement.right) if label is not None]
    if len(sides) == 1:
        return not sides[0].isdisjoint(labels)
    orders = ((0, 1), (1, 0))
    return len(labels) == len(sides) == 2 and any(labels[first] in sides[0] and labels[second] in sides[1] for first, second in orders)


def _checked(judgement: Judgement) -> Judgement:
    if (reason := fault(judgement)) is not None:
        raise LookupFailed(reason)
    return judgement


def _reason(because: str | None) -> str | None:
    return clean_line(because or "") or None


def _places(graph: Graph, concepts: Sequence[str]) -> str:
    """Concepts with the number of papers that are about each."""
    counts = dict(graph.engine.rows("select concept_id, papers from concepts where list_contains($concepts, concept_id)", concepts=list(concepts)))
    return ", ".join(f"{concept} ({counts.get(concept, 0):,} {'paper' if counts.get(concept) == 1 else 'papers'})" for concept in concepts)
