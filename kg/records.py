"""The row types that pass between stages as Python objects.

Text in them is clean: NFC, LF line ends, without what XML 1.0 forbids (`kg.readers.text` sees to it). Unknown is None.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One name at one place of one byline."""

    name: str
    orcid: str | None = None
    openalex_id: str | None = None
    affiliation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One labelled piece of text. ``language`` is a BCP 47 tag, None where it is not known."""

    label: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A concept of an outside scheme that a source files the paper under, such as arXiv's category cs.CL."""

    scheme: str
    notation: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """An issue of a periodical list of papers."""

    date: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One paper as one source states it.

    ``line`` is where it begins in its file, from 1. ``issued`` is the paper's date as the source states it, ISO 8601 at
    the precision known (never a digest's date). ``byline_complete`` is False where the source cut the list of names,
    ``order_trusted`` False where its order means nothing. ``rank`` is the place in the digest, from 1.
    """

    line: int
    title: str
    arxiv_id: str | None = None
    doi: str | None = None
    url: str | None = None
    issued: str | None = None
    venue: str | None = None
    language: str | None = None
    byline_complete: bool = True
    order_trusted: bool = True
    digest: Digest | None = None
    votes: int | None = None
    rank: int | None = None
    signatures: tuple[Signature, ...] = ()
    sections: tuple[Section, ...] = ()
    subjects: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A span of a text that might be a concept: ``text[begin:end] == surface``, in code points, end excluded.

    ``evidence`` says by which component it was found. ``partner`` is the other side of a gloss or an acronym ("MoE"
    for "Mixture-of-Experts"), with its ``relation``: "translation", "abbreviation" (partner is the short form) or
    "expansion" (partner is the long form), "shared" (partner is the term in full where two share words: "object control"
    for "object and camera control").
    """

    begin: int
    end: int
    surface: str
    evidence: str
    partner: str | None = None
    relation: str | None = None
