"""Texts to candidates."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg.annotate
import kg.language
from kg.annotate import annotate, fingerprint
from kg.records import Candidate

WORDS = (
    "( ) （ ） ; , : - / $ \\ \" ' 지식그래프 지식 그래프(Knowledge Graph)를 모델(LLMs)은 Mixture of Experts (MoE) 사용하는 학습을 GPT-4o는 3D 😀 "
    "\U0001f469\u200d\U0001f52c \u2028 \u2029 \u202e \u0301 \u1100\u1161\u11a8 가\u0301 é e\u0301 \0 \f \x85 İ ß ﬁ (예: BERT) O(L) <script> ]]> "
    "http://a.b/c 12,345 2.0 – ’s — C++ a"
)
PIECES = st.one_of(st.text(max_size=6), st.sampled_from([*WORDS.split(" "), " ", "  ", "\n", "\t", "\u00a0", "\u3000"]))
HANGUL = re.compile("[가-힣]+")
TOKENIZING = kg.annotate.pipeline()
TEXTS = st.lists(PIECES, max_size=40).map("".join)
TERMS = ("mixture of experts", "MoE", "지식 그래프", "사용하는 학습", "C++", "e\u0301", "é가", "İ", "😀")
"""What a vocabulary may hold; a part of it stands in the texts in other spellings."""


def found(text: str, evidence: str = "gloss", *, title: bool = False) -> list[tuple[str, str | None, str | None]]:
    return [(c.surface, c.partner, c.relation) for c in next(annotate([(text, title)])) if c.evidence == evidence]


def surfaces(text: str, *terms: str, title: bool = False) -> list[str]:
    return [c.surface for c in next(annotate([(text, title)], terms))]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.booleans()), min_size=1, max_size=6))
def test_every_candidate_is_what_its_text_holds_at_its_place(texts: list[tuple[str, bool]]) -> None:
    results = list(annotate(texts, TERMS))
    assert len(results) == len(texts)
    for (text, _), candidates in zip(texts, results, strict=True):
        for candidate in candidates:
            assert 0 <= candidate.begin < candidate.end <= len(text)
            assert text[candidate.begin : candidate.end] == candidate.surface
            assert candidate.relation in {None, "translation", "abbreviation", "expansion", "shared"}
            assert (candidate.partner is None) == (candidate.relation is None)
        places = [(c.begin, c.end) for c in candidates]
        assert places == sorted(places)
        assert len(set(candidates)) == len(candidates)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_tokens_add_up_to_the_text_whatever_it_holds(text: str) -> None:
    nlp = TOKENIZING
    with nlp.memory_zone():
        assert nlp.make_doc(text).text == text


def test_hostile_text_does_not_shift_the_places_of_what_follows_it() -> None:
    text = "😀\u2028e\u0301\x00👩‍🔬 검색을 지식 그래프(Knowledge Graph)로"
    candidates = next(annotate([(text, False)]))
    assert "지식 그래프" in [c.surface for c in candidates]
    assert all(text[c.begin : c.end] == c.surface for c in candidates)


def test_a_title_gives_the_coined_name_and_its_phrases() -> None:
    title = "ReMoE: Fully Differentiable Mixture-of-Experts with ReLU Routing"
    assert found(title, "coined", title=True) == [("ReMoE", None, None)]
    assert [surface for surface, _, _ in found(title, "title", title=True)] == ["Differentiable Mixture-of-Experts", "ReLU Routing"]
    assert found(title, "coined") == []


def test_latin_runs_of_korean_text_come_without_particle_and_without_generic_words() -> None:
    text = "ReMoE는 GPT-4o와 Diffusion Transformer를 MATH 및 GSM8K에서 비교하고 Task와 300에서 SGD with Momentum을 쓴다."
    assert [surface for surface, _, _ in found(text, "latin")] == ["ReMoE", "GPT-4o", "Diffusion Transformer", "MATH", "GSM8K", "SGD with Momentum"]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("이 논문은 비디오 생성을 다룬다.", "비디오 생성"),
        ("수학적 추론 성능을 높인다.", "수학적 추론"),
        ("새로운 3D 재구성 방법이다.", "3D 재구성"),
        ("기존의 강화학습에서의 문제", "강화학습"),
        ("장면에서 객체 추적하는 방법", "객체 추적"),
    ],
)
def test_a_korean_term_without_a_gloss_is_found_by_the_word_with_which_it_ends(text: str, term: str) -> None:
    assert term in surfaces(text)


def test_a_korean_phrase_holds_no_verb_no_particle_and_no_counter() -> None:
    text = "높인 장면을 사용한 비디오 생성과 29개 언어 모델이 것이 추론으로 이어진 학습"
    terms = [surface for surface, _, _ in found(text, "term")]
    assert terms == ["비디오 생성"]
    # 언어 모델 is one though 이 follows it, which may be the end of a verb, too (모델이다).
    assert found(text, "action") == [("언어 모델", None, None)]
    assert surfaces(text) == ["비디오 생성", "언어 모델"]


def test_every_part_of_a_run_that_may_be_a_term_is_a_candidate_and_says_where_the_run_goes_on() -> None:
    candidates = next(annotate([("새로운 이진 구면 양자화를 쓴다.", False)]))
    assert {(c.surface, c.evidence) for c in candidates} >= {
        ("이진 구면 양자화", "term"),
        ("이진 구면", "term begin"),
        ("구면", "term inside"),
        ("구면 양자화", "term end"),
        ("양자화", "term end"),
    }
    candidates = next(annotate([("We use sparse graph neural networks for it.", False)]))
    assert {(c.surface, c.evidence) for c in candidates} >= {
        ("sparse graph neural networks", "phrase"),
        ("sparse graph", "phrase begin"),
        ("graph neural", "phrase inside"),
        ("graph neural networks", "phrase end"),
    }


def test_what_stands_inside_a_term_only_neither_begins_nor_ends_one() -> None:
    assert "플로우 기반 훈련" in surfaces("플로우 기반 훈련을 한다.")
    assert not [surface for surface in surfaces("플로우 기반 훈련을 한다.") if surface.startswith("기반") or surface.endswith("기반")]
    assert "점 구름" in surfaces("이 점 구름을 쓴다.")
    assert "점" not in surfaces("이 점 구름을 쓴다.")


def test_a_verb_behind_a_noun_and_quotes_round_it_are_told() -> None:
    assert found("물체를 추적하는 방법", "action") == [("추적", None, None)]
    assert found("이를 '자기 지도'라고 부른다.", "quoted") == [("자기 지도", None, None)]


@pytest.mark.parametrize(
    ("text", "surface", "term", "whole"),
    [
        ("이 논문은 객체 및 카메라 제어를 다룬다.", "객체 및 카메라 제어", "객체 제어", "카메라 제어"),
        ("이미지와 비디오 생성을 다룬다.", "이미지와 비디오 생성", "이미지 생성", "비디오 생성"),
        ("새로운 텍스트, 그래프 임베딩을 쓴다.", "텍스트, 그래프 임베딩", "텍스트 임베딩", "그래프 임베딩"),
        ("2D 및 3D 재구성을 한다.", "2D 및 3D 재구성", "2D 재구성", "3D 재구성"),
        ("We study object and camera control for it.", "object and camera control", "object control", "camera control"),
        ("We study text-to-image or video generation for it.", "text-to-image or video generation", "text-to-image generation", "video generation"),
    ],
)
def test_of_two_terms_that_share_a_word_the_first_is_read_in_full(text: str, surface: str, term: str, whole: str) -> None:
    assert found(text, "coordination") == [(surface, term, "shared")]
    assert whole in surfaces(text)
    assert text[text.index(surface) :].startswith(surface)


@pytest.mark.parametrize(
    "text",
    [
        "We compare it and show large gains.",
        "we train and carefully test models",
        "객체를 찾고 카메라를 제어한다.",
        "모델은 크고 카메라 제어는 쉽다.",
    ],
)
def test_what_and_joins_otherwise_shares_nothing(text: str) -> None:
    assert found(text, "coordination") == []


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("Mixture-of-Experts는 크다.", "Mixture-of-Experts"),
        ("희소한 전문가혼합을 쓴다.", "전문가혼합"),
        ("the mixture\nof experts", "mixture\nof experts"),
        ("전문가의 혼합을 쓴다.", "전문가의 혼합"),
        ("C++로 쓴다.", "C++"),
        ("이 3차원 재구성을", "3차원 재구성"),
        ("새 지식그래프 임베딩을", "지식그래프 임베딩"),
        ("이 Q러닝을", "Q러닝"),
        ("with A* search for", "A* search"),
    ],
)
def test_a_term_of_a_vocabulary_is_found_in_any_spelling_of_its_key(text: str, surface: str) -> None:
    terms = ["mixture of experts", "전문가 혼합", "C++", "3차원 재구성", "지식 그래프 임베딩", "Q러닝", "A* search"]
    candidates = next(annotate([(text, False)], terms))
    assert surface in [c.surface for c in candidates if c.evidence == "vocabulary"]
    assert not [c for c in next(annotate([(text, False)])) if c.evidence == "vocabulary"]


def test_a_term_of_a_vocabulary_is_not_found_inside_a_word_nor_over_a_break_of_two_lines() -> None:
    text = "art is no part, mixture\n\nof experts is none, and phi is no Phi"
    candidates = next(annotate([(text, False)], ["art", "mixture of experts", "Phi"]))
    assert [(c.begin, c.surface) for c in candidates if c.evidence == "vocabulary"] == [(0, "art"), (text.index("Phi"), "Phi")]


def test_a_term_of_a_vocabulary_is_found_in_text_of_any_language() -> None:
    assert "graphe de connaissances" in surfaces("Nous construisons un graphe de connaissances qui nous aide.", "graphe de connaissances")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We call it ToolFly, and propose FastNet.", ["ToolFly", "FastNet"]),
        ("이를 ToolFly라고 부르고 FastNet을 제안한다.", ["ToolFly", "FastNet"]),
        ("We call it a day, and propose methods.", []),
    ],
)
def test_what_a_paper_says_that_it_calls_something_is_coined(text: str, names: list[str]) -> None:
    assert [name for name, _, _ in found(text, "coined")] == names


def test_english_phrases_are_cut_at_function_words_verbs_numbers_and_links() -> None:
    text = "We propose a sparse attention framework that reduces the quadratic memory cost of 32 books; see https://example.org/deep-learning for it."
    assert [surface for surface, _, _ in found(text, "phrase")] == ["sparse attention", "quadratic memory cost"]
    assert not any("example" in surface for surface in surfaces(text))


def test_generic_words_are_no_candidates() -> None:
    text = "The results of the experiments show that the method and the framework of the model are better than a baseline in the performance."
    assert surfaces(text) == []


def test_a_hyphenated_modifier_is_no_candidate_alone() -> None:
    assert surfaces("The test-time of it.") == []
    assert surfaces("Training-Free", title=True) == []
    assert surfaces("The test-time memory of it.") == ["test-time memory"]


def test_text_of_another_language_is_not_cut_by_english_rules() -> None:
    assert found("Wir zeigen, dass tiefe neuronale Netze bessere Ergebnisse liefern als andere Verfahren.", "phrase") == []


def test_importing_the_package_and_its_fingerprint_load_no_spacy() -> None:
    code = "import sys, kg.annotate; kg.annotate.fingerprint(); print('spacy' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": ":".join(sys.path)}
        ).stdout
        == "False\n"
    )


@pytest.mark.parametrize("name", ["glosses.py", "forms.py", "english_stop.txt"])
def test_the_fingerprint_changes_with_the_code_and_with_the_word_lists(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, words = tmp_path / "annotate", tmp_path / "language"
    for package, folder in ((kg.annotate, copy), (kg.language, words)):
        shutil.copytree(Path(str(package.__file__)).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = fingerprint()
    monkeypatch.setattr(kg.annotate, "files", {"kg.annotate": copy, "kg.language": words}.__getitem__)
    assert fingerprint() == before
    path = next(folder / name for folder in (copy, words) if (folder / name).exists())
    content = path.read_bytes()
    path.write_bytes(content[:-2] + b"x" + content[-1:])
    assert fingerprint() != before


def test_the_fingerprint_changes_with_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint()
    monkeypatch.setattr(kg.annotate, "version", lambda package: "0.0.1")
    assert fingerprint() != before


def test_the_fingerprint_changes_with_the_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint()
    monkeypatch.setattr(kg.annotate, "dictionary", lambda: "korean,modifier,head\n")
    assert fingerprint() != before


def test_candidates_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import json, sys; from kg.annotate import annotate; text = sys.stdin.read();"
        "print(json.dumps([[c.begin, c.end, c.evidence, c.partner] for c in next(annotate([(text, False)]))]))"
    )
    text = "마르코프 결정 과정(MDP; Markov Decision Process)과 전문가 혼합(Mixture of Experts, MoE), 지식 그래프(Knowledge Graph)"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"},
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
    assert len(json.loads(outputs.pop())) > 8


def test_words_of_earlier_texts_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = kg.annotate.pipeline()
    monkeypatch.setattr(kg.annotate, "pipeline", lambda terms: nlp)
    list(annotate([("시작(Start)", False)]))
    before = len(nlp.vocab.strings)
    list(annotate((f"용어{n} 학습(Term{n} Learning)은 Name{n}X를 쓴다.", False) for n in range(1_500)))
    assert len(nlp.vocab.strings) - before < 100


def test_a_component_of_another_pipeline_can_add_to_the_same_group() -> None:
    from spacy.tokens import Doc

    from kg.annotate.spans import GROUP

    nlp = kg.annotate.pipeline()
    doc: Doc = nlp("검색을 지식 그래프(Knowledge Graph)로")
    assert {(span.text, span.label_, span.kb_id_) for span in doc.spans[GROUP]} >= {("지식 그래프", "gloss", "Knowledge Graph")}


def test_the_real_digests_have_candidates_in_nearly_every_text(shared: Path) -> None:
    lines = [
        line for path in sorted((shared / "seeds").glob("*.md")) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("- **")
    ]
    results: list[list[Candidate]] = list(annotate((line, False) for line in lines))
    assert len(lines) > 300
    assert sum(bool(result) for result in results) >= 0.99 * len(lines)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("모듈을 걷어내고 라우터 모델을", "라우터 모델"),
        ("이것을 쓰면 인물 영상을", "인물 영상"),
        ("가중치를 건드리지 않고 추론 모델을", "추론 모델"),
        ("이것을 쓰며 카메라 제어를", "카메라 제어"),
        ("이진 구면 양자화를", "이진 구면 양자화"),
        ("광고 문구 생성을", "광고 문구 생성"),
    ],
)
def test_a_clause_that_leads_over_ends_before_the_term(text: str, term: str) -> None:
    assert term in surfaces(text)
    begin = text.index(term)
    candidates = next(annotate([(text, False)]))
    assert not [c.surface for c in candidates if c.begin < begin < c.end]


def test_sizes_hardware_and_loose_title_words_are_no_candidates() -> None:
    candidates = surfaces("0.5B짜리 분류기를 쓴다. 270p와 A100 GPU에서 잰다.")
    assert "분류기" in candidates
    assert not [surface for surface in candidates if not HANGUL.fullmatch(surface)]
    for title in ("On Behalf of", "Lost in the Middle", "Navigating the", "Is It Worth It?", "What We Missed"):
        assert not {"Behalf", "Lost", "Navigating", "Worth", "Missed"} & set(surfaces(title, title=True))
