// Lines, areas, bars and intervals over time.

import { faded, svg } from "./dom.js";
import { roundTicks, tick } from "./format.js";
import { colorOf, lastOf, look, seriesColor, seriesTitle, textOf } from "./looks.js";
import { boxOf, hiddenOf, horizontal, inside, label, plotOf, show, showLegend, timeScale } from "./plot.js";

const TIMES = new Set(["ms", "s"]);

/** Draw a panel of series. */
export function drawLines(body, panel, view) {
  const plot = plotOf(body);
  const all = view.names.map((key, number) => ({
    key, title: seriesTitle(panel, key), values: view.series[number], color: seriesColor(panel, key, number),
    style: look(panel, key, "custom.drawStyle") ?? "line", opacity: (look(panel, key, "custom.fillOpacity") ?? 0) / 100,
    dashed: look(panel, key, "custom.lineStyle")?.fill === "dash", bridge: look(panel, key, "custom.spanNulls") || 0,
    downTo: look(panel, key, "custom.fillBelowTo"),
  }));
  showLegend(body, panel, all.map(({ key, title, color, dashed }) => ({ key, title, color, dashed })));
  const shown = all.filter(({ key }) => !hiddenOf(panel).has(key));
  const { unit, custom } = panel.fieldConfig.defaults;
  const stacked = custom.stacking?.mode === "normal";
  const [low, high] = extent(shown, stacked, panel.fieldConfig.defaults);
  const counted = shown.every(({ values }) => values.every((value) => value == null || Number.isInteger(value)));
  const ticks = roundTicks(low, high, Math.max(2, Math.round((plot.clientHeight - 32) / 48)), unit, counted && !TIMES.has(unit));
  const texts = ticks.map((value) => tick(value, unit, ticks[1] - ticks[0]));
  const box = boxOf(plot, texts);
  const x = timeScale(box, view);
  const y = (value) => box.top + (1 - (value - low) / (high - low)) * box.height;

  const floors = stacked ? stack(shown, view.times.length) : null;
  const marks = shown.flatMap((one, number) => {
    const floor = floors?.[number] ?? view.times.map(() => Math.max(low, 0));
    const values = floors ? floors[number + 1] : one.values;
    if (one.style === "bars") return bars(one, floor, values, view, x, y, box);
    return [
      ...(stacked || one.opacity > 0 && !one.downTo ? [area(one, floor, values, view.times, x, y)] : []),
      ...(one.downTo ? interval(one, shown.find(({ key }) => key === one.downTo), view.times, x, y) : []),
      line(one, values, view.times, x, y),
    ];
  });
  const rows = (place) => shown.map(({ key, title, color, values }) => ({ name: title, color, value: values[place], text: textOf(panel, key, values[place]) }));
  show(plot, box, {
    panel, view, x, rows,
    behind: [...bands(panel.fieldConfig.defaults, low, high, box, y), ...ticks.flatMap((value, place) => [horizontal(box, y(value)), label(box.left - 8, y(value) + 4, texts[place], "end")])],
    front: [inside(box, marks)],
    last: shown.map(({ key, title, values }) => `${title} ${textOf(panel, key, lastOf(values))}`).join(", "),
  });
}

/** Where the value axis begins and ends: a little above the highest, with the first threshold in sight. */
function extent(shown, stacked, { min, max, thresholds, custom }) {
  let [low, high] = [0, 0];
  const count = shown[0]?.values.length ?? 0;
  for (let place = 0; place < count; place++) {
    let sum = 0;
    for (const { values } of shown) {
      const value = values[place] ?? 0;
      sum = stacked ? sum + value : Math.max(sum, value);
      low = Math.min(low, value);
    }
    high = Math.max(high, sum);
  }
  const threshold = (custom.thresholdsStyle?.mode ?? "off") === "off" ? 0 : (thresholds.steps[1]?.value ?? 0) * 1.2;
  const top = max ?? Math.max(high * 1.08, threshold);
  return [min ?? low, top > (min ?? low) ? top : (min ?? low) + 1];
}

/** Thresholds as bands, each up to the next one, with a dashed line at its foot. */
function bands({ thresholds, custom }, low, high, box, y) {
  if ((custom.thresholdsStyle?.mode ?? "off") === "off") return [];
  return thresholds.steps.slice(1).flatMap((step, number) => {
    if (step.value >= high || step.value < low) return [];
    const upper = Math.min(high, thresholds.steps[number + 2]?.value ?? high);
    const color = colorOf(step.color);
    return [
      svg("rect", { x: box.left, y: y(upper), width: box.width, height: y(step.value) - y(upper), fill: faded(color, 0.1) }),
      svg("line", { x1: box.left, x2: box.left + box.width, y1: y(step.value), y2: y(step.value), stroke: color, "stroke-dasharray": "5 4" }),
    ];
  });
}

/** The lower edge of each series of a stack, and the upper one of the last; nothing counts as nothing. */
function stack(shown, count) {
  const edges = [Array(count).fill(0)];
  for (const { values } of shown) edges.push(edges.at(-1).map((value, place) => value + (values[place] ?? 0)));
  return edges;
}

const point = (at, value, x, y) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;

/** One line; holes up to its bridge in milliseconds are bridged, longer ones stay open, a lone point is a dot. */
function line({ color, dashed, bridge }, values, times, x, y) {
  const runs = [];
  let before = -Infinity;
  times.forEach((at, place) => {
    if (values[place] == null) return;
    const open = bridge === true ? before === -Infinity : at - before > Math.max(bridge, 1);
    if (open) runs.push([]);
    runs.at(-1).push(point(at, values[place], x, y));
    before = at;
  });
  const path = runs.map((run) => `M${run.length === 1 ? [run[0], run[0]].join("L") : run.join("L")}`).join("");
  return svg("path", { class: "series", d: path, stroke: color, ...(dashed ? { "stroke-dasharray": "6 5" } : {}) });
}

function area({ color, opacity }, floor, values, times, x, y) {
  const some = times.map((at, place) => [at, place]).filter(([, place]) => values[place] != null);
  if (!some.length) return "";
  const upper = some.map(([at, place]) => point(at, values[place], x, y));
  const lower = some.map(([at, place]) => point(at, floor[place], x, y)).reverse();
  return svg("path", { d: `M${upper.join("L")}L${lower.join("L")}Z`, fill: faded(color, opacity || 0.35) });
}

/** The area between two series, where both have a value. */
function interval({ color, values, opacity }, lower, times, x, y) {
  const some = times.map((at, place) => [at, place]).filter(([, place]) => values[place] != null && lower?.values[place] != null);
  if (some.length < 2) return [];
  const upper = some.map(([at, place]) => point(at, values[place], x, y));
  const back = some.map(([at, place]) => point(at, lower.values[place], x, y)).reverse();
  return [svg("path", { d: `M${upper.join("L")}L${back.join("L")}Z`, fill: faded(color, opacity || 0.15) })];
}

function bars({ color, opacity }, floor, values, { times, from, to }, x, y, box) {
  const gaps = times.slice(1).map((at, place) => at - times[place]);
  const step = gaps.length ? Math.min(...gaps, (to - from) / 2) : (to - from) / 20;
  return times.map((at, place) => {
    if (!(Math.abs((values[place] ?? 0) - floor[place]) > 0)) return "";
    const start = Math.max(box.left, x(at));
    const end = Math.min(box.left + box.width, x(at + step * 0.85));
    if (end <= start) return "";
    const [top, bottom] = [y(Math.max(values[place], floor[place])), y(Math.min(values[place], floor[place]))];
    return svg("rect", { x: start, y: top, width: Math.max(1, end - start), height: Math.max(1, bottom - top), fill: faded(color, opacity || 0.8) });
  }).filter(Boolean);
}
