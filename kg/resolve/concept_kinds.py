"""The kind of a concept: Task, Method, Model, Dataset, Metric or Field, by the words with which its labels end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from kg.language.forms import HANGUL, words_of
from kg.language.words import word_lines


class _End(NamedTuple):
    rank: int
    kind: str
    alone: bool
    whole: bool


@cache
def _ends() -> dict[str, _End]:
    """With what labels of each kind end, in small letters without blanks; a short end must stand alone."""
    ranks: dict[str, int] = {}
    ends: dict[str, _End] = {}
    for kind, script, *words in word_lines("kinds"):
        rank = ranks.setdefault(kind, len(ranks))
        for word in words:
            bare = word.removeprefix("*")
            alone = script == "en" and bare == word and len(word) <= 4
            ends.setdefault(bare.casefold(), _End(rank, kind, alone, script == "="))
    return ends


def _kind_by_end(label: str | None, kinds: tuple[str, ...] = ()) -> str | None:
    """The kind that comes first in the list among those whose words end the label."""
    if label is None:
        return None
    text = (label.replace(" ", "") if HANGUL.search(label) else label).casefold()
    ends = _ends()
    best: _End | None = None
    for start in range(max(0, len(text) - 20), len(text) - 1):
        end = ends.get(text[start:])
        if end is None or (kinds and end.kind not in kinds) or (end.whole and start) or (end.alone and start and text[start - 1] not in " -/"):
            continue
        if best is None or end.rank < best.rank:
            best = end
    return None if best is None else best.kind


_SHORT_METHODS = re.compile(
    r"(?:LLM|VLM|MLLM|LMM|CNN|RNN|GNN|GAN|VAE|MLP|LSTM|ViT|MoE|NeRF|MCTS|RAG|LoRA|RLHF|DPO|PPO|SFT|DiT|SSM|RL|ICL|CoT)s?", re.IGNORECASE
)


_VERSIONED = re.compile(r"[A-Z][\w-]*(?: [A-Z]?[\w.-]+)*? [A-Za-z]?\d[\w.]*(?: [\w.-]+)?")
"""A name with a version: Gemini 1.5 Pro, DeepSeek R1, Llama 3.1 8B."""


def kind_of(
    label: str | None,
    label_ko: str | None,
    heads: Mapping[str, str] | None = None,
    *,
    coined: bool = False,
    as_dataset: int = 0,
    as_model: int = 0,
    mentions: int = 1,
) -> str:
    """The kind of a concept by the words with which its labels end, by the word that follows it, and by its look; a method if nothing tells.

    Args:
        label: the English label.
        label_ko: the Korean one.
        heads: the kind that most terms of the vocabularies have that end with a word.
        coined: a paper coins the name in its title.
        as_dataset: how many of its mentions are followed by "dataset" or "benchmark", in either language.
        as_model: how many are followed by "model".
        mentions: how many mentions there are.

    >>> [kind_of(label, None) for label in ("video generation", "MMBench", "ReLU routing", "word error rate", "DeepSeek R1", "banana")]
    ['Task', 'Dataset', 'Method', 'Metric', 'Model', 'Method']
    >>> kind_of(None, "강화 학습"), kind_of("ReMoE", None, coined=True), kind_of("MQA", None, as_dataset=1)
    ('Method', 'Model', 'Dataset')
    >>> kind_of("fruit salad", None, {"salad": "Task"}), kind_of("Banana", None)
    ('Task', 'Model')
    """
    heads = {} if heads is None else heads
    if label is not None and " " not in label and _looks_like_a_name(label) and not _SHORT_METHODS.fullmatch(label):
        if as_dataset and as_dataset * 4 >= mentions and as_dataset >= as_model:
            return "Dataset"
        kind = _kind_by_end(label, ("Dataset", "Metric"))
        if kind is not None:
            return kind
        if "@" in label:
            return "Metric"
        if coined or as_model or re.search(r"\d|(?:Net|LM|LLM|GPT|BERT|Former|Diffusion|Agent|GAN|Llama)(?:-|$)|[a-z][A-Z]|[A-Z]{2}[a-z]{2}", label):
            return "Model"
    if label is not None and _VERSIONED.fullmatch(label):
        return "Model"
    if as_dataset * 2 > mentions:
        return "Dataset"
    # What an English label says, the Korean one must not overrule: it is the translation that may be wrong.
    written = label if label is not None else label_ko
    words = words_of(written or "")
    kind = heads.get(words[-1]) if len(words) > 1 else None
    kind = kind or _kind_by_end(written)
    if kind is not None:
        return kind
    if coined:
        return "Model"
    kind = _kind_by_end(label_ko)
    if kind is not None:
        return kind
    # What nothing tells is most often a method; or the name of a system, if it is one word with a capital.
    return "Model" if len(words) == 1 and label is not None and label[:1].isupper() else "Method"


def _looks_like_a_name(word: str) -> bool:
    return any(character.isupper() for character in word)
