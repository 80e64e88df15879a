// Lines, areas and heat maps, drawn by plotly.js; axes, legend, crosshair and tooltip are the page's own.

import { faded, h, themed } from "./dom.js";
import { format, moment, roundTicks, tick, timeTicks } from "./format.js";
import { attachHover } from "./hover.js";
import { colorOf, lastOf, seriesColor, seriesTitle } from "./looks.js";
import { boot } from "./state.js";

const MARGIN = { l: 56, r: 12, t: 8, b: 24 };
const HEAT_MARGIN = { ...MARGIN, l: 100 };
const HEAT = {
  dark: [[0, "#1b2a44"], [0.5, "#3b78c9"], [1, "#cfe3ff"]],
  light: [[0, "#e8f0fb"], [0.5, "#5a95d8"], [1, "#0b3a75"]],
};
const hidden = new Map();

let loading = null;

/** plotly.js, fetched when the first chart needs it so that figures and tables come first. */
function library() {
  loading ??= new Promise((resolve, reject) => {
    document.head.append(h("script", { src: boot.plotly, on: { load: () => resolve(window.Plotly), error: reject } }));
  });
  return loading;
}

/** Draw a panel with a time axis; resolves when it is on the screen. */
export async function drawChart(body, panel, view) {
  const plotly = await library();
  const parts = frameOf(body, panel, view);
  const figure = panel.type === "heatmap" ? heat(panel, view) : lines(panel, view);
  const margin = panel.type === "heatmap" ? HEAT_MARGIN : MARGIN;
  const size = { width: parts.plot.clientWidth, height: parts.plot.clientHeight };
  await plotly.react(parts.plot, figure.traces, { ...layout(view, margin, size), ...figure.layout }, { staticPlot: true });
  parts.plot.setAttribute("aria-label", `${panel.title}: ${figure.summary}`);
  attachHover(parts.plot, { margin, size, view, rows: figure.rows });
}

/** Forget a chart whose place something else takes. */
export function forgetChart(body) {
  const plot = body.querySelector(".plot");
  if (plot && window.Plotly) window.Plotly.purge(plot);
}

function frameOf(body, panel, view) {
  let plot = body.querySelector(".plot");
  if (!plot) {
    plot = h("div", { class: "plot", role: "img" });
    body.replaceChildren(plot, h("div", { class: "legend" }));
  }
  const legend = body.querySelector(".legend");
  if (panel.type !== "heatmap") showLegend(legend, body, panel, view);
  else legend.remove();
  return { plot };
}

function showLegend(legend, body, panel, view) {
  const off = hiddenOf(panel);
  const key = view.names.join("\n") + document.documentElement.dataset.theme + [...off].join("\n") + view.names.map((name, number) => seriesColor(panel, name, number)).join();
  if (legend.dataset.key === key) return;
  legend.dataset.key = key;
  legend.replaceChildren(...view.names.map((name, number) =>
    h("button", { type: "button", "aria-pressed": String(!off.has(name)), on: { click: () => toggle(body, panel, view, name) } },
      h("i", { style: { background: seriesColor(panel, name, number) } }), seriesTitle(panel, name))));
}

const hiddenOf = (panel) => hidden.get(panel.id) ?? hidden.set(panel.id, new Set()).get(panel.id);

function toggle(body, panel, view, name) {
  const off = hiddenOf(panel);
  if (!off.delete(name)) off.add(name);
  drawChart(body, panel, view);
}

function layout(view, margin, size) {
  const ticks = timeTicks(view.from, view.to, Math.max(3, Math.floor(size.width / 110)));
  return {
    ...size, margin, showlegend: false,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: themed("dim") },
    xaxis: { range: [view.from, view.to], tickvals: ticks.map(([at]) => at), ticktext: ticks.map(([, text]) => text), gridcolor: themed("grid"), zeroline: false, fixedrange: true },
  };
}

function lines(panel, view) {
  const { unit, decimals, thresholds, custom, max, min = null } = panel.fieldConfig.defaults;
  const stacked = custom.stacking?.mode === "normal";
  const shown = view.names.map((name, number) => ({ name, values: view.series[number], color: seriesColor(panel, name, number) }))
    .filter(({ name }) => !hiddenOf(panel).has(name));
  const top = max ?? highest(shown, stacked, thresholds, custom);
  const ticks = roundTicks(Math.min(0, min ?? 0), top, 5, unit);
  const traces = shown.map((one) => ({
    type: "scatter", mode: "lines", hoverinfo: "skip",
    ...points(view.times, one.values, stacked ? Infinity : custom.spanNulls || 0, stacked),
    line: { width: 1.25, color: one.color },
    ...(stacked ? { stackgroup: "all", fillcolor: faded(one.color, 0.35) } : {}),
  }));
  const rows = (place) => shown.map((one) => ({
    name: seriesTitle(panel, one.name), color: one.color, value: one.values[place], text: format(one.values[place], unit, decimals),
  }));
  return {
    traces, rows,
    summary: shown.map((one) => `${seriesTitle(panel, one.name)} ${format(lastOf(one.values), unit, decimals)}`).join(", "),
    layout: {
      yaxis: { range: [ticks[0], Math.max(top, ticks.at(-1))], tickvals: ticks, ticktext: ticks.map((value) => tick(value, unit)), gridcolor: themed("grid"), zeroline: false, fixedrange: true },
      shapes: bands(thresholds.steps, custom, Math.max(top, ticks.at(-1))),
    },
  };
}

/** The top of the axis: a tenth above the highest line, and the first threshold at least in sight. */
function highest(shown, stacked, thresholds, custom) {
  let top = 0;
  if (stacked) {
    const count = shown[0]?.values.length ?? 0;
    for (let place = 0; place < count; place++) top = Math.max(top, shown.reduce((sum, one) => sum + (one.values[place] ?? 0), 0));
  } else {
    for (const one of shown) for (const value of one.values) if (value > top) top = value;
  }
  const first = custom.thresholdsStyle?.mode === "off" ? 0 : (thresholds.steps[1]?.value ?? 0) * 1.2;
  return Math.max(top * 1.08, first) || 1;
}

/** A line's points: short holes are bridged, long ones stay holes; in a stack nothing counts as nothing. */
function points(times, values, bridge, stacked) {
  if (stacked) return { x: times, y: values.map((value) => value ?? 0) };
  const x = [];
  const y = [];
  let before = null;
  times.forEach((at, place) => {
    if (values[place] == null) return;
    if (before != null && at - before > Math.max(bridge, 1)) { x.push(at); y.push(null); }
    x.push(at);
    y.push(values[place]);
    before = at;
  });
  return { x, y };
}

function bands(steps, custom, top) {
  if (!custom.thresholdsStyle || custom.thresholdsStyle.mode === "off") return [];
  return steps.slice(1).flatMap((step, number) => {
    const color = colorOf(step.color);
    const across = { xref: "paper", x0: 0, x1: 1, layer: "below" };
    const upper = Math.min(top, steps[number + 2]?.value ?? top);
    return step.value >= top ? [] : [
      { ...across, type: "rect", y0: step.value, y1: upper, fillcolor: faded(color, 0.1), line: { width: 0 } },
      { ...across, type: "line", y0: step.value, y1: step.value, line: { color, width: 1, dash: "dash" } },
    ];
  });
}

function heat(panel, view) {
  const { unit, decimals } = panel.fieldConfig.defaults;
  const step = Math.min(...view.times.slice(1).map((at, place) => at - view.times[place])) || 60_000;
  const columns = Math.round((view.times.at(-1) - view.times[0]) / step) + 1;
  const place = new Map(view.times.map((at, number) => [Math.round((at - view.times[0]) / step), number]));
  const at = (number, column) => (place.has(column) ? view.series[number][place.get(column)] : null);
  const values = view.series.flat().filter((value) => value > 0).sort((a, b) => a - b);
  const most = Math.sqrt(values[Math.floor(values.length * 0.98)] ?? 1);
  const range = Array.from({ length: columns }, (_, column) => column);
  const dark = document.documentElement.dataset.theme === "dark";
  return {
    traces: [{
      type: "heatmap", hoverinfo: "skip", showscale: false, xgap: 1, ygap: 1, zmin: 0, zmax: most,
      colorscale: dark ? HEAT.dark : HEAT.light,
      x: range.map((column) => view.times[0] + (column + 0.5) * step),
      y: view.names,
      z: view.names.map((_, number) => range.map((column) => { const value = at(number, column); return value > 0 ? Math.sqrt(value) : null; })),
    }],
    rows: (number) => view.names.map((name, row) => ({ name, color: themed("blue"), value: view.series[row][number], text: format(view.series[row][number], unit, decimals) })),
    summary: `${view.names.length} rows, up to ${moment(view.times.at(-1))}; last values ${view.names.map((name, row) => `${name} ${format(lastOf(view.series[row]), unit, decimals)}`).join(", ")}`,
    layout: { yaxis: { type: "category", autorange: "reversed", ticks: "", fixedrange: true, tickfont: { size: 12 } } },
  };
}
