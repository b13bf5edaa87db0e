"""What papers' glosses add up to."""

from __future__ import annotations

from kg.language.forms import fold
from kg.resolve.concept_votes import Expansion, Pair, vote


def test_capitals_tell_an_abbreviation_from_a_word() -> None:
    assert fold("GAP") != fold("gap")
    roots = vote([Pair("p", fold("GAP"), fold("global average pooling"), "abbreviation")], {})
    assert fold("gap") not in roots.everywhere


def test_glosses_that_point_in_a_circle_end() -> None:
    pairs = [Pair("p1", "AB", "alphabeta", "abbreviation"), Pair("p2", "alphabeta", "AB", "abbreviation"), Pair("p3", "가나", "AB", "translation")]
    roots = vote(pairs, {"가나": "가나"})
    for key in ("AB", "alphabeta", "가나"):
        end = roots.everywhere.get(key, key)
        assert roots.everywhere.get(end, end) == end


def test_a_korean_term_glossed_with_either_side_of_a_join_by_initials_has_one_meaning() -> None:
    pairs = [Pair("p1", "거대언어모델", "LLM", "translation"), Pair("p2", "거대언어모델", "largelanguagemodel", "translation")]
    assert "거대언어모델" not in vote(pairs, {}).everywhere
    roots = vote(pairs, {}, [Expansion("LLM", "largelanguagemodel", ("p3",), only=True)])
    assert roots.everywhere == {"LLM": "largelanguagemodel", "거대언어모델": "largelanguagemodel"}


def test_initials_do_not_overrule_a_gloss_and_are_less_sure() -> None:
    initials = [Expansion("SRX", "superresolutionx", ("p1",), only=True)]
    gloss = [Pair("p2", "SRX", "symbolicregressionx", "abbreviation")]
    assert vote(gloss, {}, initials).everywhere == {"SRX": "symbolicregressionx"}
    (_, _, relation, verdict, score, reason), *_ = vote([], {"SRX": "SRX", "superresolutionx": "super resolution X"}, initials).verdicts
    assert (relation, verdict) == ("initials", "same")
    assert score < 1
    assert reason == "SRX has the initials of super resolution X, which no other concept here has; 1 paper uses both"


KNOWN = {"superresolution": "superresolution", "SR": "superresolution", "초해상도": "superresolution", "denoising": "denoising"}
NAMES = {"superresolution": "super resolution", "symbolicregression": "symbolic regression", "imagesuperresolution": "image super resolution"}


def test_what_a_vocabulary_knows_holds_everywhere_but_where_a_paper_says_otherwise() -> None:
    pairs = [Pair("p1", "SR", "symbolicregression", "abbreviation"), Pair("p2", "SR", "superresolution", "abbreviation")]
    roots = vote(pairs, NAMES, known=KNOWN)
    assert (roots.everywhere["SR"], roots.in_paper) == ("superresolution", {("p1", "SR"): "symbolicregression"})
    assert {(parent, verdict) for _, parent, _, verdict, _, _ in roots.verdicts} == {("superresolution", "same"), ("symbolicregression", "unsure")}
    # However many papers say it: what a vocabulary has is outvoted in these papers alone.
    many = [Pair(f"p{n}", "SR", "symbolicregression", "abbreviation") for n in range(9)]
    assert vote(many, NAMES, known=KNOWN).everywhere["SR"] == "superresolution"
    assert vote(many, NAMES).everywhere["SR"] == "symbolicregression"


def test_a_slip_of_what_a_vocabulary_has_is_what_it_has() -> None:
    names = {**NAMES, "superresolution": "super image resolution", "slip": "sub image resolution"}
    roots = vote([Pair("p1", "SR", "slip", "abbreviation")], names, known=KNOWN)
    assert roots.in_paper == {("p1", "slip"): "superresolution"}
    assert [verdict for _, _, _, verdict, _, _ in roots.verdicts] == ["unsure"]


def test_a_korean_term_glossed_with_another_term_of_the_vocabulary_or_a_longer_one_keeps_its_meaning() -> None:
    for parent in ("denoising", "imagesuperresolution"):
        roots = vote([Pair("p1", "초해상도", parent, "translation")], {**NAMES, "초해상도": "초해상도"}, known=KNOWN)
        assert roots.everywhere["초해상도"] == "superresolution"
        assert roots.in_paper == {}
        assert [verdict for _, _, _, verdict, _, _ in roots.verdicts] == ["different"]
    roots = vote([Pair("p1", "초해상도", "upscaling", "translation")], {"초해상도": "초해상도", "upscaling": "upscaling"}, known=KNOWN)
    assert roots.in_paper == {("p1", "초해상도"): "upscaling"}
