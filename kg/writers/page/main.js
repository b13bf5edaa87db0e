// main.js: the state (view, selection, filters) and the controls. The address after # holds view and selection, so that Back works.
"use strict";
(function (kg) {
  const get = (id) => document.getElementById(id);
  const { make } = kg.panel;
  const state = { view: "people", id: null, edge: null, unknown: null };  // unknown: an id of the address that the page does not hold
  const NAMES = { people: "people", papers: "papers", concepts: "concepts" };
  const LABEL = { author: "Person", paper: "Paper", concept: "Concept" };

  // --- view and selection -----------------------------------------------------------------------------------------------------
  function render({ go = true } = {}) {
    const { view } = state;
    for (const tab of document.querySelectorAll("[role=tab]")) {
      const on = tab.dataset.view === view;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    }
    get("map").setAttribute("aria-labelledby", `tab-${view}`);
    kg.applyFilter(view);
    showPanel();
    kg.map.show(view);
    kg.map.refresh();
    kg.map.mark(state.id ? kg.things.get(state.id) : null, { edge: state.edge, go });
    legend(); kinds(); status();
  }
  function showPanel() {
    const { view, id, edge, unknown } = state;
    if (edge) return kg.panel.showEdge(edge);
    if (!id) return kg.panel.overview(view, unknown && `Nothing on this page is called ${unknown}.`);
    const thing = kg.things.get(id);
    const node = kg.views[kg.homeOf(thing)].byId.get(id);
    const home = kg.homeOf(thing) === view;
    const note = home && !node ? "Not drawn on the map." : (home ? node.shown : kg.dated(thing)) ? null : "Hidden on the map by the filters.";
    return kg.panel.show(thing, note);
  }
  /** Select a thing by its id, or nothing; goes to the view of its kind unless told to stay. */
  kg.select = (id, { stay = false } = {}) => {
    if (id && !kg.things.has(id)) return;
    Object.assign(state, { id, edge: null, unknown: null });
    if (id && !stay) state.view = kg.homeOf(kg.things.get(id));
    remember();
    render({ go: !stay });
    if (id) announce(`${LABEL[kg.things.get(id).type]} ${kg.things.get(id).title} selected`);
  };
  /** Select nothing, show the whole view again, and give the focus to the map. */
  kg.clear = () => { kg.select(null); kg.map.fit(); focusMap(); };
  const focusMap = () => (kg.map.box() || get(`tab-${state.view}`)).focus({ preventScroll: true });
  kg.selectEdge = (edge) => {
    const hub = [edge.a, edge.b].find((node) => node.shape === "square");
    if (hub) return kg.select(hub.thing && hub.thing.id, { stay: true });
    if (!edge.a.thing || !edge.b.thing) return undefined;
    Object.assign(state, { id: null, edge, unknown: null });
    return render({ go: false });
  };
  kg.selected = () => state.id;
  kg.visible = () => kg.views[state.view].nodes.filter((node) => node.shown).map((node) => node.id);
  kg.position = (id) => kg.map.position(id);
  kg.neighbours = (id) => {
    const node = kg.views[state.view].byId.get(id);
    return node ? node.links.map((link) => (link.from === id ? link.to : link.from)) : [];
  };
  function setView(view) { Object.assign(state, { view, edge: null, unknown: null }); remember(); render(); }

  function remember() {
    const hash = `#${state.view}${state.id ? `/${encodeURIComponent(state.id)}` : ""}`;
    if (location.hash !== hash) history.pushState(null, "", hash);
  }
  function recall() {
    const [view, id] = location.hash.slice(1).split("/");
    if (!(view in NAMES)) return false;
    let wanted = id || null;
    try { wanted = id ? decodeURIComponent(id) : null; } catch { /* an address cut short: nothing has that id */ }
    const held = kg.things.has(wanted);
    Object.assign(state, { view, id: held ? wanted : null, edge: null, unknown: held ? null : wanted });
    if (state.unknown) history.replaceState(null, "", `#${view}`);
    return true;
  }
  addEventListener("popstate", () => { if (recall()) render(); });

  // --- words about the picture ------------------------------------------------------------------------------------------------
  let spoken = "";
  function announce(text) { spoken = text; status(); }
  function status() {
    const { nodes } = kg.views[state.view];
    const own = nodes.filter((node) => !node.id.startsWith("team/"));
    const shown = own.filter((node) => node.shown).length;
    const total = kg.data.totals[state.view];
    get("status").replaceChildren(`Showing ${kg.number(shown)} of ${kg.number(total)} ${NAMES[state.view]}`, make("span", { class: "unseen" }, spoken ? `. ${spoken}` : ""));
    spoken = "";
    const empty = get("empty");
    empty.hidden = shown > 0;
    empty.textContent = total === 0 ? `There are no ${NAMES[state.view]} in this graph yet. Build it with some papers: kg build papers/` : !own.length ? `No ${NAMES[state.view]} are tied to each other yet; search finds them all the same.` : `Nothing passes the filters. Widen the dates, or reset.`;
  }
  function legend() {
    const present = new Set(kg.views[state.view].nodes.map((node) => node.shape));
    const item = (css, text) => make("li", null, make("span", { class: `dot ${css}` }), text);
    get("legend").replaceChildren(...(state.view === "concepts" ? kg.data.kinds.map(([kind, colour]) => item(`c${colour}`, kind || "Other")) : [item("many", state.view === "people" ? "groups that work together" : "groups of topics"), present.has("square") ? item("square", "team of more than 15") : null]).filter(Boolean));
    get("legend").hidden = !kg.views[state.view].nodes.length;
  }

  // --- filters ----------------------------------------------------------------------------------------------------------------
  function kinds() {
    const found = kg.kinds(state.view);
    const without = kg.filter.without[state.view];
    const box = get("kinds");
    box.hidden = found.length < 2;
    if (box.dataset.view === state.view) return;
    box.dataset.view = state.view;
    box.replaceChildren(make("legend", { class: "unseen" }, "Kind"), ...found.map((kind) => {
      const input = make("input", { type: "checkbox", onchange: () => { without[input.checked ? "delete" : "add"](kind); render({ go: false }); } });
      input.checked = !without.has(kind);
      return make("label", null, input, kind);
    }));
  }
  function dates() {
    for (const [id, word] of [["from", "first"], ["to", "last"]]) {
      get(id).replaceChildren(make("option", { value: "" }, word), ...kg.months.map((month) => make("option", { value: month }, month)));
      get(id).addEventListener("change", () => {
        kg.filter[id] = get(id).value;
        // A range that ends before it begins would be empty: the other end follows.
        if (kg.filter.from && kg.filter.to && kg.filter.from > kg.filter.to) {
          const other = id === "from" ? "to" : "from";
          kg.filter[other] = get(other).value = kg.filter[id];
        }
        render({ go: false });
      });
    }
  }
  get("filters").addEventListener("reset", () => {
    Object.assign(kg.filter, { from: "", to: "" });
    Object.values(kg.filter.without).forEach((kindsOff) => kindsOff.clear());
    delete get("kinds").dataset.view;
    setTimeout(() => render({ go: false }));
  });
  get("filters").addEventListener("submit", (event) => event.preventDefault());
  get("filters-toggle").addEventListener("click", () => get("filters-toggle").setAttribute("aria-expanded", String(get("filters").classList.toggle("open"))));

  // --- search -----------------------------------------------------------------------------------------------------------------
  const input = get("search");
  const results = get("results");
  let active = 0;
  function showResults() {
    const found = kg.search(input.value, 12);
    const open = input.value.trim() !== "";
    active = 0;
    results.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    results.replaceChildren(...found.map((thing, position) => make("li", { role: "option", id: `result-${position}`, "aria-selected": String(position === 0), "data-id": thing.id, onmousedown: (event) => { event.preventDefault(); choose(thing.id); } },
      make("span", { class: "name" }, thing.title, thing.type === "concept" && thing.ko && thing.ko !== thing.title ? ` · ${thing.ko}` : ""), make("span", { class: "tag" }, thing.type === "author" ? { group: "Organisation", ambiguous: "Ambiguous name" }[thing.kind] || "Person" : LABEL[thing.type]))),
      ...(found.length ? [] : [make("li", { class: "none" }, "Nothing of that name. Fewer letters find more.")]));
    point();
  }
  function point() {
    const options = [...results.querySelectorAll("[role=option]")];
    options.forEach((option, position) => option.setAttribute("aria-selected", String(position === active)));
    if (options[active] && !results.hidden) {
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
    return options;
  }
  function choose(id) { close(); input.value = ""; kg.select(id); kg.panel.focus(); }
  function close() { results.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); }
  input.addEventListener("input", showResults);
  input.addEventListener("focus", () => { if (input.value) showResults(); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const options = results.hidden ? [] : [...results.querySelectorAll("[role=option]")];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (options.length) active = (active + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length;
      point();
    } else if (event.key === "Enter") {
      if (options[active]) choose(options[active].dataset.id);
    } else if (event.key === "Escape") { input.value = ""; close(); focusMap(); event.stopPropagation(); return; } else return;
    event.preventDefault();
  });

  // --- keys and buttons -------------------------------------------------------------------------------------------------------
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key === "/" && !typing) { event.preventDefault(); input.focus(); input.select(); }
    else if (event.key === "Escape" && !typing) kg.clear();
  });
  const tabs = [...document.querySelectorAll("[role=tab]")];
  tabs.forEach((tab, position) => {
    tab.querySelector(".count").textContent = kg.number(kg.data.totals[tab.dataset.view]);
    tab.addEventListener("click", () => setView(tab.dataset.view));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key];
      if (!step) return;
      const next = tabs[(position + step) % tabs.length];
      setView(next.dataset.view);
      next.focus();
    });
  });
  get("zoom-in").addEventListener("click", () => kg.map.zoom(1.4));
  get("zoom-out").addEventListener("click", () => kg.map.zoom(1 / 1.4));
  get("zoom-fit").addEventListener("click", () => kg.map.fit());

  dates();
  if (!recall() && kg.data.focus && kg.things.has(kg.data.focus)) {
    Object.assign(state, { id: kg.data.focus, view: kg.homeOf(kg.things.get(kg.data.focus)) });
  }
  render();
})(window.kg);
