// One panel's place on the page, and what is drawn in it.

import { drawBars } from "./bars.js";
import { drawHeat, drawLines } from "./charts.js";
import { faded, h, svg, themed } from "./dom.js";
import { format } from "./format.js";
import { colorOf, decimalsOf, lastOf, override, stepColor, unitOf } from "./looks.js";
import { board, dataQuery, state } from "./state.js";

const api = (panel, kind) => `/api/boards/${board.uid}/panels/${panel.id}.${kind}?${dataQuery()}`;

/** The empty place of a panel; a row's is its heading. */
export function placeOf(panel, { alone }) {
  const { x, y, w, h: height } = panel.gridPos;
  const style = { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${height}` };
  if (panel.type === "row") return h("h2", { class: "row", style }, panel.title);
  const place = h("section", {
    id: `panel-${panel.id}`, "data-testid": `panel-${panel.id}`, "data-type": panel.type, "data-title": panel.title,
    "data-rev": 0, role: "group", "aria-label": panel.title || "About this board", style,
  });
  const body = h("div", { class: "body" });
  if (panel.type === "text") body.append(...markdown(panel.options.content));
  else place.append(h("h2", { title: panel.description }, panel.title), menuOf(panel, alone));
  place.append(body);
  return place;
}

function menuOf(panel, alone) {
  return h("div", { class: "menu" },
    h("button", { type: "button", "aria-label": `View ${panel.title} alone`, "data-testid": `view-${panel.id}`, on: { click: () => alone(panel) } }, "⤢"),
    h("button", { type: "button", "aria-label": `SQL of ${panel.title}`, "data-testid": `sql-${panel.id}`, on: { click: () => showSql(panel) } }, "SQL"),
    h("a", { href: api(panel, "csv"), "aria-label": `CSV of ${panel.title}`, "data-testid": `csv-${panel.id}`, download: true, on: { click: (event) => { event.currentTarget.href = api(panel, "csv"); } } }, "CSV"));
}

/** The little of markdown that boards use: bold, emphasis, code. */
function markdown(text) {
  return text.split(/(\*\*.+?\*\*|\*.+?\*|`.+?`)/).map((part) => {
    if (part.startsWith("**")) return h("strong", {}, part.slice(2, -2));
    if (part.startsWith("*")) return h("em", {}, part.slice(1, -1));
    return part.startsWith("`") ? h("code", {}, part.slice(1, -1)) : part;
  });
}

/** The panel's SQL as written and as it runs. */
export async function showSql(panel) {
  const answer = await fetch(api(panel, "sql"));
  const { sql, expanded } = await answer.json();
  const dialog = document.getElementById("dialog");
  dialog.replaceChildren(
    h("h2", { id: "dialog-title" }, panel.title),
    h("p", {}, panel.description),
    h("h3", {}, "SQL"), h("pre", { tabindex: 0 }, sql),
    h("h3", {}, "As it runs"), h("pre", { tabindex: 0, "data-testid": "expanded" }, expanded),
    h("button", { type: "button", on: { click: () => navigator.clipboard.writeText(expanded) } }, "Copy"), " ",
    h("button", { type: "button", autofocus: true, on: { click: () => dialog.close() } }, "Close"));
  dialog.showModal();
}

const DRAW = { stat: drawStat, table: drawTable, barchart: drawBars, timeseries: drawLines, heatmap: drawHeat };

/** Draw the panel's last view. */
export function drawPanel(panel, view) {
  const place = document.getElementById(`panel-${panel.id}`);
  const body = place.querySelector(".body");
  if (view.error || view.empty) {
    if (view.error) showMessage(body, "error", "This panel's query failed", view.error);
    else showMessage(body, "empty", "No data", panel.fieldConfig.defaults.noValue);
  } else {
    DRAW[panel.type](body, panel, view);
  }
  place.dataset.state = view.error ? "error" : view.empty ? "empty" : "data";
  place.dataset.rev = Number(place.dataset.rev) + 1;
}

function showMessage(body, kind, title, text) {
  body.replaceChildren(h("div", { class: `message ${kind}`, role: kind === "error" ? "alert" : null }, h("b", {}, title), h("span", {}, text)));
}

function drawStat(body, panel, view) {
  const { unit, decimals, thresholds, color } = panel.fieldConfig.defaults;
  const values = view.series[0];
  const last = lastOf(values);
  const steps = color.mode === "thresholds" ? thresholds.steps : null;
  const line = steps ? colorOf(stepColor(last, steps)) : themed("blue");
  const figure = h("b", { "data-testid": `value-${panel.id}`, style: { color: steps ? line : themed("text") } }, format(last, unit, decimals));
  const trend = panel.options.graphMode === "area" && values.length > 1 ? sparkline(view.times, values, line) : "";
  body.replaceChildren(h("div", { class: "stat" }, figure, trend));
}

function sparkline(times, values, color) {
  const some = values.filter((value) => value != null);
  const low = Math.min(...some);
  const spread = Math.max(...some) - low || 1;
  const width = times.at(-1) - times[0] || 1;
  const at = (place) => `${(((times[place] - times[0]) / width) * 100).toFixed(2)} ${(28 - ((values[place] - low) / spread) * 24).toFixed(2)}`;
  const path = `M${values.map((value, place) => (value == null ? null : at(place))).filter(Boolean).join("L")}`;
  return svg("svg", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: `${path}L100 30L0 30Z`, fill: faded(color, 0.14) }),
    svg("path", { d: path, fill: "none", stroke: color, "stroke-width": 1.25, "vector-effect": "non-scaling-stroke" }));
}

function drawTable(body, panel, view) {
  const columns = view.names.map((name, number) => cellsOf(panel, name, view.types[number], view.columns[number]));
  const rows = view.columns[0].map((_, row) => h("tr", {}, ...columns.map((cells) => cells(row))));
  const heads = view.names.map((name, number) => h("th", { scope: "col", class: view.types[number] }, name));
  const scrolled = body.querySelector(".scroll");
  const [top, left] = scrolled ? [scrolled.scrollTop, scrolled.scrollLeft] : [0, 0];
  const focused = body.contains(document.activeElement) ? document.activeElement.textContent : null;
  const scroll = h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": `${panel.title}, table` },
    h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows)));
  body.replaceChildren(scroll);
  Object.assign(scroll, { scrollTop: top, scrollLeft: left });
  if (focused) [...scroll.querySelectorAll("a")].find((link) => link.textContent === focused)?.focus();
}

function cellsOf(panel, name, type, values) {
  const unit = type === "time" ? "dateTimeAsLocal" : unitOf(panel, name);
  const decimals = decimalsOf(panel, name);
  const steps = override(panel, name, "thresholds")?.steps;
  const link = override(panel, name, "links")?.[0];
  const text = (value) => (type === "string" ? (value ?? "–") : format(value, unit, decimals));
  return (row) => {
    const value = values[row];
    const cell = h("td", { class: type }, link ? h("a", { href: linkOf(link.url, value), title: link.title }, text(value)) : text(value));
    if (steps && value != null) cell.style.color = colorOf(stepColor(value, steps));
    return cell;
  };
}

function linkOf(url, value) {
  const range = new URLSearchParams({ from: state.from, to: state.to });
  const others = [...state.variables].filter(([name]) => !url.includes(`var-${name}=`));
  const kept = new URLSearchParams(others.flatMap(([name, values]) => values.map((one) => [`var-${name}`, one])));
  const filled = url.replace("${__url_time_range}", range.toString()).replace("${__value.raw}", encodeURIComponent(value));
  return kept.size ? `${filled}&${kept}` : filled;
}
