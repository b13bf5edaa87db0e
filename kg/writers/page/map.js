// map.js: the pictures. One vis-network a view, made when it is first shown; labels and highlights are drawn by us over it.
"use strict";
(function (kg) {
  const networks = {};
  const marked = { nodes: null, main: null, edge: null };  // what is highlighted in the view that shows; null: nothing
  let colours = {};
  let current = null;
  let labelled = [];  // the labels of the last drawing: { id, text, x, y, rect }, from the picture's centre

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    colours = { ground: get("--ground"), ink: get("--ink"), edge: get("--edge"), accent: get("--accent"), groups: [0, 1, 2, 3, 4, 5, 6].map((n) => get(`--c${n}`)), font: get("--font") };
  }
  const colourOf = (node) => colours.groups[node.colour];

  function visNode(node) {
    const colour = colourOf(node);
    return { id: node.id, x: node.x, y: node.y, size: node.size, shape: node.shape, hidden: !node.shown, color: { background: colour, border: colours.ground, highlight: { background: colour, border: colours.ground }, hover: { background: colour, border: colours.ink } } };
  }
  const visEdge = (edge) => ({ id: edge.id, from: edge.from, to: edge.to, width: edge.width, hidden: edge.shown === false });

  function options(view) {
    const many = view.edges.length > 4000;
    return {
      physics: false, layout: { improvedLayout: false },
      nodes: { borderWidth: view.nodes.length > 1200 ? 0 : 1.5, borderWidthSelected: 1.5, chosen: false },
      edges: { smooth: false, chosen: false, color: { color: colours.edge, highlight: colours.edge, hover: colours.accent, inherit: false }, hoverWidth: 0, selectionWidth: 0 },
      interaction: { hover: true, dragNodes: false, selectConnectedEdges: false, hoverConnectedEdges: false, hideEdgesOnDrag: many, hideEdgesOnZoom: many, keyboard: false, zoomSpeed: 0.8 },
    };
  }

  function make(name) {
    const view = kg.views[name];
    const box = document.querySelector(`.canvas[data-view="${name}"]`);
    const nodes = new vis.DataSet(view.nodes.map(visNode));
    const edges = new vis.DataSet(view.edges.map(visEdge));
    const network = new vis.Network(box, { nodes, edges }, options(view));
    const made = { network, nodes, edges, box, view };
    network.on("afterDrawing", (context) => drawOver(context, made));
    network.on("click", (event) => {
      if (event.nodes.length) kg.select(event.nodes[0].replace(/^team\//, "paper/"), { stay: true });
      else if (event.edges.length) kg.selectEdge(view.edges[event.edges[0]]);
      else kg.select(null);
    });
    network.on("hoverNode", (event) => hover(view.byId.get(event.node), event));
    network.on("blurNode", () => hover(null));
    network.on("dragStart", () => hover(null));
    network.on("zoom", () => { hover(null); limitZoom(made); });
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `Map of ${name}`);
    box.querySelectorAll("[tabindex]").forEach((inner) => { inner.tabIndex = -1; });  // vis-network's own: the map is one stop, not two
    box.addEventListener("keydown", (event) => keys(event, made));
    return made;
  }

  function limitZoom({ network }) {
    const scale = network.getScale();
    if (scale > 4 || scale < 0.02) network.moveTo({ scale: Math.min(4, Math.max(0.02, scale)) });
  }

  function keys(event, made) {
    const step = 80 / made.network.getScale();
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (move) {
      const { x, y } = made.network.getViewPosition();
      made.network.moveTo({ position: { x: x + move[0], y: y + move[1] } });
    } else if (event.key === "+" || event.key === "=") zoom(1.3);
    else if (event.key === "-") zoom(1 / 1.3);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
  }

  function hover(node, event) {
    const tip = document.getElementById("hover");
    tip.hidden = !node;
    current.box.style.cursor = node ? "pointer" : "";
    if (!node) return;
    tip.textContent = node.label;
    const at = current.network.canvasToDOM({ x: node.x, y: node.y });
    const width = current.box.clientWidth;
    tip.style.left = `${Math.max(8, Math.min(width - tip.offsetWidth - 8, at.x - tip.offsetWidth / 2))}px`;
    const below = at.y + node.size * current.network.getScale() + 10;
    tip.style.top = `${below + tip.offsetHeight > current.box.clientHeight ? at.y - node.size * current.network.getScale() - tip.offsetHeight - 10 : below}px`;
  }

  // --- drawing over the picture -----------------------------------------------------------------------------------------------
  function drawOver(context, made) {
    const { network, view, box } = made;
    const scale = network.getScale();
    const centre = network.getViewPosition();
    const [halfX, halfY] = [box.clientWidth / 2 / scale, box.clientHeight / 2 / scale];
    if (marked.nodes) {
      // A veil over all that is not meant, then what is meant again: cheaper than a new colour for thousands of nodes.
      context.save();
      context.globalAlpha = 0.82;
      context.fillStyle = colours.ground;
      context.fillRect(centre.x - halfX - 2, centre.y - halfY - 2, 2 * halfX + 4, 2 * halfY + 4);
      context.restore();
      context.lineCap = "round";
      for (const edge of view.edges) {
        const meant = marked.edge ? edge === marked.edge : marked.main ? edge.a === marked.main || edge.b === marked.main : marked.nodes.has(edge.a) && marked.nodes.has(edge.b);
        if (!meant || edge.shown === false) continue;
        context.strokeStyle = marked.main || marked.edge ? colours.accent : colours.edge;
        context.globalAlpha = marked.main || marked.edge ? 0.7 : 1;
        context.lineWidth = Math.max(edge.width, 1 / scale);
        context.beginPath(); context.moveTo(edge.a.x, edge.a.y); context.lineTo(edge.b.x, edge.b.y); context.stroke();
      }
      context.globalAlpha = 1;
      for (const node of marked.nodes) {
        if (!node.shown && node !== marked.main) continue;
        shape(context, node, Math.max(node.size, 4 / scale));
        context.fillStyle = colourOf(node); context.fill();
        context.lineWidth = node === marked.main ? 3 / scale : 1.5 / scale;
        context.strokeStyle = node === marked.main ? colours.ink : colours.ground; context.stroke();
      }
    }
    labels(context, made, scale, centre);
  }
  function shape(context, node, size) {
    context.beginPath();
    if (node.shape === "square") context.rect(node.x - size, node.y - size, 2 * size, 2 * size);
    else context.arc(node.x, node.y, size, 0, 2 * Math.PI);
  }
  const MAIN = { people: 36, papers: 16, concepts: 60 };  // so many are labelled at any zoom, where there is room
  const shorten = (text, length) => (text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text);
  const widths = new Map();
  function widthOf(context, text) {
    if (!widths.has(text)) widths.set(text, context.measureText(text).width);
    return widths.get(text);
  }
  const touches = (one, other) => one[0] < other[2] && one[2] > other[0] && one[1] < other[3] && one[3] > other[1];
  /** What lies over the picture (legend, buttons, the sheet of a narrow screen), as [left, top, right, bottom] from its centre. */
  function overlays(box) {
    const own = box.getBoundingClientRect();
    const [x, y] = [own.left + own.width / 2, own.top + own.height / 2];
    return [...document.querySelectorAll("#legend, .zoom, #panel")].map((element) => element.getBoundingClientRect()).map((at) => [at.left - x, at.top - y, at.right - x, at.bottom - y]);
  }
  /** Labels, the main ones first: below the dot, or above or beside it where that covers no other dot. One that would touch another
      label is left out, so that zooming in brings more. Sizes are of the screen, places from its centre. */
  function labels(context, { view, box }, scale, centre) {
    const size = 12;
    const [halfX, halfY] = [box.clientWidth / 2, box.clientHeight / 2];
    const over = overlays(box);
    const placed = [...over];
    const place = (node) => ({ x: (node.x - centre.x) * scale, y: (node.y - centre.y) * scale, r: Math.max(node.size * scale, 2) });
    const seen = ({ x, y }) => Math.abs(x) < halfX && Math.abs(y) < halfY && !over.some((at) => x > at[0] && x < at[2] && y > at[1] && y < at[3]);
    const dots = (marked.nodes ? [...marked.nodes] : view.nodes).filter((node) => node.shown).map(place).filter(seen).map(({ x, y, r }) => [x - r, y - r, x + r, y + r]);
    const among = marked.nodes ? [...marked.nodes].sort((a, b) => (b === marked.main) - (a === marked.main) || a.order - b.order) : view.nodes;
    context.save();
    context.textAlign = "center"; context.textBaseline = "top"; context.lineJoin = "round";
    context.font = `500 ${size}px ${colours.font}`;
    const written = [];
    for (const node of among) {
      if (written.length > 160) break;
      if (!node.shown && node !== marked.main) continue;
      // Minor nodes wait until one can see them as more than a speck.
      if (!marked.nodes && node.order >= MAIN[view.name] && node.size * scale < (view.name === "papers" ? 18 : 7)) continue;
      const dot = place(node);
      if (!seen(dot)) continue;
      const text = shorten(node.label, node === marked.main ? 60 : 32);
      const width = widthOf(context, text);
      const room = halfX - width / 2 - 6;
      const x = Math.max(-room, Math.min(room, dot.x));  // a label at the rim moves inward
      const aside = dot.r + width / 2 + 7;
      const middle = dot.y - size / 2;
      const free = [[x, dot.y + dot.r + 3], [x, dot.y - dot.r - size - 4], [dot.x + aside, middle], [dot.x - aside, middle]]
        .filter(([at, top]) => Math.abs(at) <= room && top > 2 - halfY && top + size < halfY - 2)
        .map(([at, top]) => ({ at, top, rect: [at - width / 2 - 4, top - 2, at + width / 2 + 4, top + size + 3] }))
        .filter(({ rect }) => !placed.some((other) => touches(rect, other)));
      if (!free.length) continue;
      const { at, top, rect } = free.find((one) => !dots.some((other) => touches(one.rect, other))) || free[0];
      placed.push(rect);
      written.push({ id: node.id, text, x: at, y: top, rect });
    }
    context.font = `500 ${size / scale}px ${colours.font}`;
    context.lineWidth = 3.5 / scale;
    for (const { text, x, y } of written) {
      const at = [centre.x + x / scale, centre.y + y / scale];
      context.strokeStyle = colours.ground; context.strokeText(text, ...at);
      context.fillStyle = colours.ink; context.fillText(text, ...at);
    }
    context.restore();
    labelled = written;
  }

  // --- what others call -------------------------------------------------------------------------------------------------------
  function show(name) {
    for (const box of document.querySelectorAll(".canvas")) box.hidden = box.dataset.view !== name;
    document.getElementById("hover").hidden = true;
    if (!kg.views[name].nodes.length) { current = null; return; }
    const fresh = !networks[name];
    current = networks[name] = networks[name] || make(name);
    current.network.setSize("100%", "100%");
    if (fresh) fit();
    current.network.redraw();
  }
  function fit() {
    if (!current) return;
    const nodes = current.view.nodes.filter((node) => node.shown);
    look(nodes.length ? nodes : current.view.nodes, 1.6);
  }
  /** Move so that these nodes fill the picture, a margin for labels left, not nearer than a scale. */
  function look(nodes, nearest) {
    const [xs, ys] = [nodes.map((node) => node.x), nodes.map((node) => node.y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const foot = covered();
    const scale = Math.min(nearest, (current.box.clientWidth - 60) / (right - left + 60), (current.box.clientHeight - foot - 60) / (bottom - top + 60));
    current.network.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 + foot / 2 / scale }, scale: Math.max(scale, 0.02) });
  }
  /** How many pixels of the picture's foot the legend covers, or the sheet of a narrow screen. */
  const narrow = () => getComputedStyle(document.getElementById("panel")).position === "absolute";
  function covered() {
    const panel = document.getElementById("panel");
    return narrow() ? (panel.classList.contains("open") ? current.box.clientHeight * 0.62 : 84) : 56;
  }
  function zoom(factor) {
    if (current) current.network.moveTo({ scale: Math.min(4, Math.max(0.02, current.network.getScale() * factor)) });
  }
  /** Highlight a thing as this view shows it, and go there. */
  function mark(thing, { edge = null, go = true } = {}) {
    marked.nodes = marked.main = marked.edge = null;
    if (!current) return;
    const { byId } = current.view;
    if (edge) {
      Object.assign(marked, { edge, nodes: new Set([edge.a, edge.b]) });
    } else if (thing) {
      const itself = byId.get(thing.id) || (current.view.name === "people" && thing.type === "paper" ? byId.get(thing.id.replace(/^paper\//, "team/")) : null) || null;
      const others = itself && kg.homeOf(thing) === current.view.name ? itself.links.flatMap((link) => [link.a, link.b]) : kg.within(thing, current.view.name).map((other) => byId.get(other.id)).filter(Boolean);
      const nodes = new Set([...(itself ? [itself] : []), ...others]);
      if (itself) itself.links.forEach((link) => { if (link.a.shape === "square" || link.b.shape === "square") { nodes.add(link.a); nodes.add(link.b); } });
      if (nodes.size) Object.assign(marked, { nodes, main: itself });
      if (nodes.size && go) look([...nodes], 1.3);
    }
    current.network.redraw();
  }
  /** Take over what the filters decided. */
  function refresh() {
    if (!current) return;
    const { nodes, edges, view } = current;
    nodes.update(view.nodes.filter((node) => nodes.get(node.id).hidden === node.shown).map((node) => ({ id: node.id, hidden: !node.shown })));
    edges.update(view.edges.filter((edge) => edges.get(edge.id).hidden !== (edge.shown === false)).map((edge) => ({ id: edge.id, hidden: edge.shown === false })));
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    readColours();
    for (const made of Object.values(networks)) {
      made.network.setOptions(options(made.view));
      made.nodes.update(made.view.nodes.map(visNode));
    }
  });
  readColours();
  kg.map = { show, fit, zoom, mark, refresh, box: () => current && current.box, labels: () => labelled, position: (id) => {
    const node = current && current.view.byId.get(id);
    if (!node) return null;
    const box = current.box.getBoundingClientRect();
    const at = current.network.canvasToDOM({ x: node.x, y: node.y });
    return { x: box.left + at.x, y: box.top + at.y };
  } };
  Object.defineProperty(kg, "network", { get: () => current && current.network });
})(window.kg);
