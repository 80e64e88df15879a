// One panel's place on the page, its menu, and what is drawn in it.

import { drawBars } from "./bars.js";
import { drawHeat, drawStates } from "./cells.js";
import { h } from "./dom.js";
import { drawLines } from "./lines.js";
import { board, dataQuery } from "./state.js";
import { drawStat } from "./stats.js";
import { drawTable } from "./tables.js";
import { markdown } from "./text.js";

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
    h("button", { type: "button", "aria-label": `View ${panel.title} alone`, title: "View alone (v)", "data-testid": `view-${panel.id}`, on: { click: () => alone(panel) } }, "⤢"),
    h("button", { type: "button", "aria-label": `About ${panel.title}, and its SQL`, title: "About, and SQL (e)", "data-testid": `sql-${panel.id}`, on: { click: () => showSql(panel) } }, "SQL"),
    h("a", { href: api(panel, "csv"), "aria-label": `CSV of ${panel.title}`, title: "Save as CSV (c)", "data-testid": `csv-${panel.id}`, download: true, on: { click: (event) => { event.currentTarget.href = api(panel, "csv"); } } }, "CSV"));
}

/** What the panel is about, and its SQL as written and as it runs. */
export async function showSql(panel) {
  const answer = await fetch(api(panel, "sql")).catch(() => null);
  const dialog = document.getElementById("dialog");
  const { sql, expanded } = answer?.ok ? await answer.json() : { sql: panel.targets[0].rawSql, expanded: answer ? await answer.text() : "The boards do not answer." };
  dialog.replaceChildren(
    h("h2", { id: "dialog-title" }, panel.title),
    h("p", {}, panel.description),
    h("h3", {}, "SQL as it runs"), h("pre", { tabindex: 0, "data-testid": "expanded" }, expanded),
    h("h3", {}, "SQL as written"), h("pre", { tabindex: 0 }, sql),
    h("div", { class: "actions" },
      h("button", { type: "button", on: { click: (event) => copy(expanded, event.currentTarget) } }, "Copy"),
      h("button", { type: "button", autofocus: true, on: { click: () => dialog.close() } }, "Close")));
  dialog.showModal();
}

async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  button.textContent = "Copied";
}

const DRAW = { stat: drawStat, table: drawTable, barchart: drawBars, timeseries: drawLines, heatmap: drawHeat, "state-timeline": drawStates };

/** Draw the panel's last view. */
export function drawPanel(panel, view) {
  const place = document.getElementById(`panel-${panel.id}`);
  const body = place.querySelector(".body");
  if (view.error) {
    showMessage(body, "error", "This panel's query failed", view.error);
  } else if (view.empty) {
    showMessage(body, "empty", view.why ? "Nobody is logged in" : "No data", view.why ?? panel.fieldConfig.defaults.noValue ?? "");
  } else {
    if (body.querySelector(".message")) body.replaceChildren();
    DRAW[panel.type](body, panel, view);
  }
  place.dataset.state = view.error ? "error" : view.empty ? "empty" : "data";
  place.dataset.rev = Number(place.dataset.rev) + 1;
}

function showMessage(body, kind, title, text) {
  body.replaceChildren(h("div", { class: `message ${kind}`, role: kind === "error" ? "alert" : null }, h("b", {}, title), h("span", {}, text)));
}
