// Rows of cells over time: heat maps, whose depth of colour is a figure, and state timelines, whose colour is a state.

import { svg, themed } from "./dom.js";
import { lastOf, look, seriesTitle, textOf, valueColor } from "./looks.js";
import { boxOf, plotOf, rowLabel, show, showLegend, timeScale } from "./plot.js";

const RAMPS = {
  dark: [[27, 42, 68], [59, 120, 201], [207, 227, 255]],
  light: [[222, 233, 249], [90, 149, 216], [11, 58, 117]],
};
const STATES = ["#3355ee", "#12a8f0", "#e69b00", "#88476e", "#0f7010", "#cf5b68", "#9aa3a8"];

/** Draw a panel of cells, one row a series. */
export function drawHeat(body, panel, view) {
  const plot = plotOf(body);
  const box = boxOf(plot, view.names);
  const x = timeScale(box, view);
  const step = Math.min(...view.times.slice(1).map((at, place) => at - view.times[place]), view.to - view.from);
  const color = ramp(view.series.flat().filter((value) => value > 0));
  const cells = view.series.flatMap((values, number) => values.map((value, place) =>
    value > 0 ? cell(box, view, number, x(view.times[place]), x(view.times[place] + step), color(value), 1) : ""));
  showRows(plot, box, panel, view, x, cells.filter(Boolean), () => themed("blue"));
}

/** Draw a panel of states, one row a series; each state holds until the next one. */
export function drawStates(body, panel, view) {
  const plot = plotOf(body);
  const states = [...new Set(view.series.flat().filter(Boolean))];
  const listed = (look(panel, view.names[0], "mappings") ?? []).flatMap(({ options }) => Object.keys(options));
  const color = (name, value) => valueColor(panel, name, value) ?? STATES[states.indexOf(value) % STATES.length];
  states.sort((a, b) => (listed.indexOf(a) >>> 0) - (listed.indexOf(b) >>> 0));
  showLegend(body, panel, states.slice(0, 12).map((value) => ({ key: String(value), title: textOf(panel, view.names[0], value, typeof value), color: color(view.names[0], value) })), { fixed: true });
  const box = boxOf(plot, view.names.map((name) => seriesTitle(panel, name)));
  const x = timeScale(box, view);
  const cells = view.series.flatMap((values, number) => spans(values, view).map(([from, to, value]) => {
    const drawn = cell(box, view, number, x(from), x(to), color(view.names[number], value), 3);
    if (drawn) drawn.append(svg("title", {}, textOf(panel, view.names[number], value, typeof value)));
    return drawn;
  }));
  showRows(plot, box, panel, view, x, cells.filter(Boolean), color);
}

/** From when to when a row is in one state; an empty text ends it, and nothing said leaves it as it is. */
function spans(values, { times, to }) {
  const found = [];
  let open = null;
  times.forEach((at, place) => {
    const value = values[place];
    if (value == null || value === open?.[2]) return;
    if (open) found.push([open[0], at, open[2]]);
    open = value === "" ? null : [at, to, value];
  });
  return open ? [...found, open] : found;
}

function cell(box, view, number, from, to, fill, gap) {
  const row = box.height / view.names.length;
  const [start, end] = [Math.max(from, box.left), Math.min(to, box.left + box.width)];
  if (end <= start) return "";
  const height = Math.max(1, Math.min(row - gap, 36));
  return svg("rect", { x: start, y: box.top + (number + 0.5) * row - height / 2, width: Math.max(1.5, end - start - (gap === 1)), height, fill });
}

function showRows(plot, box, panel, view, x, cells, color) {
  const row = box.height / view.names.length;
  const every = Math.ceil(13 / row);
  const type = (value) => (typeof value === "string" ? "string" : "number");
  const rows = (place) => view.names.map((name, number) => {
    const value = holding(view.series[number], place);
    return { name: seriesTitle(panel, name), color: color(name, value), value, text: textOf(panel, name, value, type(value)) };
  });
  show(plot, box, {
    panel, view, x, rows: panel.type === "heatmap" ? (place) => rows(place).filter((_, number) => view.series[number][place] != null) : rows,
    behind: view.names.map((name, number) => (number % every ? "" : rowLabel(box, box.top + (number + 0.5) * row, seriesTitle(panel, name)))),
    front: cells,
    last: view.names.map((name, number) => {
      const value = lastOf(view.series[number]);
      return `${seriesTitle(panel, name)} ${textOf(panel, name, value, type(value))}`;
    }).join(", "),
  });
}

/** What a row shows at a time: the value there, for texts the last one before. */
function holding(values, place) {
  if (values[place] != null || !values.some((value) => typeof value === "string")) return values[place];
  return values.slice(0, place).findLast((value) => value != null);
}

/** Colours by the square root of a value, cut at the 98th percentile so that one busy moment does not dim the rest. */
function ramp(values) {
  const colors = RAMPS[document.documentElement.dataset.theme] ?? RAMPS.dark;
  const most = values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.98)] ?? 1;
  return (value) => {
    const depth = Math.min(1, Math.sqrt(value / most)) * 2;
    const from = Math.min(1, Math.floor(depth));
    const mixed = colors[from].map((one, channel) => Math.round(one + (colors[from + 1][channel] - one) * (depth - from)));
    return `rgb(${mixed})`;
  };
}
