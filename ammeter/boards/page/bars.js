// Horizontal bars, as plain elements: they need no library and wrap like text.

import { h } from "./dom.js";
import { linksOf } from "./links.js";
import { look, seriesColor, seriesTitle, textOf } from "./looks.js";

/** One bar a row; its parts are the columns after the first: one behind the other, or one below the other. */
export function drawBars(body, panel, view) {
  const [labels, ...parts] = view.columns;
  const names = view.names.slice(1);
  const stacked = panel.options.stacking !== "none";
  const colors = names.map((name, number) => seriesColor(panel, name, number));
  const totals = labels.map((_, row) => parts.reduce((sum, values) => sum + (values[row] ?? 0), 0));
  const longest = (stacked ? Math.max(...totals) : Math.max(...parts.flat())) || 1;
  const piece = (number, row) => h("i", { style: {
    flexBasis: `calc((100% - var(--total)) * ${Math.max(0, parts[number][row] ?? 0) / longest})`, background: colors[number] } });
  const figure = (number, row) => textOf(panel, names[number], parts[number][row]);
  const total = (row) => (names.length === 1 ? figure(0, row) : textOf(panel, "", totals[row]));

  const rows = labels.map((label, row) => {
    const told = names.map((name, number) => `${seriesTitle(panel, name)} ${figure(number, row)}`).join(", ");
    const tracks = stacked
      ? [h("span", { class: "bar-track" }, ...names.map((_, number) => piece(number, row)), h("span", { class: "bar-total" }, total(row)))]
      : names.map((_, number) => h("span", { class: "bar-track" }, piece(number, row), h("span", { class: "bar-total" }, figure(number, row))));
    return h("div", { class: stacked ? "bar" : "bar grouped", title: `${label}: ${told}` },
      labelOf(panel, view, row), h("span", { class: "bar-tracks" }, ...tracks));
  });
  const summary = labels.map((label, row) => `${label} ${total(row)}`).join(", ");
  const scrolled = body.querySelector(".bars")?.scrollTop ?? 0;
  const bars = h("div", { class: "bars", tabindex: 0, role: "group", "aria-label": `${panel.title}: ${summary}` }, ...rows);
  const explained = names.length > 1 && panel.options.legend?.showLegend !== false;
  body.replaceChildren(bars, explained ? legendOf(names.map((name) => seriesTitle(panel, name)), colors) : "");
  bars.scrollTop = scrolled;
}

function labelOf(panel, view, row) {
  const [name, value] = [view.names[0], view.columns[0][row]];
  const fields = Object.fromEntries(view.names.map((one, number) => [one, view.columns[number][row]]));
  const [link] = linksOf(look(panel, name, "links"), { value, text: String(value), fields });
  const text = textOf(panel, name, value, view.types[0]);
  return link ? h("a", { class: "bar-label", href: link.url, title: link.title }, text) : h("span", { class: "bar-label" }, text);
}

function legendOf(names, colors) {
  return h("div", { class: "legend" }, ...names.map((name, number) =>
    h("span", {}, h("i", { style: { background: colors[number] } }), name)));
}
