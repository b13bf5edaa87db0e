"""Text to candidates: a spaCy pipeline without a trained model, a component a file. spaCy is loaded when the first text is annotated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING

from kg.annotate import external
from kg.language.words import dictionary
from kg.records import Candidate

if TYPE_CHECKING:
    from spacy.language import Language

_BATCH_TEXTS = 500


def fingerprint(terms: Iterable[str] = (), *, name: str | None = None) -> str:
    """16 hex digits that change with what the candidates of a text depend on; spaCy is not imported for it.

    That is the code of this package, its word lists, spaCy, and the terms; or, in place of the terms, the user's pipeline.

    Args:
        terms: what vocabularies say that is a term.
        name: a pipeline of the user's that takes the place of ours.

    Raises:
        PipelineError: there is no such pipeline.

    >>> len(fingerprint()), fingerprint() == fingerprint(), fingerprint(["mixture of experts"]) == fingerprint()
    (16, True, False)
    """
    digest = hashlib.sha256(version("spacy").encode())
    for package in (__package__, "kg.language"):
        for entry in sorted(files(package).iterdir(), key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".txt")):
                content = entry.read_bytes()
                digest.update(f"\n{entry.name} {len(content)}\n".encode())
                digest.update(content)
    digest.update(dictionary().encode())
    if name is None:
        for term in terms:
            digest.update(f"\n{term}".encode())
    else:
        external.add_version(name, digest.update)
    return digest.hexdigest()[:16]


def pipeline(terms: Iterable[str] = ()) -> Language:
    """A new spaCy pipeline of our components; they fill ``doc.spans["concepts"]`` (see `kg.annotate.spans`).

    Args:
        terms: what vocabularies say that is a term.

    >>> pipeline().pipe_names
    ['kg_glosses', 'kg_acronyms', 'kg_titles', 'kg_nouns', 'kg_phrases', 'kg_vocabulary']
    """
    import spacy

    from kg.annotate import acronyms, glosses, nouns, phrases, titles, tokens, vocabulary

    nlp = spacy.blank("xx")
    nlp.max_length = 100_000_000
    # What spaCy would work out for each new word (its shape, whether it is like a number ...) is asked for by none of our components.
    nlp.vocab.lex_attr_getters = {}  # type: ignore[attr-defined]
    nlp.tokenizer = tokens.Tokenizer(nlp.vocab)
    for module in (glosses, acronyms, titles, nouns, phrases, vocabulary):
        nlp.add_pipe(f"kg_{module.__name__.rpartition('.')[2]}")
    matcher = nlp.get_pipe("kg_vocabulary")
    assert isinstance(matcher, vocabulary.Matcher)
    matcher.load(terms)
    return nlp


def annotate(texts: Iterable[tuple[str, bool]], terms: Iterable[str] = (), *, name: str | None = None) -> Iterator[list[Candidate]]:
    """The candidates of each text, in the order of the texts, each list ordered by place.

    Args:
        texts: pairs of a text and whether it is a title.
        terms: what vocabularies say that is a term.
        name: a pipeline of the user's that takes the place of ours, and of the terms.

    Raises:
        PipelineError: the user's pipeline cannot be loaded, fails, or does not give what is needed.

    >>> found = next(annotate([("검색을 지식 그래프(Knowledge Graph)로", False)]))
    >>> [(c.begin, c.end, c.surface, c.partner) for c in found if c.evidence == "gloss"]
    [(4, 10, '지식 그래프', 'Knowledge Graph'), (11, 26, 'Knowledge Graph', '지식 그래프')]
    """
    nlp = pipeline(terms) if name is None else external.load(name)
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH_TEXTS)):
        yield from candidates(nlp, batch, name=name)


def candidates(nlp: Language, texts: Sequence[tuple[str, bool]], *, name: str | None = None) -> list[list[Candidate]]:
    """The candidates of a batch of texts, as `annotate` gives them, by a pipeline that is loaded.

    >>> [[c.surface for c in found] for found in candidates(pipeline(["prior"]), [("a prior", False), ("it", False)])]
    [['prior'], []]
    """
    # Strings that only these texts hold are forgotten after them; else spaCy's string store grows without bound.
    with nlp.memory_zone():
        if name is not None:
            return list(external.candidates(nlp, texts, name))
        return [_candidates(nlp, text, is_title=is_title) for text, is_title in texts]


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
            partner=partner or None,
            relation=relation or None,
        )
        for begin, end, evidence, partner, relation in sorted(found)
    ]
