"""Which of spans that overlap stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def without_overlap(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Of rows (anything, begin, end, ...), best first, those that overlap none before them.

    A term that shares words with another ("object control" in "object and camera control") may lie over the other: it is marked by a form (at 6) that
    is not its surface (at 5).

    >>> without_overlap([("s", 4, 9), ("s", 0, 5), ("s", 0, 4)])
    [('s', 4, 9), ('s', 0, 4)]
    """
    taken: list[tuple[Any, ...]] = []
    places: set[tuple[int, int]] = set()
    plain, shared = bytearray(), bytearray()
    for row in rows:
        begin, end = row[1], row[2]
        covered = shared if len(row) > 6 and row[5] != row[6] else plain
        if end > len(covered):
            covered.extend(bytes(end - len(covered)))
        # A gloss may have the very span of two terms that share a word: a span is of one concept.
        if not any(covered[begin:end]) and (begin, end) not in places:
            covered[begin:end] = b"\x01" * (end - begin)
            places.add((begin, end))
            taken.append(row)
    return taken
