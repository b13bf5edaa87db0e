// model.js: the data of the page, the ways from one thing to another, search and filters. Knows nothing of the screen.
"use strict";
window.kg = {};
(function (kg) {
  const data = JSON.parse(document.getElementById("data").textContent);
  const KINDS = { author: "people", paper: "papers", concept: "concepts" };
  const things = new Map();
  const number = new Intl.NumberFormat("en");

  // Every thing by its id (the IRI without its base), with the lists that lead on from it.
  data.people.forEach((person) => things.set(person.id, Object.assign(person, { type: "author", title: person.name, papersOf: [], near: [] })));
  data.concepts.forEach((concept) => things.set(concept.id, Object.assign(concept, { type: "concept", title: concept.label || concept.ko || concept.id, papersOf: [] })));
  data.papers.forEach((paper) => {
    Object.assign(paper, { type: "paper", near: [] });
    paper.authors = paper.authors.map((index) => data.people[index]);
    paper.main = new Set(paper.concepts.slice(0, paper.main).map((index) => data.concepts[index]));
    paper.concepts = paper.concepts.map((index) => data.concepts[index]);
    paper.authors.forEach((person) => person.papersOf.push(paper));
    paper.concepts.forEach((concept) => concept.papersOf.push(paper));
    things.set(paper.id, paper);
  });
  const newestFirst = (a, b) => (b.issued || "").localeCompare(a.issued || "") || (a.id < b.id ? -1 : 1);
  data.people.forEach((person) => person.papersOf.sort(newestFirst));
  data.concepts.forEach((concept) => concept.papersOf.sort(newestFirst));
  const connect = (list, all) => list.forEach(([a, b, count, weight]) => {
    all[a].near.push({ thing: all[b], count, weight });
    all[b].near.push({ thing: all[a], count, weight });
  });
  connect(data.coauthors, data.people);
  connect(data.topics, data.papers);
  [...data.people, ...data.papers].forEach((thing) => thing.near.sort((a, b) => b.weight - a.weight || b.count - a.count || (a.thing.id < b.thing.id ? -1 : 1)));

  // The three pictures: nodes and edges as Python's Network holds them. A team's hub has the id team/..., and stands for paper/....
  const views = {};
  for (const view of ["people", "papers", "concepts"]) {
    const nodes = data.nodes.filter((node) => node.view === view);
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const edges = data.edges.filter((edge) => edge.view === view);
    nodes.forEach((node) => { node.links = []; node.thing = things.get(node.id.replace(/^team\//, "paper/")) || null; });
    edges.forEach((edge, index) => {
      edge.id = index;
      edge.a = byId.get(edge.from); edge.b = byId.get(edge.to);
      edge.a.links.push(edge); edge.b.links.push(edge);
    });
    nodes.sort((a, b) => b.rank - a.rank || (a.id < b.id ? -1 : 1)).forEach((node, index) => { node.order = index; node.shown = true; });
    views[view] = { name: view, nodes, edges, byId };
  }

  /** How often each of many things comes, the most frequent first: [[thing, count], ...]. */
  function tally(list) {
    const counts = new Map();
    for (const item of list) counts.set(item, (counts.get(item) || 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1] || (a[0].id < b[0].id ? -1 : 1));
  }

  /** The things of a view that a selected thing stands for there: itself and its neighbours, or a paper's people, and so on. */
  function within(thing, view) {
    if (view === "people") return thing.type === "paper" ? thing.authors : thing.papersOf.flatMap((paper) => paper.authors);
    if (view === "papers") return thing.type === "paper" ? [thing, ...thing.near.map((other) => other.thing)] : thing.papersOf;
    return thing.type === "paper" ? thing.concepts : thing.papersOf.flatMap((paper) => paper.concepts);
  }

  /** Papers that two people share, or that are about two concepts; concepts that two papers share. */
  function shared(a, b) {
    const [one, other] = a.type === "paper" ? [a.concepts, new Set(b.concepts)] : [a.papersOf, new Set(b.papersOf)];
    return one.filter((item) => other.has(item));
  }

  // --- search -----------------------------------------------------------------------------------------------------------------
  const LETTERS = { "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th" };
  /** Case and accents fold away; Hangul falls apart into its letters, so that half a syllable finds the whole. */
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[łøđðßæœıþ]/g, (c) => LETTERS[c]).replace(/[\s\-‐-―_]+/g, " ").trim();
  let index = null;
  function buildIndex() {
    const entry = (thing, names, size) => ({ thing, texts: names.filter(Boolean).map(fold), size });
    return [
      ...data.people.map((person) => entry(person, [person.name], person.papers)),
      ...data.concepts.map((concept) => entry(concept, [concept.label, concept.ko, concept.short, ...(concept.labels || [])], concept.papers)),
      ...data.papers.map((paper) => entry(paper, [paper.title, paper.arxiv, paper.doi], 0)),
    ];
  }
  /** The things that a query names: all its words must come; whole names and beginnings go before the middle of words. */
  function search(query, limit) {
    const wanted = fold(query);
    if (!wanted) return [];
    const words = wanted.split(" ");
    index = index || buildIndex();
    const found = [];
    for (const { thing, texts, size } of index) {
      let best = 0;
      for (const text of texts) {
        if (!words.every((word) => text.includes(word))) continue;
        best = Math.max(best, text === wanted ? 4 : text.startsWith(wanted) ? 3 : words.every((word) => ` ${text}`.includes(` ${word}`)) ? 2 : 1);
      }
      if (best) found.push({ thing, best, size });
    }
    found.sort((a, b) => b.best - a.best || b.size - a.size || a.thing.title.length - b.thing.title.length || (a.thing.id < b.thing.id ? -1 : 1));
    return found.slice(0, limit).map((item) => item.thing);
  }

  // --- filters ----------------------------------------------------------------------------------------------------------------
  const months = [...new Set(data.papers.map((paper) => (paper.issued || "").slice(0, 7)).filter(Boolean))].sort();
  const filter = { from: "", to: "", without: { people: new Set(), papers: new Set(), concepts: new Set() } };
  const restricted = () => Boolean(filter.from || filter.to);
  /** Whether a paper's date can lie in the range: a date known by its year alone can lie in any month of it. */
  function inRange(paper) {
    if (!restricted()) return true;
    if (!paper.issued) return false;
    const known = paper.issued.slice(0, 7);
    return (!filter.from || known >= filter.from.slice(0, known.length)) && (!filter.to || known <= filter.to.slice(0, known.length));
  }
  /** Whether a thing can show under the range: itself if it is a paper, else one of its papers. */
  const dated = (thing) => (thing.type === "paper" ? inRange(thing) : !restricted() || thing.papersOf.some(inRange));
  const OTHER = "Other";
  const kindOf = (thing) => (thing.type === "author" ? { person: "People", group: "Organisations", ambiguous: "Ambiguous names" }[thing.kind] : thing.type === "concept" ? thing.kind || OTHER : null);
  /** Decide what of a view shows. An edge shows with both its ends and, where it stands for papers, one of these in the range. */
  function applyFilter(view) {
    const { nodes, edges } = views[view];
    const passes = (thing) => !filter.without[view].has(kindOf(thing)) && dated(thing);
    nodes.forEach((node) => { node.shown = node.thing ? passes(node.thing) : !restricted(); });
    edges.forEach((edge) => {
      const [a, b] = [edge.a.thing, edge.b.thing];
      edge.shown = edge.a.shown && edge.b.shown && (!restricted() || !a || !b || a.type === "paper" || b.type === "paper" || shared(a, b).some(inRange));
    });
  }
  function kinds(view) {
    return tally(views[view].nodes.filter((node) => node.thing && !node.id.startsWith("team/")).map((node) => kindOf(node.thing)).filter(Boolean)).map(([kind]) => kind).sort((a, b) => (a === OTHER) - (b === OTHER) || a.localeCompare(b));
  }

  Object.assign(kg, { data, things, views, tally, within, shared, search, months, filter, dated, applyFilter, kinds, kindOf, alike: (a, b) => fold(a) === fold(b), homeOf: (thing) => KINDS[thing.type], number: (value) => number.format(value) });
})(window.kg);
