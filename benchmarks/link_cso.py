#!/usr/bin/env python3
"""Write seeds/concepts/cso.csv: which of our concepts is which topic of the Computer Science Ontology (CSO).

usage: benchmarks/link_cso.py CSO_CSV

CSO_CSV is the file cso.csv of the package cso-classifier 2.3.2 on PyPI (pip download --no-deps cso-classifier==2.3.2; in the wheel it is
classifier/models/cso.csv). Its topics are CC BY 4.0, from the Knowledge Media Institute of The Open University; seeds/concepts/README.md has the
reference. The package is no dependency.

A topic is a concept if its label, as kg folds labels, is the concept's label or one of its English variants; abbreviations do not count, for they
mean too many things. Topics that CSO holds equivalent are one, under the label that CSO prefers. A concept has one topic and a topic one concept:
labels come before variants, and where that does not decide, there is no link. Topics that are something else for all that their label is the same
are listed below, each with its reason.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from pathlib import Path

from kg.language.forms import fold

CONCEPTS = Path(__file__).resolve().parents[1] / "seeds" / "concepts"
OUTPUT = CONCEPTS / "cso.csv"
TOPIC = "https://cso.kmi.open.ac.uk/topics/"

# Only labels whose IRI is sure: a topic's IRI is its label with _ for spaces, and how other characters are written there varies.
_PLAIN = re.compile(r"[a-z0-9][a-z0-9 -]*")

OTHERS: dict[str, str] = {
    # the same words in another field
    "matching networks": "impedance matching",
    "steering vector": "arrays of antennas",
    "transcoder": "video coding",
    "handover": "mobile telephony",
    "memory modules": "hardware",
    "value network": "economics",
    "mobile agents": "programs that move between machines",
    "motion control": "motors",
    "embeddings": "has no place in CSO, mostly of graphs and watermarks",
    "quantization": "of signals",
    "score function": "fuzzy sets",
    "influence functions": "method of moments",
    "role assignment": "access control",
    "student modeling": "teaching",
    "orthogonality": "radio frequencies",
    "online learning": "teaching over the network",
    "live streaming": "peer-to-peer networks",
    "autofocus": "filed under languages of software architecture",
    "visual programming": "languages that are drawn",
    "candidate generation": "itemset mining",
    "non-determinism": "automata",
    "natural speech": "not the model NaturalSpeech",
    "agent systems": "any agents, not of language models",
    "demonstrations": "any",
    "depth control": "vehicles under water",
    "circuit analysis": "electronics",
    "expected return": "finance",
    "network layers": "of protocols",
    # broader or narrower than the concept
    "dos attacks": "not only distributed ones",
    "bearing fault diagnosis": "one kind",
    "vlsi design": "one kind",
    "design automation": "one part",
    "data warehouses": "the older idea",
    "energy conservation": "one such law, or saving energy",
    "holographic displays": "one use",
    "service robots": "not only in households",
    "line detection": "any lines",
    "step size": "any iteration",
    "distributed energy resources": "what a microgrid is made of",
    "vocoders": "not only neural ones",
    "speech recognition systems": "not only in noise",
    "optimization problems": "what an optimizer is for",
    "parallelization strategies": "any",
    "pi controller": "without the D",
    "data manifolds": "not the hypothesis",
    "floating-point arithmetic": "one kind",
    "proof search": "one way",
    "protein database": "one kind",
    "random number generation": "not only pseudorandom",
    "real time systems": "the systems",
    "relational data models": "the models",
    "retrieval performance": "not a retriever",
    "robot system": "what is controlled",
    "vehicle navigation": "one use",
    "semantic similarity": "similarity is one kind of relatedness",
    "semidefinite relaxation": "one use",
    "industrial automation": "one part",
    "sparse representation": "what coding gives",
    "spectral signature": "what is unmixed",
    "biological networks": "one part",
    "text representation": "not only embeddings",
    "translation models": "what is judged",
    "warehouse management": "not only automation",
    "web page classification": "one task",
    "satellite navigation systems": "not only GPS",
    "data analytics": "one part",
    "inertial sensor": "one part of a unit",
    "flexible job-shop scheduling": "one kind",
    "economics": "without finance",
    "collaborative work": "not only with computers",
    "speech features": "one kind",
    "compression methods": "not the ratio",
    "gaussian filters": "not the effect",
    "vehicle to vehicle communications": "one part",
    "3d pose estimation": "not only of people",
}
"""Topics, by the label that CSO prefers, that are not what we call so."""


def main() -> None:
    """Read both, match, write, and say how many there are."""
    cli = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    cli.add_argument("cso", type=Path, metavar="CSO_CSV")
    args = cli.parse_args()
    rows = sorted(link(topics(args.cso)).items())
    with OUTPUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("label", "topic"))
        writer.writerows((label, TOPIC + topic.replace(" ", "_")) for label, topic in rows)
    print(f"{len(rows):,} links in {OUTPUT.relative_to(OUTPUT.parents[2])}")


def topics(path: Path) -> dict[str, str]:
    """Each topic's label, and the label of the topic that it is equivalent to and that CSO prefers: mostly itself."""
    preferred: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for topic, relation, value in csv.reader(file, delimiter=";"):
            if relation == "klink:primaryLabel":
                preferred[topic] = value
            elif relation == "rdfs:label":
                preferred.setdefault(topic, topic)
    return preferred


def link(preferred: dict[str, str]) -> dict[str, str]:
    """The topic of each concept that has one."""
    by_key: dict[str, set[str]] = defaultdict(set)
    for topic, first in preferred.items():
        if _PLAIN.fullmatch(first) and first not in OTHERS:
            by_key[fold(topic)].add(first)
    # for each topic the concepts that name it, by how: 0 its very label, 1 by their label, 2 by a variant
    claims: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for label, variants in concepts():
        found = by_key.get(fold(label), set())
        rank = 1 if found else 2
        found = found or {topic for variant in variants for topic in by_key.get(fold(variant), ())}
        if len(found) == 1:
            (topic,) = found
            claims[topic].append((0 if fold(topic) == fold(label) else rank, label))
    links: dict[str, str] = {}
    for topic, claim in claims.items():
        best = min(rank for rank, _ in claim)
        labels = [label for rank, label in claim if rank == best]
        if len(labels) == 1:
            links[labels[0]] = topic
    return links


def concepts() -> list[tuple[str, list[str]]]:
    """The labels of our concepts, each with its English variants."""
    found: list[tuple[str, list[str]]] = []
    for path in sorted(CONCEPTS.glob("*.csv")):
        if path.name not in (OUTPUT.name, "words.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                found.extend((row["label"], row["variants"].split(" | ")) for row in csv.DictReader(file))
    return found


if __name__ == "__main__":
    main()
