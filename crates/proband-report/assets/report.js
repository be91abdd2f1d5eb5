"use strict";
// Draws the figures of the report. Each chart declares its kind; `kinds` says which marks of Observable
// Plot that is. Everything a chart shows stands in its rows, which are also the table behind it.

const PALETTE = [1, 2, 3, 4, 5, 6, 7, 8].map((place) => `var(--arm-${place})`);
const NARROW = 480;

const figures = JSON.parse(document.getElementById("figures").textContent);

/** The rows of a chart as objects: the role of a column is the name of its value. */
const objects = (chart) =>
  chart.rows.map((row) => Object.fromEntries(chart.columns.map(({ role }, place) => [role, row[place]])));
const has = (chart, role) => chart.columns.some((column) => column.role === role);
const shown = (value) =>
  value === null || value === undefined ? "" : typeof value === "number" ? String(Number(value.toPrecision(5))) : value;
const colour = (chart) => (has(chart, "series") ? "series" : PALETTE[0]);
const told = (chart) => (row) =>
  chart.columns.filter(({ role }) => shown(row[role]) !== "").map(({ role, label }) => `${label}: ${shown(row[role])}`).join("\n");
/** Panels stand side by side where there is room, else one below the other. */
const panels = (chart, width) => {
  if (!has(chart, "panel")) return {};
  return width / panelNames(chart).length >= 190 ? { fx: "panel" } : { fy: "panel" };
};
/** In the order of the series where panels are those. */
const panelNames = (chart) => {
  const names = [...new Set(objects(chart).map((row) => row.panel))];
  const inOrder = chart.series.filter((name) => names.includes(name));
  return inOrder.length === names.length ? inOrder : names;
};

const kinds = {
  /** Lines over x: with a ribbon or bars from lower to upper, in steps, one for each `line` of a series. */
  lines(chart, rows, width) {
    const place = panels(chart, width);
    const curve = chart.steps ? "step-after" : "linear";
    const path = { x: "x", z: has(chart, "line") ? "line" : "series", curve, ...place };
    const apart = chart.bars ? 5 : 0;
    const series = chart.series.length ? chart.series : [undefined];
    const marks = series.flatMap((name, index) => {
      const of = rows.filter((row) => row.series === name || name === undefined);
      const dx = apart * (index - (series.length - 1) / 2);
      const ink = PALETTE[index % PALETTE.length];
      const band = has(chart, "lower");
      return [
        chart.ribbon && band && Plot.areaY(of, { ...path, y1: "lower", y2: "upper", fill: ink, fillOpacity: 0.16 }),
        chart.ribbon && has(chart, "low") && Plot.areaY(of, { ...path, y1: "low", y2: "high", fill: ink, fillOpacity: 0.22 }),
        chart.bars && band && Plot.ruleX(of, { x: "x", y1: "lower", y2: "upper", stroke: ink, dx, ...place }),
        Plot.lineY(of, { ...path, y: "y", stroke: ink, strokeWidth: has(chart, "line") ? 0.8 : 1.8, strokeOpacity: has(chart, "line") ? 0.6 : 1, dx }),
        chart.bars && Plot.dot(of, { x: "x", y: "y", fill: ink, symbol: SYMBOLS[index % SYMBOLS.length], r: 4, dx, ...place }),
      ];
    });
    return { marks: [...marks, tip(chart, rows, { x: "x", y: "y", ...place })] };
  },

  /** Estimates with their intervals, a row a label, series within it. */
  intervals(chart, rows, width) {
    const labels = [...new Set(rows.map((one) => one.label))];
    const many = rows.length > labels.length;
    const row = many ? { fy: "label", y: "series" } : { y: "label" };
    const longest = Math.max(...labels.map((label) => label.length));
    const marginLeft = Math.min(longest * 7.4 + 20, width * (width < NARROW ? 0.42 : 0.38));
    const text = has(chart, "text") && width >= NARROW;
    const marginRight = text ? 150 : 16;
    const wrap = { lineWidth: (marginLeft - 16) / 12.5, textOverflow: "ellipsis", label: null };
    return {
      marginLeft, marginRight,
      height: rows.length * (many ? 17 : 22) + (many ? labels.length * 8 : 0) + 56,
      y: { axis: null, domain: many ? chart.series : labels, padding: 0.2 },
      fy: many ? { axis: null, domain: labels, padding: 0.25 } : undefined,
      marks: [
        many ? Plot.axisFy({ anchor: "left", ...wrap }) : Plot.axisY({ anchor: "left", tickSize: 0, ...wrap }),
        chart.reference !== undefined && Plot.ruleX([chart.reference], { stroke: "var(--soft)", strokeDasharray: "4 3" }),
        Plot.ruleY(rows, { x1: "lower", x2: "upper", stroke: colour(chart), strokeWidth: 1.6, ...row }),
        Plot.dot(rows, { x: "x", fill: colour(chart), symbol: chart.series.length > 1 ? "series" : "square", r: 4, ...row }),
        text && Plot.text(rows, { text: "text", frameAnchor: "right", textAnchor: "start", dx: 10, fill: "var(--ink)", ...row }),
        tip(chart, rows, { x: "x", ...row }),
      ],
    };
  },

  /** Bars: from x1 to x2 where those are given, else stacked above the words of x. */
  bars(chart, rows, width) {
    const place = panels(chart, width);
    if (has(chart, "x1")) {
      const bar = { x1: "x1", x2: "x2", y: "y", fill: colour(chart), insetLeft: 0.2, insetRight: 0.2, ...place };
      return { marks: [Plot.rectY(rows, bar), Plot.ruleY([0]), tip(chart, rows, { x: (row) => (row.x1 + row.x2) / 2, y: "y", ...place })] };
    }
    return { marks: [Plot.barY(rows, Plot.stackY({ x: "x", y: "y", fill: colour(chart), order: chart.series, title: told(chart), ...place })), Plot.ruleY([0])] };
  },

  /** One point a participant. */
  points(chart, rows, width) {
    const place = panels(chart, width);
    const dot = { x: "x", y: "y", stroke: colour(chart), symbol: has(chart, "series") ? "series" : "circle", r: 2.5, strokeOpacity: 0.7, ...place };
    return { marks: [Plot.dot(rows, dot), tip(chart, rows, { x: "x", y: "y", ...place })] };
  },

  /** A table of colours with the numbers on them. */
  cells(chart, rows, width) {
    const place = panels(chart, width);
    const size = Math.max(...rows.map((row) => Math.abs(row.value))) || 1;
    const strength = (row) => Math.abs(row.value) / (chart.signed ? 1 : size);
    const ink = (row) => (row.value < 0 ? "var(--arm-2)" : "var(--arm-1)");
    const words = (role) => [...new Set(rows.map((row) => row[role]))];
    const longest = Math.max(...words("y").map((word) => word.length));
    return {
      height: words("y").length * 30 * (place.fy ? panelNames(chart).length : 1) + 70,
      marginLeft: Math.min(longest * 7 + 14, width * 0.4),
      marginBottom: 46,
      x: { label: chart.x.label, domain: words("x"), tickRotate: words("x").length * 70 > width ? -40 : 0, tickSize: 0 },
      y: { label: null, domain: words("y"), tickSize: 0 },
      marks: [
        Plot.cell(rows, { x: "x", y: "y", fill: ink, fillOpacity: (row) => 0.06 + 0.5 * strength(row), inset: 0.5, title: told(chart), ...place }),
        Plot.text(rows, { x: "x", y: "y", text: (row) => row.text ?? shown(row.value), fill: "var(--ink)", ...place }),
      ],
      opacity: { type: "identity" },
    };
  },
};

const SYMBOLS = ["circle", "square", "triangle", "diamond", "cross", "star", "wye", "asterisk"];

const tip = (chart, rows, channels) =>
  Plot.tip(rows, Plot.pointer({ ...channels, title: told(chart), fill: "var(--page)", stroke: "var(--soft)", maxRadius: 30 }));

/** Draws a chart, and below it the numbers at risk where it has some. */
function draw(chart, width) {
  const rows = objects(chart);
  const made = kinds[chart.kind](chart, rows, width);
  const margins = { marginLeft: made.marginLeft ?? 56, marginRight: made.marginRight ?? 16 };
  const names = has(chart, "panel") ? panelNames(chart) : undefined;
  const place = panels(chart, width);
  const down = place.fy ? names.length : 1;
  const colours = { domain: chart.series, range: PALETTE };
  const main = Plot.plot({
    width, ...margins,
    height: 300 + 130 * (down - 1),
    marginTop: place.fx ? 42 : 26, marginBottom: 42,
    style: { fontSize: "12px", color: "var(--ink)", fontFamily: "inherit" },
    x: { label: chart.x.label, type: chart.x.log ? "log" : undefined, ticks: chart.risk && [...new Set(chart.risk.map((row) => row.x))], nice: has(chart, "x") && !chart.steps, labelAnchor: "center", labelArrow: "none" },
    y: { label: chart.y.label, type: chart.y.log ? "log" : undefined, grid: true, nice: true, labelArrow: "none", domain: chart.y.domain ?? undefined },
    fx: { label: null, domain: place.fx && names }, fy: { label: null, domain: place.fy && names, axis: null },
    color: colours,
    symbol: { domain: chart.series, range: SYMBOLS },
    ariaLabel: chart.title,
    ...made,
    marks: [...made.marks, place.fy && Plot.text(names, { fy: (name) => name, text: (name) => name, frameAnchor: "top-right", dy: -6, fill: "var(--ink)" })].filter(Boolean),
  });
  const drawn = [main];
  if (chart.risk) drawn.push(riskTable(chart, main.scale("x").domain, { width, ...margins }, colours));
  return drawn;
}

/** How many are still observed, under the axis that they belong to. */
function riskTable(chart, domain, frame, colours) {
  return Plot.plot({
    ...frame,
    height: 17 * chart.series.length + 26,
    marginTop: 22, marginBottom: 2,
    style: { fontSize: "11px", color: "var(--ink)", fontFamily: "inherit" },
    x: { domain, axis: null }, y: { domain: chart.series, axis: null },
    color: colours,
    ariaLabel: "numbers at risk",
    marks: [
      Plot.text(chart.risk, { x: "x", y: "series", text: (row) => String(row.n), fill: "series" }),
      Plot.text(["at risk"], { frameAnchor: "top-left", dx: -frame.marginLeft + 2, dy: -18, text: (word) => word, fill: "var(--soft)" }),
      Plot.dot(chart.series, { y: (word) => word, frameAnchor: "left", dx: -frame.marginLeft + 12, fill: (word) => word, r: 4 }),
    ],
  });
}

const element = (name, properties = {}, children = []) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

function legend(chart) {
  if (chart.series.length < 2) return "";
  const item = (name, index) => {
    const swatch = element("span");
    swatch.style.background = PALETTE[index % PALETTE.length];
    return element("li", {}, [swatch, name]);
  };
  return element("ul", { className: "legend" }, chart.series.map(item));
}

/** The rows of a chart as a table; it is made when somebody opens it. */
function table(chart) {
  const is = (place) => chart.rows.some((row) => typeof row[place] === "number") ? "number" : "";
  const head = element("tr", {}, chart.columns.map((column, place) => element("th", { scope: "col", className: is(place), textContent: column.label })));
  const body = chart.rows.map((row) => element("tr", {}, row.map((value, place) => element("td", { className: is(place), textContent: shown(value) }))));
  return element("table", {}, [element("thead", {}, [head]), element("tbody", {}, body)]);
}

/** A figure of the page: which of its charts is shown, the chart, its table, and the file to take away. */
function mount(figure) {
  const place = document.getElementById(figure.id);
  const [area, tools, data] = ["chart", "tools", "data"].map((name) => place.querySelector("." + name));
  let chart = figure.charts[0];
  let drawnAt = 0;
  const redraw = (width) => {
    drawnAt = width;
    area.replaceChildren(legend(chart), ...draw({ ...chart, title: figure.title }, width));
    const rows = data.querySelector(".rows");
    rows.replaceChildren(...(data.open ? [table(chart)] : []));
  };
  const width = () => Math.max(260, Math.floor(area.clientWidth));
  if (figure.charts.length > 1) {
    const choice = (one, index) => {
      const radio = element("input", { type: "radio", name: figure.id + "-view", checked: index === 0 });
      radio.addEventListener("change", () => { chart = one; redraw(width()); });
      return element("label", {}, [radio, " " + one.view]);
    };
    const caption = element("legend", { className: "soft", textContent: "Show" });
    tools.append(element("fieldset", {}, [caption, ...figure.charts.map(choice)]));
  }
  const save = element("button", { type: "button", textContent: "Save as SVG" });
  save.setAttribute("aria-label", `Save as SVG: ${figure.title}`);
  save.addEventListener("click", () => download(figure, area, chart));
  tools.append(save);
  data.addEventListener("toggle", () => redraw(drawnAt));
  new ResizeObserver(() => { if (width() !== drawnAt) redraw(width()); }).observe(area);
  redraw(width());
  addEventListener("beforeprint", () => redraw(660));
  addEventListener("afterprint", () => redraw(width()));
}

/** One SVG with title, legend and drawings, whose colours do not need the page any more. */
function download(figure, area, chart) {
  const style = getComputedStyle(document.documentElement);
  const drawings = [...area.querySelectorAll(":scope > svg, :scope > figure > svg")];
  const width = Math.max(...drawings.map((one) => one.width.baseVal.value));
  const words = (text, x, y, ink) => `<text x="${x}" y="${y}" fill="${ink}">${escaped(text)}</text>`;
  let top = 48;
  const key = chart.series.length < 2 ? "" : chart.series.map((name, index) => {
    const y = top + 16 * index;
    return `<rect x="10" y="${y - 9}" width="10" height="10" fill="${PALETTE[index % PALETTE.length]}"/>` + words(name, 26, y, "var(--ink)");
  }).join("");
  if (key) top += 16 * chart.series.length;
  const inner = drawings.map((one) => {
    const copy = one.cloneNode(true);
    copy.setAttribute("y", top);
    copy.style.color = "var(--ink)";
    top += one.height.baseVal.value;
    return new XMLSerializer().serializeToString(copy);
  }).join("");
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" font-family="sans-serif" font-size="12">`
    + `<rect width="100%" height="100%" fill="var(--page)"/>` + words(figure.title, 10, 22, "var(--ink)") + key + inner + "</svg>";
  const file = new Blob([text.replace(/var\((--[a-z0-9-]+)\)/g, (_, name) => style.getPropertyValue(name).trim())], { type: "image/svg+xml" });
  const link = element("a", { href: URL.createObjectURL(file), download: figure.id + ".svg" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Sorts the rows of a table by a column: by the first number of its cells, else by their words. */
function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const order = [...body.rows];
  const key = (row, place) => {
    const text = row.cells[place].textContent.trim().replace(/,/g, "");
    const number = parseFloat(text.replace(/^[<>]/, ""));
    return Number.isNaN(number) || place === 0 ? text.toLowerCase() : number;
  };
  const compare = (place) => (a, b) => {
    const [first, second] = [key(a, place), key(b, place)];
    if (typeof first === typeof second) return first < second ? -1 : first > second ? 1 : 0;
    return typeof first === "number" ? 1 : -1;
  };
  heads.forEach((head, place) => {
    const button = element("button", { type: "button", textContent: head.textContent });
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const next = { none: place === 0 ? "ascending" : "descending", ascending: place === 0 ? "descending" : "none", descending: place === 0 ? "none" : "ascending" };
      const now = next[head.getAttribute("aria-sort")];
      heads.forEach((other) => other.setAttribute("aria-sort", other === head ? now : "none"));
      const sorted = now === "none" ? order : [...order].sort(compare(place));
      body.append(...(now === "descending" ? sorted.reverse() : sorted));
    });
  });
}

figures.forEach(mount);
document.querySelectorAll("table.sortable").forEach(sortable);
document.documentElement.dataset.ready = "yes";
