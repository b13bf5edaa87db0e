"""Identifiers: what is recognised, what folds together, and what must not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import ids
from kg.errors import IdentifierError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://arxiv.org/abs/2412.14711", "2412.14711"),
        ("http://arxiv.org/pdf/2412.14711v3.pdf", "2412.14711"),
        ("https://www.arxiv.org/abs/0704.0001", "0704.0001"),
        ("https://huggingface.co/papers/2412.14711", "2412.14711"),
        ("https://doi.org/10.48550/arXiv.2412.14711", "2412.14711"),
        ("arXiv:hep-th/9901001v2", "hep-th/9901001"),
        ("math.GT/0309136", "math/0309136"),
        ("https://arxiv.org/abs/2412.14711?context=cs", "2412.14711"),
        ("HEP-TH/9901001", "hep-th/9901001"),
        ("https://arxiv.org/abs/Math.GT/0309136v1", "math/0309136"),
        ("https://doi.org/10.48550%2FarXiv.2412.14711", "2412.14711"),
        ("２４12.00001", None),
        ("2412.0000１", None),
        ("hep-th/990100１", None),
        ("2413.14711", None),
        ("https://example.org/abs/2412.14711", None),
        ("10.1000/xyz", None),
        ("", None),
    ],
)
def test_an_arxiv_id_is_recognised_in_every_spelling_and_nowhere_else(text: str, expected: str | None) -> None:
    assert ids.parse_arxiv_id(text) == expected


def test_a_text_that_is_no_arxiv_id_has_no_month() -> None:
    with pytest.raises(IdentifierError, match=r"10\.1000/x. is no arXiv id"):
        ids.arxiv_month("10.1000/x")


def test_a_doi_is_lower_case_and_an_arxiv_doi_is_none() -> None:
    assert ids.parse_doi("https://dx.doi.org/10.1145/ABC.12") == "10.1145/abc.12"
    assert ids.parse_doi("10.48550/arXiv.2412.14711") is None
    assert ids.parse_doi("2412.14711") is None
    assert ids.parse_doi("10.1０00/x") is None
    assert ids.parse_doi("10.1000/a\x85b") is None
    assert ids.parse_doi("10.1000/a\ue000b") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://doi.org/10.1000/(SICI)1097%3C1::AID-X%3E3.0.CO;2-Q", "10.1000/(sici)1097<1::aid-x>3.0.co;2-q"),
        ("http://dx.doi.org/10.1000%2Fe%CC%81", "10.1000/é"),
        ("https://doi.org/10.1000/a%ff", "10.1000/a%ff"),
        ("10.1000/a%3cb", "10.1000/a%3cb"),
        ("https://doi.org/10.1000/a%0Ab", None),
        ("https://doi.org/10.1000/a%00b", None),
        ("https://doi.org/10.1000/a%20b", None),
        ("https://doi.org/10.1000/a%E2%80%AEb", None),
    ],
)
def test_a_link_to_a_doi_is_decoded_and_a_doi_is_not(text: str, expected: str | None) -> None:
    assert ids.parse_doi(text) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Łukasz Borchmann", "Lukasz Borchmann"),
        ("Ji-Woo Kim", "Jiwoo Kim"),
        ("Ji Woo Kim", "Ji-woo KIM"),
        ("Nicholas D'Incà", "Nicholas DInca"),
        ("Hal Daumé III", "Hal Daume"),
        ("J. Smith Jr.", "J Smith"),
        ("Søren Ørsted", "Soren Orsted"),
        ("Jürgen Groß", "Jurgen Gross"),
    ],
)
def test_spellings_of_one_name_have_one_key(left: str, right: str) -> None:
    assert ids.name_key(left) == ids.name_key(right)


@pytest.mark.parametrize(("left", "right"), [("Yang Liu", "Liu Yang"), ("Y. Liu", "Yang Liu"), ("Jun Zhu", "June Zhu"), ("김철수", "김철호")])
def test_names_that_may_be_two_people_have_two_keys(left: str, right: str) -> None:
    assert ids.name_key(left) != ids.name_key(right)


def test_a_suffix_alone_is_a_surname() -> None:
    assert ids.name_key("Wen Iv") == "wen iv"


def test_symbols_and_greek_letters_tell_concepts_apart() -> None:
    slugs = [ids.slug(label, symbols=True) for label in ("C", "C++", "C#", "C*", "α-VAE", "β-VAE", "VAE")]
    assert len(set(slugs)) == len(slugs)


def test_hangul_and_kana_stay_whole() -> None:
    assert ids.slug("전문가 혼합") == unicodedata.normalize("NFC", "전문가-혼합")
    assert ids.slug("ガウス過程") == "ガウス過程"


def test_a_long_text_is_cut_and_still_tells_two_apart() -> None:
    left, right = ids.slug("a" * 10_000 + "b"), ids.slug("a" * 10_000 + "c")
    assert left != right
    assert len(left) == 89


@given(st.text(min_size=1, max_size=60).filter(lambda text: not any(0xD800 <= ord(c) <= 0xDFFF for c in text)))
def test_a_slug_is_never_empty_and_needs_no_encoding(text: str) -> None:
    result = ids.slug(text)
    assert result
    assert not any(character.isspace() or character in '<>"{}|\\^`#?%+[]/' for character in result)
    assert ids.slug(result) == result or len(result) > 80


@given(st.text(max_size=60).filter(lambda text: not any(0xD800 <= ord(c) <= 0xDFFF for c in text)))
def test_what_is_encoded_holds_no_character_that_would_end_an_iri(text: str) -> None:
    assert not any(character.isspace() or character in '<>"{}|\\^`#?+[]' for character in ids.encode(text))


def test_a_pair_reads_the_same_from_both_ends() -> None:
    assert ids.pair_id("x", "author/b", "author/a") == ids.pair_id("x", "author/a", "author/b") == "x/a+b"
