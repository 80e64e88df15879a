// Tables: cells in their units, colours and links, sorted by any column.

import { h } from "./dom.js";
import { linksOf } from "./links.js";
import { decimalsOf, look, textOf, valueColor } from "./looks.js";

const sorting = new Map();

export function drawTable(body, panel, view) {
  const order = rowsOf(panel, view);
  const shown = view.names.map((_, number) => number).filter((number) => !isHidden(panel, view.names[number]));
  const columns = shown.map((number) => cellsOf(panel, view, view.names[number], number));
  const rows = order.map((row) => h("tr", {}, ...columns.map((cells) => cells(row))));
  const heads = shown.map((number) => headOf(body, panel, view, view.names[number], number));
  const scrolled = body.querySelector(".scroll");
  const [top, left] = scrolled ? [scrolled.scrollTop, scrolled.scrollLeft] : [0, 0];
  const focused = body.contains(document.activeElement) ? document.activeElement.textContent : null;
  const scroll = h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": `${panel.title}, table` },
    h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows)));
  body.replaceChildren(scroll);
  Object.assign(scroll, { scrollTop: top, scrollLeft: left });
  if (focused) [...scroll.querySelectorAll("a, button")].find((one) => one.textContent === focused)?.focus();
}

/** Whether a column only feeds links. */
const isHidden = (panel, name) => look(panel, name, "custom.hidden") || look(panel, name, "custom.hideFrom")?.viz;

/** The rows in the order of the query, or of the column that somebody sorts by. */
function rowsOf(panel, view) {
  const rows = view.columns[0].map((_, row) => row);
  const by = sorting.get(panel.id);
  const values = view.columns[view.names.indexOf(by?.name)];
  if (!values) return rows;
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
  return rows.sort((a, b) => {
    if (values[a] == null || values[b] == null) return (values[a] == null) - (values[b] == null);
    return by.down ? compare(values[b], values[a]) : compare(values[a], values[b]);
  });
}

function headOf(body, panel, view, name, number) {
  const by = sorting.get(panel.id);
  const mine = by?.name === name;
  const width = look(panel, name, "custom.width");
  const sort = () => {
    // Figures first from the top; then the other way; then as the query has it.
    const first = view.types[number] !== "string";
    if (!mine) sorting.set(panel.id, { name, down: first });
    else if (by.down === first) sorting.set(panel.id, { name, down: !first });
    else sorting.delete(panel.id);
    body.dispatchEvent(new CustomEvent("redraw", { bubbles: true, detail: panel.id }));
  };
  return h("th", { scope: "col", class: view.types[number], "aria-sort": mine ? (by.down ? "descending" : "ascending") : null, style: width ? { width: `${width}px` } : {} },
    h("button", { type: "button", on: { click: sort } }, name, mine ? h("span", { "aria-hidden": "true" }, by.down ? " ↓" : " ↑") : ""));
}

/** Digits of money, the same in a whole column: cents up to a thousand dollars. */
const cents = (values) => (values.some((value) => Math.abs(value) >= 1000) ? 0 : 2);

function cellsOf(panel, view, name, number) {
  const [type, values] = [view.types[number], view.columns[number]];
  const links = look(panel, name, "links");
  const wrapped = look(panel, name, "custom.cellOptions")?.wrapText;
  const decimals = decimalsOf(panel, name) ?? (look(panel, name, "unit") === "currencyUSD" ? cents(values) : undefined);
  return (row) => {
    const value = values[row];
    const text = textOf(panel, name, value, type, decimals);
    const fields = links && Object.fromEntries(view.names.map((one, place) => [one, view.columns[place][row]]));
    const [link] = value == null || value === "" ? [] : linksOf(links, { value, text, fields });
    const color = valueColor(panel, name, value);
    return h("td", { "data-name": name, class: wrapped ? `${type} wrapped` : type, style: color ? { color } : {} },
      link ? h("a", { href: link.url, title: link.title, target: link.blank ? "_blank" : null, rel: link.blank ? "noopener" : null }, text) : text);
  };
}
