"""Train the ranker of concepts from annotated papers, and measure it on papers that it did not see: train_ranker.py [--shared ../shared] [--write]

Annotations: two annotators' key concepts of 40 papers (SHARED/eval/concepts, texts in SHARED/seeds), and gold/concepts.jsonl of 40 other papers of
seeds/digests. Everything is cross-validated by paper: each figure is of papers whose annotations trained nothing. With --write the ranker of all
papers becomes kg/resolve/concept_ranker.json. Needs scikit-learn and SciPy, which the program itself does not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from concepts_corpus import Paper, annotated, papers_of, predictions
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from kg.resolve import concepts as stage
from kg.resolve.concept_ranker import Ranker

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "kg" / "resolve" / "concept_ranker.json"
FOLDS = 10
OWN_WEIGHT = 0.3
"""How much a paper of our own counts: it has one annotator, and its texts were written for the sample."""
ABOUT = "Trees over concept_features.sql: [feature, edge, below it, from it on], in hundredths of a nat. Made by benchmarks/train_ranker.py"


class Data:
    """Candidates of annotated papers: features, how many of the annotators have each, its paper, the weight of the paper."""

    def __init__(self, names: list[str], values: Any, right: Any, papers: Any, weights: Any) -> None:
        self.names, self.values, self.right, self.papers, self.weights = names, values, right, papers, weights

    def of(self, papers: Iterable[str]) -> Data:
        """The candidates of some papers."""
        keep = np.isin(self.papers, sorted(papers))
        return Data(self.names, self.values[keep], self.right[keep], self.papers[keep], self.weights[keep])

    def __add__(self, other: Data) -> Data:
        parts = (
            np.concatenate(pair)
            for pair in zip(
                (self.values, self.right, self.papers, self.weights), (other.values, other.right, other.papers, other.weights), strict=True
            )
        )
        return Data(self.names, *parts)


def collect(papers: list[Paper], golds: list[dict[str, list[Any]]], weight: float, score: Any) -> Data:
    """The candidates of annotated papers, in the context of all papers of a corpus."""
    with annotated(papers) as engine:
        stage.find_concepts(engine)
        columns = engine.connection.execute("select * from concept_features order by paper_id, root").fetchnumpy()
        forms: dict[tuple[str, str], set[str]] = {}
        for paper, root, surface, form in engine.rows("select distinct paper_id, root, surface, form from concept_found"):
            if paper in golds[0]:
                forms.setdefault((paper, root), set()).update(score.keys(surface) | score.keys(form))
    papers_, roots = columns.pop("paper_id"), columns.pop("root")
    for name in ("trusted", "own"):
        columns.pop(name)
    keep = np.isin(papers_, sorted(golds[0]))
    right = [
        sum(any(concept.keys & forms[paper, root] for concept in gold[paper]) for gold in golds) / len(golds)
        for paper, root in zip(papers_[keep], roots[keep], strict=True)
    ]
    values = np.column_stack([np.asarray(column, dtype=float)[keep] for column in columns.values()])
    return Data(list(columns), values, np.array(right), papers_[keep].astype(str), np.full(len(right), weight))


def train(data: Data) -> Ranker:
    """Boosted trees of three questions each. A candidate that one of two annotators has counts half as right, half as wrong."""
    values = np.vstack([data.values, data.values])
    right = np.r_[np.ones(len(data.right)), np.zeros(len(data.right))]
    weights = np.r_[data.right * data.weights, (1 - data.right) * data.weights]
    keep = weights > 0
    forest = GradientBoostingClassifier(
        n_estimators=150, learning_rate=0.08, max_depth=3, min_samples_leaf=15, max_features=0.5, subsample=0.8, random_state=0
    ).fit(values[keep], right[keep], sample_weight=weights[keep])
    share = float((data.right * data.weights).sum() / data.weights.sum())
    trees = [_tree(stump[0].tree_, 0, data.names, forest.learning_rate) for stump in forest.estimators_]
    return {"about": ABOUT, "confidence": {"intercept": 0.0, "slope": 0.01}, "start": round(100 * float(np.log(share / (1 - share)))), "trees": trees}


def _tree(tree: Any, node: int, names: list[str], rate: float) -> Any:
    if tree.children_left[node] < 0:
        return round(100 * rate * float(tree.value[node][0][0]))
    # scikit-learn sends "at most the edge" to the left; we ask "below the edge", a little above it.
    edge = float(f"{tree.threshold[node]:.5g}")
    edge = edge if edge > tree.threshold[node] else float(f"{np.nextafter(np.float32(tree.threshold[node]), np.float32(np.inf)):.7g}")
    return [names[tree.feature[node]], edge, _tree(tree, tree.children_left[node], names, rate), _tree(tree, tree.children_right[node], names, rate)]


def points(ranker: Ranker, data: Data) -> Any:
    """The points of candidates."""

    def walk(tree: Any, rows: Any) -> Any:
        if isinstance(tree, int):
            return np.full(len(rows), tree)
        below = rows[:, data.names.index(tree[0])] < tree[1]
        result = np.empty(len(rows), dtype=int)
        result[below], result[~below] = walk(tree[2], rows[below]), walk(tree[3], rows[~below])
        return result

    return ranker["start"] + sum(walk(tree, data.values) for tree in ranker["trees"])


def calibrate(found: Any, right: Any) -> dict[str, float]:
    """The logistic that turns points into the share that is right."""
    weights = np.r_[right, 1 - right]
    keep = weights > 0
    fit = LogisticRegression(C=1e6).fit(
        np.r_[found, found][keep].reshape(-1, 1) / 100, np.r_[np.ones(len(right)), np.zeros(len(right))][keep], sample_weight=weights[keep]
    )
    return {"intercept": round(float(fit.intercept_[0]), 4), "slope": round(float(fit.coef_[0][0]) / 100, 6)}


def folds(papers: Iterable[str], count: int) -> list[list[str]]:
    """Papers in so many parts, by a fixed shuffle."""
    ordered = sorted(papers)
    np.random.default_rng(0).shuffle(ordered)
    return [ordered[place::count] for place in range(count)]


def main() -> None:
    command = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    command.add_argument("--write", action="store_true")
    command.add_argument("--curve", action="store_true", help="how the figures grow with the number of papers")
    command.add_argument("--out", type=Path, help="write the cross-validated predictions here")
    options = command.parse_args()
    folder = options.shared / "eval" / "concepts"
    sys.path.insert(0, str(folder))
    import score  # the scorer's own reading of what a match is

    documents = score.read(folder / "dev_docs.jsonl")
    paper_of = {row["id"]: row["arxiv_id"] for row in documents}
    golds = [{paper_of[row["id"]]: score.concepts(row) for row in score.read(folder / f"{who}_dev.jsonl")} for who in "AB"]
    own_gold = {row["id"].removeprefix("arxiv:"): score.concepts(row) for row in score.read(HERE / "gold" / "concepts.jsonl")}
    seeds = list(papers_of(options.shared / "seeds"))
    dev = collect(seeds, golds, 1.0, score)
    own = collect(list(papers_of(HERE.parent / "seeds" / "digests")), [own_gold], OWN_WEIGHT, score)
    print(f"{len(dev.right)} candidates of {len(golds[0])} papers of dev, {len(own.right)} of {len(own_gold)} of our own; {len(dev.names)} features")

    parts = folds(golds[0], FOLDS)
    rankers = [train(dev.of(set(golds[0]) - set(part)) + own) for part in parts]
    fits = [(points(ranker, dev.of(part)), dev.of(part)) for ranker, part in zip(rankers, parts, strict=True)]
    for place, ranker in enumerate(rankers):
        others = [fit for other, fit in enumerate(fits) if other != place]
        ranker["confidence"] = calibrate(np.concatenate([found for found, _ in others]), np.concatenate([data.right for _, data in others]))
    report(seeds, parts, rankers, golds, paper_of, score, options.out)
    if options.curve:
        for size in (10, 20, 36):
            rankers = []
            for part in parts:
                others = sorted(set(golds[0]) - set(part))
                np.random.default_rng(1).shuffle(others)
                ranker = train(dev.of(others[:size]) + own.of(sorted(own_gold)[:size]))
                ranker["confidence"] = calibrate(np.concatenate([found for found, _ in fits]), np.concatenate([data.right for _, data in fits]))
                rankers.append(ranker)
            print(f"trained on {size} papers of dev and {size} of our own")
            report(seeds, parts, rankers, golds, paper_of, score, None)
    if options.write:
        ranker = train(dev + own)
        ranker["confidence"] = calibrate(np.concatenate([found for found, _ in fits]), np.concatenate([data.right for _, data in fits]))
        head = {key: value for key, value in ranker.items() if key != "trees"}
        lines = ",\n".join(json.dumps(tree) for tree in ranker["trees"])
        MODEL.write_text(json.dumps(head, ensure_ascii=False)[:-1] + ', "trees": [\n' + lines + "\n]}\n", encoding="utf-8")
        print(f"{MODEL.name}: {len(ranker['trees'])} trees, {MODEL.stat().st_size:,} bytes")


def report(
    seeds: list[Paper],
    parts: Sequence[Sequence[str]],
    rankers: Sequence[Ranker],
    golds: list[dict[str, list[Any]]],
    paper_of: dict[str, str],
    score: Any,
    out: Path | None,
) -> None:
    """Run the resolve stage with each part's ranker, and score what it says of that part's papers."""
    rows = []
    id_of = {paper: row for row, paper in paper_of.items()}
    for part, ranker in zip(parts, rankers, strict=True):
        with annotated(seeds) as engine:
            stage.resolve_concepts(engine, ranker)
            rows += [{**row, "id": id_of[row["id"]]} for row in predictions(engine, part, most=25)]
    rows.sort(key=lambda row: row["id"])
    if out is not None:
        out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    named = {who: {id_of[paper]: concepts for paper, concepts in gold.items()} for who, gold in zip("AB", golds, strict=True)}
    for least in (0.0, 0.3, 0.35, 0.4):
        figures, _, _ = score.evaluate([{**row, "concepts": [c for c in row["concepts"] if c["score"] >= least]} for row in rows], named, 15)
        print(f"  from {least:.2f}: " + "  ".join(f"{name} {value:.1f}" for name, value in figures.items()))
    print("  confidence     concepts   right (mean of the annotators)")
    said = [(concept["score"], row["id"], concept) for row in rows for concept in row["concepts"]]
    for low in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        inside = [(paper, score.Concept(concept)) for value, paper, concept in said if low <= value < low + 0.1]
        if inside:
            right = np.mean([sum(any(concept.keys & gold.keys for gold in named[who][paper]) for who in "AB") / 2 for paper, concept in inside])
            print(f"  {low:.1f} to {low + 0.1:.1f} {len(inside):10} {right:14.2f}")


if __name__ == "__main__":
    main()
