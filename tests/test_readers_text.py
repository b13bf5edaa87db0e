"""The door for text."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.readers.text import clean, clean_line, language_of

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=())) | st.text(
    alphabet="\r\n\t\x00\x08\x0c\ud800\udfff\ufffe\uffffe\u0301가\u1100\u1161 "
)


@given(ANY_TEXT)
def test_clean_text_is_nfc_and_an_xml_parser_gives_it_back(text: str) -> None:
    result = clean(text)
    assert unicodedata.is_normalized("NFC", result)
    assert ElementTree.fromstring(f"<t>{escape(result)}</t>").text == (result or None)


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(ANY_TEXT)
def test_a_clean_line_has_no_line_break_and_no_space_of_another_kind(text: str) -> None:
    line = clean_line(text)
    assert "\n" not in line
    assert all(character == " " or unicodedata.category(character) != "Zs" for character in line)
    assert line == line.strip(" ")
    assert "  " not in line


def test_every_space_of_unicode_becomes_a_plain_one() -> None:
    spaces = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Zs"]
    assert len(spaces) > 10
    assert [clean_line(f"a{space}b") for space in spaces] == ["a b"] * len(spaces)


@pytest.mark.parametrize("text", ["\u202egnp", "a\u2028b", "a\x85b", "😀", "\"'\\", "]]>", "<script>", "\ufeffx", "\x7f", "$a_{1}$"])
def test_what_xml_can_hold_stays(text: str) -> None:
    assert clean(text) == text
    assert clean_line(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\r\nb\rc\nd", "a\nb\nc\nd"), ("a\tb", "a b"), ("\x0crac \x08eta \x00", "rac eta "), ("\ud800x\ufffe\uffff", "x"), ("e\x00\u0301", "é")],
)
def test_what_xml_cannot_hold_follows_the_rule(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_language_needs_letters_of_one_script() -> None:
    assert [language_of(text) for text in ("잡음(noise)", "noise", "ノイズ noise", "шум noise", "α + β = 1, so x", "3.5%", "")] == [
        "ko",
        "en",
        None,
        None,
        "en",
        None,
        None,
    ]
