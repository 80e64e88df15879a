// Lines, areas and heat maps over time, as SVG: quick to start, crisp at any size, and read by assistive technology
// as one picture with its last values.

import { faded, h, svg, themed } from "./dom.js";
import { format, roundTicks, tick, timeTicks } from "./format.js";
import { attachHover } from "./hover.js";
import { colorOf, lastOf, seriesColor, seriesTitle } from "./looks.js";

const LINES = { left: 56, right: 12, top: 8, bottom: 24 };
const HEAT = { ...LINES, left: 104 };
const RAMPS = {
  dark: [[27, 42, 68], [59, 120, 201], [207, 227, 255]],
  light: [[222, 233, 249], [90, 149, 216], [11, 58, 117]],
};
const hidden = new Map();

/** Draw a panel of lines or areas. */
export function drawLines(body, panel, view) {
  const plot = plotOf(body);
  showLegend(body, panel, view);
  const box = boxOf(plot, LINES);
  const { unit, decimals, thresholds, custom } = panel.fieldConfig.defaults;
  const stacked = custom.stacking.mode === "normal";
  const shown = view.names
    .map((name, number) => ({ name: seriesTitle(panel, name), key: name, values: view.series[number], color: seriesColor(panel, name, number) }))
    .filter(({ key }) => !hiddenOf(panel).has(key));
  const top = highest(shown, stacked, panel.fieldConfig.defaults);
  const ticks = roundTicks(0, top, Math.max(2, Math.round(box.height / 48)));
  const x = timeScale(box, view);
  const y = (value) => box.top + (1 - value / top) * box.height;

  const marks = stacked ? areas(shown, view.times, x, y) : shown.map((one) => line(one, view.times, x, y, custom.spanNulls || 0));
  show(plot, box, [
    ...bandsOf(thresholds.steps, custom, top, box, y),
    ...ticks.map((value) => horizontal(box, y(value))),
    ...ticks.map((value) => label(box.left - 8, y(value) + 4, tick(value, unit), "end")),
    ...timeAxis(box, view, x),
    ...marks,
  ]);
  const rows = (place) => shown.map(({ name, color, values }) => ({ name, color, value: values[place], text: format(values[place], unit, decimals) }));
  finish(plot, box, panel, view, rows, shown);
}

/** Draw a panel of cells, one row a series. */
export function drawHeat(body, panel, view) {
  const plot = plotOf(body);
  const box = boxOf(plot, HEAT);
  const { unit, decimals } = panel.fieldConfig.defaults;
  const x = timeScale(box, view);
  const row = box.height / view.names.length;
  const step = Math.min(...view.times.slice(1).map((at, place) => at - view.times[place]), view.to - view.from);
  const color = ramp(view.series.flat().filter((value) => value > 0));
  const cells = view.series.flatMap((values, number) => values.map((value, place) => {
    const start = Math.max(x(view.times[place]), box.left);
    const end = Math.min(x(view.times[place] + step), box.left + box.width);
    if (!(value > 0) || end <= start) return null;
    return svg("rect", { x: start, y: box.top + number * row, width: Math.max(1, end - start - 1), height: Math.max(1, row - 1), fill: color(value) });
  })).filter(Boolean);
  const shown = view.names.map((name, number) => ({ name, color: themed("blue"), values: view.series[number] }));
  show(plot, box, [
    ...view.names.map((name, number) => label(box.left - 8, box.top + (number + 0.5) * row + 4, name, "end")),
    ...timeAxis(box, view, x),
    ...cells,
  ]);
  const rows = (place) => shown.map((one) => ({ name: one.name, color: one.color, value: one.values[place], text: format(one.values[place], unit, decimals) }));
  finish(plot, box, panel, view, rows, shown);
}

function plotOf(body) {
  let plot = body.querySelector(".plot");
  if (!plot) {
    plot = h("div", { class: "plot", role: "img" }, svg("svg"));
    body.replaceChildren(plot);
  }
  return plot;
}

function boxOf(plot, margin) {
  return {
    full: { width: plot.clientWidth, height: plot.clientHeight }, left: margin.left, top: margin.top,
    width: plot.clientWidth - margin.left - margin.right, height: plot.clientHeight - margin.top - margin.bottom,
  };
}

const timeScale = (box, view) => (at) => box.left + ((at - view.from) / (view.to - view.from)) * box.width;

function show(plot, box, marks) {
  const { width, height } = box.full;
  plot.querySelector("svg").replaceWith(svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, ...marks));
}

function finish(plot, box, panel, view, rows, shown) {
  const { unit, decimals } = panel.fieldConfig.defaults;
  const last = shown.map(({ name, values }) => `${name} ${format(lastOf(values), unit, decimals)}`).join(", ");
  plot.setAttribute("aria-label", `${panel.title}; last values: ${last}`);
  attachHover(plot, { box, view, rows });
}

// Axes.

const label = (x, y, text, anchor) => svg("text", { x, y, "text-anchor": anchor }, text);
const horizontal = (box, y) => svg("line", { class: "grid", x1: box.left, x2: box.left + box.width, y1: y, y2: y });

function timeAxis(box, view, x) {
  const bottom = box.top + box.height;
  return timeTicks(view.from, view.to, Math.max(2, Math.floor(box.width / 90))).flatMap(([at, text]) => [
    svg("line", { class: "grid", x1: x(at), x2: x(at), y1: box.top, y2: bottom }),
    label(Math.min(Math.max(x(at), box.left + 16), box.left + box.width - 16), bottom + 18, text, "middle"),
  ]);
}

/** Thresholds as bands, each up to the next one, with a dashed line at its foot. */
function bandsOf(steps, custom, top, box, y) {
  if (custom.thresholdsStyle.mode === "off") return [];
  return steps.slice(1).filter((step) => step.value < top).flatMap((step, number) => {
    const upper = Math.min(top, steps[number + 2]?.value ?? top);
    const color = colorOf(step.color);
    return [
      svg("rect", { x: box.left, y: y(upper), width: box.width, height: y(step.value) - y(upper), fill: faded(color, 0.1) }),
      svg("line", { x1: box.left, x2: box.left + box.width, y1: y(step.value), y2: y(step.value), stroke: color, "stroke-dasharray": "5 4" }),
    ];
  });
}

// Marks.

/** The top of the axis: a little above the highest line, with the first threshold in sight. */
function highest(shown, stacked, { max, thresholds, custom }) {
  if (max != null) return max;
  const count = shown[0]?.values.length ?? 0;
  let top = 0;
  for (let place = 0; place < count; place++) {
    let sum = 0;
    for (const { values } of shown) {
      sum = stacked ? sum + (values[place] ?? 0) : Math.max(sum, values[place] ?? 0);
    }
    top = Math.max(top, sum);
  }
  const threshold = custom.thresholdsStyle.mode === "off" ? 0 : (thresholds.steps[1]?.value ?? 0) * 1.2;
  return Math.max(top * 1.08, threshold) || 1;
}

/** One line; holes up to `bridge` milliseconds are bridged, longer ones stay open, a lone point is a dot. */
function line({ values, color }, times, x, y, bridge) {
  const runs = [];
  let before = -Infinity;
  times.forEach((at, place) => {
    if (values[place] == null) return;
    if (at - before > Math.max(bridge, 1)) runs.push([]);
    runs.at(-1).push(`${x(at).toFixed(1)} ${y(values[place]).toFixed(1)}`);
    before = at;
  });
  const path = runs.map((run) => `M${run.length === 1 ? [run[0], run[0]].join("L") : run.join("L")}`).join("");
  return svg("path", { class: "series", d: path, stroke: color });
}

/** Stacked areas, the first at the bottom; nothing counts as nothing. */
function areas(shown, times, x, y) {
  let floor = times.map(() => 0);
  return shown.flatMap(({ values, color }) => {
    const ceiling = floor.map((value, place) => value + (values[place] ?? 0));
    const edge = (heights) => times.map((at, place) => `${x(at).toFixed(1)} ${y(heights[place]).toFixed(1)}`);
    const upper = edge(ceiling);
    const area = `M${upper.join("L")}L${edge(floor).reverse().join("L")}Z`;
    floor = ceiling;
    return [svg("path", { d: area, fill: faded(color, 0.35) }), svg("path", { class: "series", d: `M${upper.join("L")}`, stroke: color })];
  });
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

// The legend, whose entries hide and show their line.

const hiddenOf = (panel) => hidden.get(panel.id) ?? hidden.set(panel.id, new Set()).get(panel.id);

function showLegend(body, panel, view) {
  const off = hiddenOf(panel);
  const colors = view.names.map((name, number) => seriesColor(panel, name, number));
  const key = [...view.names, ...colors, ...off].join("\n");
  const old = body.querySelector(".legend");
  if (old?.dataset.key === key) return;
  const entries = view.names.map((name, number) =>
    h("button", { type: "button", "aria-pressed": String(!off.has(name)), on: { click: () => toggle(body, panel, name) } },
      h("i", { style: { background: colors[number] } }), seriesTitle(panel, name)));
  const legend = h("div", { class: "legend", "data-key": key }, ...entries);
  if (old) old.replaceWith(legend);
  else body.append(legend);
}

function toggle(body, panel, name) {
  const off = hiddenOf(panel);
  if (!off.delete(name)) off.add(name);
  body.dispatchEvent(new CustomEvent("redraw", { bubbles: true, detail: panel.id }));
}
