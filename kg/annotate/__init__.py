"""Text to candidates: a spaCy pipeline without a trained model, a component a file. spaCy is loaded when the first text is annotated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING

from kg.records import Candidate

if TYPE_CHECKING:
    from spacy.language import Language

CONFIDENCE = {
    "gloss": 0.9,
    "acronym": 0.9,
    "coined": 0.9,
    "title": 0.75,
    "latin": 0.7,
    "term": 0.6,
    "phrase": 0.5,
    "term word": 0.45,
    "latin word": 0.55,
    "title word": 0.4,
    "word": 0.3,
}
"""How far each kind of evidence is trusted before anything is known of the corpus."""
_OTHER_CONFIDENCE = 0.5
_BATCH_TEXTS = 500


def fingerprint() -> str:
    """16 hex digits that change with this package's code, its word lists or spaCy; spaCy is not imported for it.

    >>> len(fingerprint()), fingerprint() == fingerprint()
    (16, True)
    """
    digest = hashlib.sha256(version("spacy").encode())
    for entry in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith((".py", ".txt")):
            content = entry.read_bytes()
            digest.update(f"\n{entry.name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def pipeline() -> Language:
    """A new spaCy pipeline of our components; they fill ``doc.spans["concepts"]`` (see `kg.annotate.spans`).

    >>> pipeline().pipe_names
    ['kg_glosses', 'kg_acronyms', 'kg_titles', 'kg_latin', 'kg_phrases', 'kg_terms']
    """
    import spacy

    from kg.annotate import acronyms, glosses, latin, phrases, terms, titles, tokens

    nlp = spacy.blank("xx")
    nlp.max_length = 100_000_000
    nlp.tokenizer = tokens.Tokenizer(nlp.vocab)
    for module in (glosses, acronyms, titles, latin, phrases, terms):
        nlp.add_pipe(f"kg_{module.__name__.rpartition('.')[2]}")
    return nlp


def annotate(texts: Iterable[tuple[str, bool]]) -> Iterator[list[Candidate]]:
    """The candidates of each text, in the order of the texts, each list ordered by place.

    Args:
        texts: pairs of a text and whether it is a title.

    >>> found = next(annotate([("검색을 지식 그래프(Knowledge Graph)로", False)]))
    >>> [(c.begin, c.end, c.surface, c.partner) for c in found if c.evidence == "gloss"]
    [(4, 10, '지식 그래프', 'Knowledge Graph'), (11, 26, 'Knowledge Graph', '지식 그래프')]
    """
    nlp = pipeline()
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH_TEXTS)):
        # Strings that only these texts hold are forgotten after them; else spaCy's string store grows without bound.
        with nlp.memory_zone():
            results = [_candidates(nlp, text, is_title=is_title) for text, is_title in batch]
        yield from results


def _candidates(nlp: Language, text: str, *, is_title: bool) -> list[Candidate]:
    doc = nlp.make_doc(text)
    doc.user_data["title"] = is_title
    for _, component in nlp.pipeline:
        doc = component(doc)
    spans = doc.spans["concepts"] if "concepts" in doc.spans else []  # noqa: SIM401 - SpanGroups.get makes no default of a list
    found = {(span.start_char, span.end_char, span.label_, span.kb_id_, span.id_) for span in spans}
    return [
        Candidate(
            begin=begin,
            end=end,
            surface=text[begin:end],
            evidence=evidence,
            confidence=CONFIDENCE.get(evidence, _OTHER_CONFIDENCE),
            partner=partner or None,
            relation=relation or None,
        )
        for begin, end, evidence, partner, relation in sorted(
            found, key=lambda item: (item[0], item[1], -CONFIDENCE.get(item[2], _OTHER_CONFIDENCE), item[2:])
        )
    ]
