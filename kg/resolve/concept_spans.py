"""Choice of spans: the known concept inside a long phrase, and which of spans that overlap stay."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kg.resolve.concept_forms import fold


def best_part(surface: str, known: set[str]) -> list[tuple[int, int, str]]:
    """The longest run of words of a surface, of two or more, whose key is known: begin, end, key; the rightmost of equals.

    >>> best_part("efficient sparse attention kernels", {"sparseattention"})
    [(10, 26, 'sparseattention')]
    """
    words = [(found.start(), found.end()) for found in re.finditer(r"\S+", surface)]
    for length in range(len(words) - 1, 1, -1):
        for first in range(len(words) - length, -1, -1):
            begin, end = words[first][0], words[first + length - 1][1]
            key = fold(surface[begin:end])
            if key in known:
                return [(begin, end, key)]
    return []


def without_overlap(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Of rows (anything, begin, end, ...), best first, those that overlap none before them.

    >>> without_overlap([("s", 4, 9), ("s", 0, 5), ("s", 0, 4)])
    [('s', 4, 9), ('s', 0, 4)]
    """
    taken: list[tuple[Any, ...]] = []
    covered = bytearray()
    for row in rows:
        begin, end = row[1], row[2]
        if end > len(covered):
            covered.extend(bytes(end - len(covered)))
        if not any(covered[begin:end]):
            covered[begin:end] = b"\x01" * (end - begin)
            taken.append(row)
    return taken
