// The time range: the usual ones, earlier and later, wider, and any two moments.

import { h } from "./dom.js";
import { moment } from "./format.js";
import { board, state } from "./state.js";

const RANGES = [
  ["now-15m", "Last 15 minutes"], ["now-1h", "Last hour"], ["now-3h", "Last 3 hours"], ["now-6h", "Last 6 hours"],
  ["now-12h", "Last 12 hours"], ["now-24h", "Last 24 hours"], ["now-7d", "Last 7 days"], ["now-14d", "Last 14 days"],
  ["now-30d", "Last 30 days"], ["now-90d", "Last 90 days"],
];
const UNITS = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };

let shownRange = null;
let latest = 0;

/** The range that the panels show, in milliseconds, as the server tells it with them. */
export function rangeShown(from, to) {
  shownRange = [from, to];
  if (state.to === "now") latest = to;
}

/** The picker with its buttons; `changed` is called after each choice. */
export function rangePicker(changed) {
  const set = (from, to) => {
    [state.from, state.to] = [from, to];
    changed();
  };
  const select = h("select", { "aria-label": "Time range", "data-testid": "range", on: { change: () => {
    if (select.value === "custom") askRange(set);
    else set(select.value, "now");
    showRange();
  } } });
  const button = (text, label, test, click) => h("button", { type: "button", "aria-label": label, title: label, "data-testid": test, on: { click } }, text);
  return [
    button("‹", "Earlier ([)", "earlier", () => move(set, -1)),
    select,
    button("›", "Later (])", "later", () => move(set, 1)),
    button("−", "Wider (z)", "wider", () => widen(set)),
  ];
}

/** From and to of what is chosen, in milliseconds. */
function chosenRange() {
  const at = (text, now) => {
    const [, count, unit] = text.match(/^now(?:-(\d+)([smhdw]))?$/) ?? [];
    return /^\d+$/.test(text) ? +text : text.startsWith("now") && (unit || text === "now") ? now - (count ?? 0) * (UNITS[unit] ?? 0) : null;
  };
  const now = shownRange?.[1] ?? Date.now();
  const [from, to] = [at(state.from, now), at(state.to, now)];
  return from != null && to != null ? [from, to] : shownRange ?? [now - UNITS.h, now];
}

export function move(set, by) {
  const [from, to] = chosenRange();
  const half = ((to - from) / 2) * by;
  if (by > 0 && to + half >= Math.min(latest || Infinity, Date.now())) set(`now-${Math.round((to - from) / 1000)}s`, "now");
  else set(String(Math.round(from + half)), String(Math.round(to + half)));
}

export function widen(set) {
  const [from, to] = chosenRange();
  const half = (to - from) / 2;
  if (state.to === "now") set(`now-${Math.round((4 * half) / 1000)}s`, "now");
  else set(String(Math.round(from - half)), String(Math.round(Math.min(to + half, Date.now()))));
}

function askRange(set) {
  const dialog = document.getElementById("dialog");
  const [from, to] = chosenRange();
  const local = (at) => new Date(at - new Date(at).getTimezoneOffset() * 6e4).toISOString().slice(0, 16);
  const input = (name, at) => h("label", { class: "field" }, name, h("input", { type: "datetime-local", name, value: local(at), required: true, "data-testid": `range-${name.toLowerCase()}` }));
  const wrong = h("p", { class: "wrong", role: "alert" });
  const form = h("form", { method: "dialog", on: { submit: (event) => {
    const [begins, ends] = [...form.querySelectorAll("input")].map((one) => new Date(one.value).getTime());
    if (begins < ends) return set(String(begins), String(ends));
    event.preventDefault();
    wrong.textContent = "The range ends before it begins: choose an earlier From.";
  } } },
    h("h2", { id: "dialog-title" }, "Time range"), input("From", from), input("To", to), wrong,
    h("div", { class: "actions" }, h("button", { type: "submit", "data-testid": "range-apply" }, "Apply"), h("button", { type: "button", on: { click: () => dialog.close() } }, "Cancel")));
  dialog.replaceChildren(form);
  dialog.showModal();
}

/** Bring the picker in line with what is chosen. */
export function showRange() {
  const ranges = [...RANGES];
  const usual = board.time.to === "now" && board.time.from;
  for (const from of [usual, state.to === "now" && state.from]) {
    if (from && !ranges.some(([one]) => one === from)) ranges.push([from, lastText(from)]);
  }
  const chosen = state.to === "now" ? state.from : "shown";
  if (chosen === "shown") ranges.push(["shown", +state.from ? `${moment(+state.from)} – ${moment(+state.to)}` : `${state.from} to ${state.to}`]);
  ranges.push(["custom", "From … to …"]);
  document.querySelector("[data-testid=range]").replaceChildren(
    ...ranges.map(([from, text]) => h("option", { value: from, selected: from === chosen }, text)));
}

function lastText(from) {
  const [, count, unit] = from.match(/^now-(\d+)([smhdw])$/) ?? [];
  if (!count) return { "now/d": "Today", "now/w": "This week", "now/M": "This month", "now/y": "This year" }[from] ?? `${from} to now`;
  const seconds = (count * UNITS[unit]) / 1000;
  const [size, name] = [[86400, "days"], [3600, "hours"], [60, "minutes"], [1, "seconds"]].find(([one]) => seconds % one === 0 || seconds > 10 * one);
  return `Last ${+(seconds / size).toFixed(1)} ${name}`;
}
