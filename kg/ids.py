"""Recognise, normalise and mint identifiers and slugs. An id is an IRI without the base: ``paper/arxiv:2412.14711``."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from contextlib import suppress
from functools import lru_cache
from urllib.parse import unquote

from kg.errors import IdentifierError

# http and https need a host; a sign of per cent stands only before two hex digits.
_BASE = re.compile(
    r"""(?:https?://[^/:@][^/]*/|(?!https?:)[a-z][a-z0-9+.-]*:(?=.))(?:[^<>"{}|\\^`?#%\[\]]|%[0-9A-F]{2})*(?<=[/:])""",
    re.IGNORECASE,
)
_ARXIV_NEW = re.compile(r"(?P<yy>\d\d)(?P<mm>0[1-9]|1[0-2])\.\d{4,5}(?P<version>v\d+)?", re.ASCII)
_ARXIV_OLD = re.compile(
    r"(?P<archive>[a-z]+(?:-[a-z]+)*)(?:\.[a-z]{2})?/(?P<yy>\d\d)(?P<mm>0[1-9]|1[0-2])(?P<number>\d{3})(?P<version>v\d+)?",
    re.ASCII | re.IGNORECASE,
)
_ARXIV_PREFIX = re.compile(r"(?:https?://(?:www\.|export\.)?(?:arxiv\.org/(?:abs|pdf|html)/|huggingface\.co/papers/)|arxiv:)", re.IGNORECASE)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."

# Letters that Unicode does not decompose into a base letter and a mark.
_FOLD = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ħ": "h", "ŋ": "n"})
_MARK_DROPPING = ("LATIN", "GREEK", "CYRILLIC")
_SYMBOL_WORDS = {"+": " plus ", "#": " sharp ", "*": " star ", "&": " and ", "%": " percent "}
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}
_UNSAFE = re.compile(r"[^\w\-.~:/@(),;=]")


def check_base(base: str) -> str:
    """The text, if ids can be put behind it: an absolute IRI without query and fragment that ends in ``/`` or ``:``.

    Raises:
        IdentifierError: it is none.

    >>> check_base("https://kg.example/"), check_base("urn:kg:")
    ('https://kg.example/', 'urn:kg:')
    >>> check_base("https://kg.example")
    Traceback (most recent call last):
    kg.errors.IdentifierError: base 'https://kg.example' is no IRI that ids can follow; write it like https://example.org/papers/ or urn:papers:
    """
    if _BASE.fullmatch(base) is None or any(unicodedata.category(character)[0] in "CZ" for character in base):
        raise IdentifierError(f"base {base!r} is no IRI that ids can follow; write it like https://example.org/papers/ or urn:papers:")
    return base


def short_hash(text: str, length: int = 16) -> str:
    """The first hex digits of the SHA-256 of a text.

    >>> short_hash("ReMoE")
    '5a70a758917a3229'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:length]


def parse_arxiv_id(text: str) -> str | None:
    """The arXiv id, without version, that a text or a link gives; None if it gives none.

    A DOI that arXiv itself registered is an arXiv id; links to Hugging Face's paper pages carry one, too.

    >>> parse_arxiv_id("https://arxiv.org/abs/2412.14711v2")
    '2412.14711'
    >>> parse_arxiv_id("arXiv:hep-th/9901001"), parse_arxiv_id("math.GT/0309136")
    ('hep-th/9901001', 'math/0309136')
    >>> parse_arxiv_id("10.48550/arXiv.2412.14711")
    '2412.14711'
    >>> parse_arxiv_id("https://example.org/2412.14711") is None
    True
    """
    text = text.strip()
    doi = _doi(text)
    if doi is not None and doi.lower().startswith(_ARXIV_DOI):
        text = doi[len(_ARXIV_DOI) :]
    else:
        text = _ARXIV_PREFIX.sub("", text, count=1) if _ARXIV_PREFIX.match(text) else text
    text = re.sub(r"(?:\.pdf)?/?(?:[?#].*)?$", "", text)
    if new := _ARXIV_NEW.fullmatch(text):
        return text[: len(text) - len(new["version"] or "")]
    if old := _ARXIV_OLD.fullmatch(text):
        return f"{old['archive'].lower()}/{old['yy']}{old['mm']}{old['number']}"
    return None


def arxiv_month(arxiv_id: str) -> str:
    """The month in which arXiv gave out the id.

    >>> arxiv_month("2412.14711"), arxiv_month("hep-th/9901001")
    ('2024-12', '1999-01')

    Raises:
        IdentifierError: it is no arXiv id.
    """
    match = _ARXIV_NEW.fullmatch(arxiv_id) or _ARXIV_OLD.fullmatch(arxiv_id)
    if match is None:
        raise IdentifierError(f"{arxiv_id!r} is no arXiv id")
    year = int(match["yy"])
    return f"{1900 + year if year >= 91 else 2000 + year}-{match['mm']}"


def parse_doi(text: str) -> str | None:
    """The DOI, in lower case, that a text or a link gives; None if it gives none (or an arXiv id: see there).

    >>> parse_doi("https://doi.org/10.1000/XYZ.1"), parse_doi("https://doi.org/10.1000/a%3Cb%3E")
    ('10.1000/xyz.1', '10.1000/a<b>')
    >>> parse_doi("10.48550/arXiv.2412.14711") is None
    True
    """
    doi = _doi(text.strip())
    # What is no character of text (controls, private use, unassigned) could not stand in an IRI either.
    if doi is None or any(unicodedata.category(character)[0] == "C" for character in doi):
        return None
    doi = doi.lower()
    return None if doi.startswith(_ARXIV_DOI) else doi


def _doi(text: str) -> str | None:
    """The DOI as written; in a link what is percent-encoded is decoded, unless it is no UTF-8."""
    if "://" in text and "%" in text:
        with suppress(UnicodeDecodeError):
            text = unicodedata.normalize("NFC", unquote(text, errors="strict"))
    match = _DOI.fullmatch(text)
    return None if match is None else match[1]


def encode(text: str) -> str:
    """Percent-encode what may not stand as it is in one part of an id.

    Letters, digits, ``- . _ ~ : / @ ( ) , ; =`` and non-ASCII letters and digits stay; all else, ``%`` and ``+`` included, is encoded.

    >>> encode("10.1000/a<b>+c d")
    '10.1000/a%3Cb%3E%2Bc%20d'
    >>> encode("전문가-혼합")
    '전문가-혼합'
    """
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8")), text)


def fold_marks(text: str) -> str:
    """Lower-case a text and drop marks and special forms of Latin, Greek and Cyrillic letters; other scripts stay whole.

    >>> fold_marks("Łukasz Gödel Ångström"), fold_marks("전문가 が")
    ('lukasz godel angstrom', '전문가 が')
    """
    text = unicodedata.normalize("NFKC", text).lower()
    if text.isascii():
        return text
    kept: list[str] = []
    drops = False
    for character in unicodedata.normalize("NFD", text.translate(_FOLD)):
        if unicodedata.combining(character):
            if drops:
                continue
        else:
            drops = unicodedata.name(character, "").startswith(_MARK_DROPPING)
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def slug(text: str, *, symbols: bool = False) -> str:
    """A name for IRIs: folded, everything but letters, digits and marks one ``-``, at most 80 characters and a hash.

    With ``symbols``, as in concepts, ``+ # * & %`` and Greek letters become words, so that C++ is not C.

    >>> slug("Mixture-of-Experts"), slug("C++", symbols=True), slug("β-VAE", symbols=True)
    ('mixture-of-experts', 'c-plus-plus', 'beta-vae')
    >>> slug("../../x"), slug(":")
    ('x', 'x-e7ac0786')
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    if symbols:
        folded = "".join(_symbol_word(c) for c in folded)
    folded = fold_marks(folded)
    parts: list[str] = []
    for character in folded:
        if unicodedata.category(character)[0] in "LNM":
            parts.append(character)
        elif parts and parts[-1] != "-":
            parts.append("-")
    result = "".join(parts).strip("-")
    if not result:
        return f"x-{short_hash(text, 8)}"
    return result if len(result) <= 80 else f"{result[:80].rstrip('-')}-{short_hash(text, 8)}"


def _symbol_word(character: str) -> str:
    """A symbol or a Greek letter as a word, such as " beta "; any other character as it is."""
    greek = unicodedata.name(character, "").removeprefix("GREEK SMALL LETTER ")
    if "α" <= character <= "ω":
        return f" {greek.removeprefix('FINAL ').lower().replace('lamda', 'lambda')} "
    return _SYMBOL_WORDS.get(character, character)


@lru_cache(maxsize=200_000)
def name_key(name: str) -> str:
    """The identity key of a name: two names with one key are taken for one person's.

    Marks and special letters are folded, case, dots, apostrophes and other punctuation dropped, as are Jr and III;
    hyphens and given names are glued, because "Ji-Woo", "Ji Woo" and "Jiwoo" are one name. The order of the names
    stays, for "Yang Liu" and "Liu Yang" are more often two people than one; surname and initial alone never do.

    >>> name_key("Łukasz  J. Borchmann"), name_key("Jong-Chul Ye"), name_key("Robert Downey Jr.")
    ('lukaszj borchmann', 'jongchul ye', 'robert downey')
    >>> name_key("01. AI"), name_key("NVIDIA"), name_key(":")
    ('01 ai', 'nvidia', ':')
    """
    folded = fold_marks(name)
    words = ["".join(c for c in word if unicodedata.category(c)[0] in "LNM") for word in folded.split()]
    words = [word for word in words if word]
    while len(words) > 2 and words[-1] in _SUFFIXES:
        words.pop()
    if not words:
        return unicodedata.normalize("NFC", name.strip().casefold())
    return words[0] if len(words) == 1 else f"{''.join(words[:-1])} {words[-1]}"


def author_id(name: str) -> str:
    """The id of the author that a name stands for.

    >>> author_id("Jong Chul Ye")
    'author/jongchul-ye'
    """
    return f"author/{slug(name_key(name))}"


def title_key(title: str) -> str:
    """Fold a title to the form under which two spellings are one: letters and digits only.

    >>> title_key("ReMoE: Fully  Differentiable!") == title_key("REMOE - fully differentiable")
    True
    """
    return "".join(c for c in fold_marks(title) if unicodedata.category(c)[0] in "LNM") or title


def paper_id(*, arxiv_id: str | None, doi: str | None, title: str, year: str | None, names: tuple[str, ...]) -> str:
    """The id of a paper: by arXiv id, else DOI, else title, year and the alphabetically smallest surname.

    Bylines may be shuffled, so the first author's name would not do.

    >>> paper_id(arxiv_id="2412.14711", doi=None, title="ReMoE", year="2024", names=())
    'paper/arxiv:2412.14711'
    >>> paper_id(arxiv_id=None, doi="10.1000/x", title="", year=None, names=())
    'paper/doi:10.1000/x'
    >>> paper_id(arxiv_id=None, doi=None, title="On Names", year="2024", names=("Bo Li", "Ann Ace"))
    'paper/key:e90fa621940d3ac9'
    """
    if arxiv_id is not None:
        return f"paper/arxiv:{encode(arxiv_id)}"
    if doi is not None:
        return f"paper/doi:{encode(doi)}"
    surnames = sorted(name_key(name).rpartition(" ")[2] for name in names)
    return f"paper/key:{short_hash(chr(10).join([title_key(title), year or '', surnames[0] if surnames else '']))}"


def concept_id(label: str) -> str:
    """The id of a concept, from its long English form, else from the Korean one.

    >>> concept_id("Mixture of Experts")
    'concept/mixture-of-experts'
    """
    return f"concept/{slug(label, symbols=True)}"


def local_part(identifier: str) -> str:
    """What follows the first slash of an id.

    >>> local_part("author/yutao-sun")
    'yutao-sun'
    """
    return identifier.partition("/")[2]


def pair_id(kind: str, left: str, right: str) -> str:
    """The id of something between two things: the smaller part first, joined by ``+``.

    >>> pair_id("coauthorship", "author/ziteng-wang", "author/jianfei-chen")
    'coauthorship/jianfei-chen+ziteng-wang'
    """
    first, second = sorted((local_part(left), local_part(right)))
    return f"{kind}/{first}+{second}"
