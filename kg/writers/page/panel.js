// panel.js: what is known of the selected thing. All data becomes text nodes in `make`; there is no other way from data into the document.
"use strict";
(function (kg) {
  const panel = document.getElementById("panel");

  /** An element with attributes, handlers (onclick ...) and children; strings become text, nulls nothing. */
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child instanceof Node ? child : String(child));
    return element;
  }
  const count = (n, one, many) => `${kg.number(n)} ${n === 1 ? one : many}`;
  const heading = (text, n) => make("h3", null, text, n === undefined ? null : make("span", { class: "count" }, kg.number(n)));

  /** A row that leads to a thing. */
  function row(thing, { value = null, sub = null } = {}) {
    return make("li", null, make("button", { type: "button", class: "go", onclick: () => kg.select(thing.id) },
      make("span", { class: "name" }, thing.title, sub ? make("span", { class: "sub" }, sub) : null),
      value === null ? null : make("span", { class: "value" }, value)));
  }
  /** A list of which the first few show; a button brings the rest. */
  function list(items, first, build) {
    const element = make("ul", null, items.slice(0, first).map(build));
    if (items.length <= first) return element;
    const more = make("button", { type: "button", class: "more", onclick: () => {
      const rest = items.slice(first).map(build);
      element.append(...rest);
      more.remove();
      rest[0].querySelector("button").focus();  // the button that had the focus is gone
    } }, `Show all ${kg.number(items.length)}`);
    return [element, more];
  }
  const chip = (concept, main) => make("button", { type: "button", class: main ? "chip main" : "chip", title: concept.ko && concept.label ? concept.ko : null, onclick: () => kg.select(concept.id) }, concept.title);
  function link(text, address) {
    return /^https?:\/\//i.test(address || "") ? make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text) : null;
  }
  const part = (text) => encodeURIComponent(text).replace(/%2F/gi, "/").replace(/%3A/gi, ":");

  const described = (paper) => [paper.issued, count(paper.known, "author", "authors"), paper.votes === null || paper.votes === undefined ? null : count(paper.votes, "vote", "votes")].filter(Boolean).join(" · ");

  function author(person) {
    const concepts = kg.tally(person.papersOf.flatMap((paper) => paper.concepts)).slice(0, 14);
    const issued = person.papersOf.map((paper) => paper.issued).filter(Boolean).sort();
    const missing = person.papers - person.papersOf.length;
    return [
      make("p", { class: "kind" }, { person: "Person", group: "Organisation", ambiguous: "Name that may be several people" }[person.kind] || "Author"),
      make("h2", null, person.name),
      make("p", { class: "quiet" }, [count(person.papers, "paper", "papers"), issued.length ? (issued[0] === issued[issued.length - 1] ? issued[0] : `${issued[0]} to ${issued[issued.length - 1]}`) : null, count(person.near.length, "co-author", "co-authors")].filter(Boolean).join(" · ")),
      person.orcid ? make("p", { class: "links" }, link("ORCID", `https://orcid.org/${part(person.orcid)}`)) : null,
      heading("Papers", person.papersOf.length), list(person.papersOf, 12, (paper) => row(paper, { sub: described(paper) })),
      missing > 0 ? make("p", { class: "quiet" }, `This page leaves out ${count(missing, "more paper", "more papers")}.`) : null,
      person.near.length ? [heading("Co-authors", person.near.length), list(person.near, 10, ({ thing, count: papers, weight }) => row(thing, { value: `${count(papers, "paper", "papers")} · ${weight.toFixed(2)}` }))] : null,
      person.near.length ? make("p", { class: "quiet" }, "The second number is the strength of the tie: each joint paper of n authors counts 1/(n − 1).") : null,
      concepts.length ? [heading("Concepts"), make("div", { class: "chips" }, concepts.map(([concept]) => chip(concept)))] : null,
    ];
  }

  function paper(it) {
    const links = [it.arxiv ? link("arXiv", `https://arxiv.org/abs/${part(it.arxiv)}`) : null, it.doi ? link("DOI", `https://doi.org/${part(it.doi)}`) : it.arxiv ? link("DOI", `https://doi.org/10.48550/arXiv.${part(it.arxiv)}`) : null,
      it.arxiv ? link("Hugging Face", `https://huggingface.co/papers/${part(it.arxiv)}`) : null, !it.arxiv && !it.doi ? link("Open", it.url) : null].filter(Boolean);
    const rest = it.concepts.filter((concept) => !it.main.has(concept));
    return [
      make("p", { class: "kind" }, "Paper"), make("h2", null, it.title), make("p", { class: "quiet" }, described(it)),
      links.length ? make("p", { class: "links" }, links) : null,
      it.entries.map((entry) => make("p", { class: "quiet" }, [entry.digest, entry.rank ? `place ${entry.rank}` : null, entry.votes === null ? null : count(entry.votes, "vote", "votes")].filter(Boolean).join(" · "))),
      it.sections.map(([label, text, language]) => make("p", { class: "summary", lang: language }, make("b", null, label), text)),
      it.cut ? make("p", { class: "quiet" }, "The summary is left out to keep this page small; the links lead to it.") : null,
      it.concepts.length ? [heading("Concepts", it.concepts.length), make("div", { class: "chips" }, [...it.main].map((concept) => chip(concept, true)), rest.map((concept) => chip(concept)))] : null,
      it.near.length ? [heading("Nearest papers", it.near.length), list(it.near, 5, ({ thing }) => {
        const both = kg.shared(it, thing).map((concept) => concept.title);
        return row(thing, { sub: both.length ? `Both: ${both.slice(0, 4).join(", ")}${both.length > 4 ? ` and ${both.length - 4} more` : ""}` : null });
      })] : null,
      it.authors.length ? [heading("Authors", it.known), list(it.authors, 12, (person) => row(person, { value: person.papers > 1 ? count(person.papers, "paper", "papers") : null }))] : null,
      it.complete ? null : make("p", { class: "quiet" }, "The source cut the list of authors: there are more."),
    ];
  }

  function concept(it) {
    const people = kg.tally(it.papersOf.flatMap((one) => one.authors));
    const others = kg.tally(it.papersOf.flatMap((one) => one.concepts).filter((other) => other !== it)).slice(0, 14);
    const names = [it.label, it.ko, it.short, ...(it.labels || [])].filter(Boolean).filter((name, position, all) => !kg.alike(name, it.title) && all.findIndex((other) => kg.alike(name, other)) === position);
    return [
      make("p", { class: "kind" }, it.kind || "Concept"), make("h2", null, it.title),
      names.length ? make("p", null, names.join(" · ")) : null,
      make("p", { class: "quiet" }, [count(it.papers, "paper", "papers"), it.first ? `first ${it.first}` : null].filter(Boolean).join(" · ")),
      heading("Papers", it.papersOf.length), list(it.papersOf, 10, (one) => row(one, { sub: described(one) })),
      others.length ? [heading("Together with"), make("div", { class: "chips" }, others.map(([other]) => chip(other)))] : null,
      people.length ? [heading("People", people.length), list(people, 10, ([person, papers]) => row(person, { value: count(papers, "paper", "papers") }))] : null,
    ];
  }

  function edge({ a, b }) {
    const both = kg.shared(a.thing, b.thing);
    const tie = a.thing.near && a.thing.near.find((other) => other.thing === b.thing);
    const what = a.thing.type === "author" ? "Wrote together" : a.thing.type === "paper" ? "Shared topics" : "Come together";
    return [
      make("p", { class: "kind" }, what), make("h2", null, `${a.thing.title} and ${b.thing.title}`),
      tie ? make("p", { class: "quiet" }, a.thing.type === "author" ? `Strength of the tie ${tie.weight.toFixed(2)}` : `Weight ${tie.weight.toFixed(2)}: rarer concepts count more`) : null,
      make("ul", null, row(a.thing), row(b.thing)),
      a.thing.type === "paper" ? [heading("Shared concepts", both.length), make("div", { class: "chips" }, both.map((one) => chip(one)))]
        : [heading(a.thing.type === "author" ? "Joint papers" : "Papers about both", both.length), list(both, 20, (one) => row(one, { sub: described(one) }))],
    ];
  }

  const READING = {
    people: "Each dot is a person, larger with more papers; a line means that two wrote a paper together. Teams of more than 15 are drawn round a square, their paper. Colours part groups that work together.",
    papers: "Each dot is a paper, larger with more votes, or with more neighbours where nobody voted. Lines join papers that share uncommon concepts; colours part groups of topics.",
    concepts: "Each dot is a concept, larger with more papers. Lines join concepts that papers take up together; colours tell their kinds.",
  };
  /** What to read while nothing is selected: how to read the picture, and where to begin. */
  function overview(view) {
    const { nodes } = kg.views[view];
    const first = nodes.filter((node) => node.thing && !node.id.startsWith("team/")).slice(0, 10);
    const value = (thing) => (thing.type === "paper" ? (thing.votes === null || thing.votes === undefined ? null : count(thing.votes, "vote", "votes")) : count(thing.papers, "paper", "papers"));
    return [
      make("h2", null, { people: "Who works with whom", papers: "What is near to what", concepts: "What it is about" }[view]),
      make("p", null, READING[view]),
      make("p", { class: "quiet" }, "Select a dot or a line to read about it, or search with /. Esc clears."),
      kg.data.notes[view].map((note) => make("p", { class: "note" }, note)),
      first.length ? [heading({ people: "People of most papers", papers: kg.data.voted ? "Most voted papers" : "Papers of most shared topics", concepts: "Most frequent concepts" }[view]), make("ul", null, first.map((node) => row(node.thing, { value: value(node.thing) })))] : null,
    ];
  }

  function fill(content, { closable, note = null }) {
    const close = closable ? make("button", { type: "button", class: "close", "aria-label": "Close details", onclick: () => kg.clear() }, "×") : null;
    const inside = panel.contains(document.activeElement);
    const parts = content.flat(Infinity).filter(Boolean);
    const head = parts.findIndex((element) => element.tagName === "H2");
    parts[head].tabIndex = -1;
    if (note) parts.splice(head + 1, 0, make("p", { class: "note" }, note));
    panel.replaceChildren(...(close ? [close] : []), ...parts);
    panel.classList.toggle("open", closable);
    panel.classList.toggle("folded", !closable);
    panel.scrollTop = 0;
    if (inside) focus();  // what had the focus is gone
  }

  const focus = () => panel.querySelector("h2").focus({ preventScroll: true });

  kg.panel = {
    make, focus,
    show: (thing, note) => fill({ author, paper, concept }[thing.type](thing), { closable: true, note }),
    showEdge: (it) => fill(edge(it), { closable: true }),
    overview: (view, note) => fill(overview(view), { closable: Boolean(note), note }),
  };
})(window.kg);
