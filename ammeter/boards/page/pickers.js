// The choices of a board: one of a list, several of a list, or a text.

import { h } from "./dom.js";
import { choices, options, state } from "./state.js";

const SEARCHED = 10;
const byTestId = (id) => document.querySelector(`[data-testid="${id}"]`);

/** The pickers of all variables; `changed` is called after each choice. */
export function pickers(changed) {
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.pick[open]")) if (!open.contains(event.target)) open.open = false;
  });
  return choices.map((one) => {
    if (one.type === "textbox") return typed(one, changed);
    return isSingle(one) ? single(one, changed) : several(one, changed);
  });
}

const isSingle = (one) => one.type === "custom" || !one.multi;

function choose(name, values, changed) {
  if (values.length) state.variables.set(name, values);
  else state.variables.delete(name);
  changed();
}

function typed(variable, changed) {
  const input = h("input", { type: "text", "data-testid": `var-${variable.name}`, on: {
    change: () => choose(variable.name, input.value ? [input.value] : [], changed) } });
  return h("label", { class: "field" }, variable.label, input);
}

function single(variable, changed) {
  const select = h("select", { "data-testid": `var-${variable.name}`, on: {
    change: () => choose(variable.name, select.value === "$__all" ? [] : [select.value], changed) } });
  return h("label", { class: "field" }, variable.label, select);
}

function several(variable, changed) {
  const summary = h("summary", { class: "button", "data-testid": `var-${variable.name}` });
  const search = h("input", { type: "search", "aria-label": `Search ${variable.label}`, placeholder: "Search", hidden: true, on: { input: () => filter(list, search.value) } });
  const list = h("div", { class: "boxes", role: "group", "aria-label": variable.label });
  const details = h("details", { class: "pick", id: `pick-${variable.name}` }, summary, h("div", { class: "choices" },
    search, h("button", { type: "button", on: { click: () => { details.open = false; choose(variable.name, [], changed); } } }, "All"), list));
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { details.open = false; summary.focus(); }
  });
  list.addEventListener("change", () =>
    choose(variable.name, [...list.querySelectorAll("input:checked")].map((one) => one.value), changed));
  return details;
}

function filter(list, text) {
  for (const label of list.children) label.hidden = !label.textContent.toLowerCase().includes(text.trim().toLowerCase());
}

/** Bring all pickers in line with what is chosen. */
export function showPicked() {
  for (const variable of choices) {
    const chosen = state.variables.get(variable.name) ?? [];
    const picker = byTestId(`var-${variable.name}`);
    if (variable.type === "textbox") picker.value = chosen[0] ?? variable.query ?? "";
    else if (isSingle(variable)) showSingle(variable, picker, chosen);
    else showSeveral(variable, picker, chosen);
  }
}

/** The values with their texts; what is chosen and no longer listed stays. */
function listed(variable, chosen) {
  const found = variable.type === "custom" ? variable.options.map(({ value, text }) => [value, text]) : options.get(variable.name) ?? [];
  return [...found, ...chosen.filter((value) => !found.some(([one]) => one === value)).map((value) => [value, value])];
}

function showSingle(variable, picker, chosen) {
  const all = variable.includeAll ? [["$__all", "All"]] : [];
  const wanted = chosen[0] ?? (variable.type === "custom" ? variable.current.value : all[0]?.[0]);
  picker.replaceChildren(...[...all, ...listed(variable, chosen)].map(([value, text]) => h("option", { value, selected: value === wanted }, text)));
}

function showSeveral(variable, picker, chosen) {
  const values = listed(variable, chosen);
  const texts = chosen.map((value) => values.find(([one]) => one === value)[1]);
  const text = texts.length === 0 ? "All" : texts.length > 2 ? `${texts.length} chosen` : texts.join(", ");
  picker.textContent = `${variable.label}: ${text} ▾`;
  const details = document.getElementById(`pick-${variable.name}`);
  const boxes = values.map(([value, name]) =>
    h("label", {}, h("input", { type: "checkbox", value, checked: chosen.includes(value) }), name));
  const list = details.querySelector(".boxes");
  const focused = list.contains(document.activeElement) ? document.activeElement.value : null;
  list.replaceChildren(...boxes);
  if (focused != null) [...list.querySelectorAll("input")].find((one) => one.value === focused)?.focus();
  const search = details.querySelector("input[type=search]");
  search.hidden = values.length <= SEARCHED;
  filter(list, search.value);
}
