"""Abbreviations and their long forms."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

import pytest
import spacy
from golden_sentences import Pair, Sentence, sentences
from hypothesis import given
from hypothesis import strategies as st

from kg.annotate.acronyms import acronyms, find_acronyms
from kg.annotate.brackets import brackets
from kg.annotate.glosses import find_glosses, glosses
from kg.annotate.spans import GROUP, Found
from kg.annotate.spelling import fit, is_initialism
from kg.annotate.tokens import Tokenizer

CASES = sentences("abbreviations")
TOKENIZER = Tokenizer(spacy.blank("xx").vocab)
PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from([*"( ) [ ] （ ） ; , : - / $ * _ { } \\textbf{ ' \" ’ “ ” . & + 2 3D".split(), "\n", " ", "  ", "\n\n", "\u00a0", "\u2028"]),
    st.sampled_from(
        "MoE LLMs T2I C4 K8 mixture of experts and or , short for stands for abbreviated as hereafter İstanbul ßeta ﬁne Ǆ é e\u0301".split()
    ),
    st.sampled_from("지식 그래프 지식그래프를 대형 언어 모델 이하 예: 의 을 기반 통한 3차원 가".split()),
)
TEXTS = st.lists(PIECES, max_size=50).map("".join)
LENGTH = 200_000
HOSTILE = (
    "(",
    ")",
    "()",
    "(A)",
    "A",
    "(([",
    "[MoE](",
    "AB (CD) ",
    "a a a a a a a a a (AAAAAAAAAB) ",
    "ab-ba ab ba (ABABABABAB) and ba (BA) ",
    " ",
    "\n",
    ", or A",
)
HOSTILE += (
    "AB, or ",
    "(i.e., ",
    "short for ",
    "MoE is short for a b c d ",
    "(A/B/C/D/E) ",
    "가",
    "가(나다",
    "가나 다라(ab cd, EF) ",
    "가-나",
    "(“'*_{" + "MoE)",
)


def pairs(found: Iterable[tuple[str, str, str]]) -> set[Pair]:
    """Pairs of long and short form, whichever side was found."""
    return {
        (surface, partner) if relation == "abbreviation" else (partner, surface)
        for surface, partner, relation in found
        if relation in {"abbreviation", "expansion"}
    }


def pairs_of(text: str) -> set[Pair]:
    """What both components put into a document, that of glosses for Korean long forms."""
    doc = acronyms(glosses(TOKENIZER(text)))
    spans = doc.spans[GROUP] if GROUP in doc.spans else []  # noqa: SIM401 - SpanGroups.get makes no default of a list
    return pairs((span.text, span.kb_id_, span.id_) for span in spans)


def test_of_the_pairs_of_our_sentences_98_in_100_are_right_and_found(capsys: pytest.CaptureFixture[str]) -> None:
    right = wrong = missed = 0
    for case in CASES:
        found = pairs_of(case.text)
        right += len(found & case.pairs)
        wrong += len(found - case.pairs)
        missed += len(case.pairs - found)
        if found != case.pairs:
            print(f"{case.about}: {case.text}\n  missed {sorted(case.pairs - found)}, wrong {sorted(found - case.pairs)}")
    shown = capsys.readouterr().out
    precision, recall = right / (right + wrong), right / (right + missed)
    f1 = 2 * precision * recall / (precision + recall)
    assert f1 >= 0.98, f"precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}\n{shown}"


@pytest.mark.parametrize("case", [case for case in CASES if case.about in {"none", "reverse", "several"}], ids=lambda case: case.text[:40])
def test_a_sentence_before_another_changes_nothing_of_what_that_says(case: Sentence) -> None:
    assert pairs_of(f"We look at it first. {case.text}") == pairs_of(case.text)


@pytest.mark.parametrize("case", [case for case in CASES if case.about in {"plain", "hyphen", "plural", "small"}], ids=lambda case: case.text[:40])
def test_a_pair_is_the_same_wherever_the_lines_of_an_abstract_break(case: Sentence) -> None:
    found = {(long.replace("\n", " "), short) for long, short in pairs_of(case.text.replace(" ", "\n"))}
    assert found == {(long.replace("\n", " "), short) for long, short in pairs_of(case.text)}


@pytest.mark.parametrize("text", ["Mixture of Experts (MoE)", "MoE (Mixture of Experts)", "MoE is short for Mixture of Experts."])
def test_both_sides_of_a_pair_point_at_each_other(text: str) -> None:
    found = {(text[one.begin : one.end], one.partner, one.relation) for one in find_acronyms(text)}
    assert found == {("Mixture of Experts", "MoE", "abbreviation"), ("MoE", "Mixture of Experts", "expansion")}


def test_of_two_long_forms_that_share_words_the_first_is_told_in_full() -> None:
    text = "convolutional and recurrent neural networks (CNNs and RNNs)"
    found = [(text[one.begin : one.end], one.partner, one.relation) for one in find_acronyms(text) if one.relation != "abbreviation"]
    assert ("CNNs", "convolutional neural networks", "expansion") in found
    assert ("convolutional and recurrent neural networks", "convolutional neural networks", "shared") in found


def test_of_two_ways_to_spell_an_abbreviation_the_one_with_more_initials_is_taken() -> None:
    for text, short, long in (
        ("a robust reinforcement learning", "RRL", "robust reinforcement learning"),
        ("the best of both by tree of thoughts", "ToT", "tree of thoughts"),
        ("a long chain-of-thought", "CoT", "chain-of-thought"),
        ("a new neural radiance field", "NeRF", "neural radiance field"),
    ):
        best = fit(short, text, 0, len(text))
        assert best is not None
        assert text[best.begin :] == long


def test_a_long_form_ends_where_a_sentence_or_a_clause_does() -> None:
    assert pairs_of("It is Mixture. Of Experts (MoE) we say.") == set()
    assert pairs_of("a mixture, of experts (MoE)") == set()
    assert pairs_of("a mixture\n\nof experts (MoE)") == set()


def test_a_long_form_begins_with_no_article_or_preposition_unless_that_is_glued_to_the_next_word() -> None:
    assert pairs_of("all of the agents (TA)") == set()
    assert pairs_of("all in memory (IM)") == set()
    assert pairs_of("all in-memory computing (IMC)") == {("in-memory computing", "IMC")}


def test_a_name_and_a_version_are_no_initialisms() -> None:
    assert [name for name in ("GPT-4", "Llama2", "SigLIP", "HumanEval", "Mistral", "70B") if is_initialism(name)] == []


def test_brackets_are_paired_from_the_inside_and_each_kind_by_itself() -> None:
    text = "a (b [c) d] (e (f)) g) ("
    assert [text[begin : end + 1] for begin, end in brackets(text)] == ["(b [c)", "[c) d]", "(f)", "(e (f))"]


def check(text: str, found: Iterable[Found]) -> Iterator[None]:
    for one in found:
        assert 0 <= one.begin < one.end <= len(text)
        assert one.partner
        assert one.relation in {"abbreviation", "expansion", "translation", "shared"}
        assert text[one.begin : one.end] == text[one.begin : one.end].strip(" \n")
        yield


@given(TEXTS)
def test_no_text_raises_and_every_find_is_inside_of_it(text: str) -> None:
    list(check(text, find_acronyms(text)))
    list(check(text, find_glosses(text)))


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_a_long_text_of_the_same_again_and_again_comes_to_an_end(piece: str) -> None:
    text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
    list(check(text, find_acronyms(text)))
    list(check(text, find_glosses(text)))


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_four_times_the_text_is_not_more_than_five_times_the_work(piece: str) -> None:
    def work(length: int) -> int:
        text, calls = (piece * length)[:length], 0

        def count(frame: FrameType, event: str, argument: Any) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            list(find_acronyms(text))
            list(find_glosses(text))
        finally:
            sys.setprofile(None)
        return calls

    # What comes only once, such as a regular expression that is compiled, is done before.
    work(400)
    assert work(8_000) <= 5 * work(2_000) + 100
