// Single figures, as large as their panel lets them be, over the trend that led to them.

import { faded, h, svg, themed } from "./dom.js";
import { linksOf } from "./links.js";
import { lastOf, look, seriesColor, seriesTitle, textOf, valueColor } from "./looks.js";

/** One figure a series, or a column where there is no time; each is the last that there is. */
export function drawStat(body, panel, view) {
  const columns = view.series ?? view.columns;
  const places = view.names.map((_, number) => number).filter((number) => view.series || view.types[number] === "number" || view.names.length === 1);
  const named = places.length > 1 || panel.options.textMode === "value_and_name";
  body.replaceChildren(h("div", { class: "stats" }, ...places.map((number) =>
    figureOf(panel, view, view.names[number], columns[number], number, named))));
}

function figureOf(panel, view, name, values, number, named) {
  const last = lastOf(values);
  const text = textOf(panel, name, last, typeof last === "string" ? "string" : "number");
  const color = valueColor(panel, name, last);
  const [link] = linksOf(look(panel, name, "links"), { value: last, text, series: name });
  const figure = h("b", { "data-testid": `value-${panel.id}`, style: { color: color ?? themed("text"), "--characters": text.length } },
    link ? h("a", { href: link.url, title: link.title }, text) : text);
  const trend = panel.options.graphMode === "area" && view.times && values.length > 1
    ? sparkline(view.times, values, color ?? seriesColor(panel, name, number)) : "";
  return h("div", { class: "stat" }, trend, figure, named ? h("span", { class: "stat-name" }, seriesTitle(panel, name)) : "");
}

function sparkline(times, values, color) {
  const some = values.filter((value) => value != null);
  const low = Math.min(...some);
  const spread = Math.max(...some) - low || 1;
  const width = times.at(-1) - times[0] || 1;
  const at = (place) => `${(((times[place] - times[0]) / width) * 100).toFixed(2)} ${(28 - ((values[place] - low) / spread) * 24).toFixed(2)}`;
  const path = `M${values.map((value, place) => (value == null ? null : at(place))).filter(Boolean).join("L")}`;
  const first = path.slice(1).split(" ")[0];
  return svg("svg", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: `${path}L100 30L${first} 30Z`, fill: faded(color, 0.14) }),
    svg("path", { d: path, fill: "none", stroke: color, "stroke-width": 1.25, "vector-effect": "non-scaling-stroke" }));
}
