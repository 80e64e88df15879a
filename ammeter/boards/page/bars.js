// Stacked horizontal bars, as plain elements: they need no library and wrap like text.

import { h } from "./dom.js";
import { format } from "./format.js";
import { seriesColor } from "./looks.js";

/** One bar a row; its parts are the columns after the first; the sum stands at its end. */
export function drawBars(body, panel, view) {
  const [labels, ...parts] = view.columns;
  const names = view.names.slice(1);
  const { unit, decimals } = panel.fieldConfig.defaults;
  const colors = names.map((name, number) => seriesColor(panel, name, number));
  const totals = labels.map((_, row) => parts.reduce((sum, values) => sum + (values[row] ?? 0), 0));
  const longest = Math.max(...totals) || 1;

  const rows = labels.map((label, row) => {
    const told = names.map((name, number) => `${name} ${format(parts[number][row], unit, decimals)}`).join(", ");
    const pieces = parts.map((values, number) =>
      h("i", { style: { flexBasis: `calc((100% - var(--total)) * ${(values[row] ?? 0) / longest})`, background: colors[number] } }));
    return h("div", { class: "bar", title: `${label}: ${told}` },
      h("span", { class: "bar-label" }, label),
      h("span", { class: "bar-track" }, ...pieces, h("span", { class: "bar-total" }, format(totals[row], unit, decimals))));
  });
  const summary = labels.map((label, row) => `${label} ${format(totals[row], unit, decimals)}`).join(", ");
  body.replaceChildren(
    h("div", { class: "bars", tabindex: 0, role: "img", "aria-label": `${panel.title}: ${summary}` }, ...rows),
    names.length > 1 ? legendOf(names, colors) : "",
  );
}

function legendOf(names, colors) {
  return h("div", { class: "legend" }, ...names.map((name, number) =>
    h("span", {}, h("i", { style: { background: colors[number] } }), name)));
}
