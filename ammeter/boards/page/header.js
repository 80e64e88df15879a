// The bar at the top: boards, variables, range, theme, and whether what is shown is live.

import { h } from "./dom.js";
import { moment } from "./format.js";
import { board, boot, choices, options, pageQuery, state } from "./state.js";

const RANGES = [
  ["now-15m", "Last 15 minutes"], ["now-1h", "Last hour"], ["now-3h", "Last 3 hours"], ["now-6h", "Last 6 hours"],
  ["now-12h", "Last 12 hours"], ["now-24h", "Last 24 hours"], ["now-7d", "Last 7 days"], ["now-14d", "Last 14 days"],
];

const byTestId = (id) => document.querySelector(`[data-testid="${id}"]`);

/** Build the bar; `changed` is called after each choice, `switchTheme` by the theme button. */
export function buildHeader({ changed, switchTheme }) {
  const boards = boot.boards.map((one) =>
    h("a", { href: `/d/${one.uid}`, "aria-current": one.uid === board.uid ? "page" : null, "data-board": one.uid, "data-testid": `board-${one.uid}` }, one.title));
  document.getElementById("bar").append(
    h("span", { class: "brand" }, "Ammeter"),
    h("h1", { class: "hidden" }, board.title),
    h("nav", { "aria-label": "Boards" }, ...boards),
    ...choices.map((one) => (one.type === "custom" ? single(one, changed) : several(one, changed))),
    h("span", { class: "space" }),
    h("span", { class: "live off", id: "live", "data-testid": "live" }, h("i"), h("span", {}, "connecting")),
    h("select", { "aria-label": "Time range", "data-testid": "range", on: { change: (event) => chooseRange(event.target.value, changed) } }),
    h("button", { "aria-label": "Switch between dark and light", "data-testid": "theme", on: { click: switchTheme } }, "◐"),
  );
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.pick[open]")) if (!open.contains(event.target)) open.open = false;
  });
  showChoices();
}

function chooseRange(from, changed) {
  [state.from, state.to] = [from, "now"];
  changed();
}

function single(variable, changed) {
  const select = h("select", {
    "data-testid": `var-${variable.name}`,
    on: { change: (event) => { state.variables.set(variable.name, [event.target.value]); changed(); } },
  }, ...variable.options.map((one) => h("option", { value: one.value }, one.text)));
  return h("label", { class: "field" }, variable.label, select);
}

function several(variable, changed) {
  const summary = h("summary", { class: "button", "data-testid": `var-${variable.name}` });
  const list = h("div", { class: "choices", role: "group", "aria-label": variable.label, id: `choices-${variable.name}` });
  const details = h("details", { class: "pick" }, summary, list);
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { details.open = false; summary.focus(); }
  });
  list.addEventListener("change", () => {
    state.variables.set(variable.name, [...list.querySelectorAll("input:checked")].map((one) => one.value));
    changed();
  });
  list.addEventListener("click", (event) => {
    if (!event.target.closest("button")) return;
    state.variables.delete(variable.name);
    details.open = false;
    changed();
  });
  return details;
}

/** Bring all pickers in line with what is chosen. */
export function showChoices() {
  for (const variable of choices) {
    const chosen = state.variables.get(variable.name) ?? [];
    const picker = byTestId(`var-${variable.name}`);
    if (variable.type === "custom") {
      picker.value = chosen[0] ?? variable.current.value;
      continue;
    }
    const text = chosen.length === 0 ? "All" : chosen.length > 2 ? `${chosen.length} chosen` : chosen.join(", ");
    picker.textContent = `${variable.label}: ${text} ▾`;
    showOptions(variable, chosen);
  }
  showRange();
  for (const link of document.querySelectorAll("nav a")) link.href = `/d/${link.dataset.board}?${linkQuery(link.dataset.board)}`;
}

function showOptions(variable, chosen) {
  const values = [...new Set([...(options.get(variable.name) ?? []), ...chosen])].sort();
  const boxes = values.map((value) =>
    h("label", {}, h("input", { type: "checkbox", value, checked: chosen.includes(value) }), value));
  document.getElementById(`choices-${variable.name}`).replaceChildren(h("button", { type: "button" }, "All"), ...boxes);
}

function showRange() {
  const ranges = [...RANGES];
  const known = state.to === "now" && ranges.some(([from]) => from === state.from);
  if (!known) ranges.push([state.from, +state.from ? `${moment(+state.from)} – ${moment(+state.to)}` : `${state.from} to ${state.to}`]);
  byTestId("range").replaceChildren(...ranges.map(([from, text]) => h("option", { value: from, selected: from === state.from }, text)));
}

/** Another board opens with its own usual range, this one with the present choices. */
function linkQuery(uid) {
  const query = pageQuery();
  query.delete("viewPanel");
  if (uid !== board.uid && state.from === board.time.from && state.to === board.time.to) {
    query.delete("from");
    query.delete("to");
  }
  return query;
}

/** Whether the figures follow the store, and since when they are as they are. */
export function showLive(connected, text) {
  const live = document.getElementById("live");
  live.classList.toggle("off", !connected);
  live.lastChild.textContent = text;
  live.title = connected ? "Live; the time of the last change" : "Not connected: the figures may be old";
}

/** What the stack says of itself. */
export function showStatus({ phase = "", text = "" }) {
  const banner = document.getElementById("banner");
  banner.hidden = !text;
  banner.dataset.phase = phase;
  banner.replaceChildren(...(phase ? [h("b", {}, phase), " "] : []), text);
}
