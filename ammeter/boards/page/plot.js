// What all drawings over time share: the place, the time axis, the marks of what happened, the legend.
// They are SVG: quick to start, crisp at any size, and one picture with its last values to assistive technology.

import { faded, h, svg } from "./dom.js";
import { moment, timeTicks } from "./format.js";
import { attachHover } from "./hover.js";
import { colorOf } from "./looks.js";
import { marks } from "./state.js";

const CHARACTER = 6.8;
const hidden = new Map();

/** The element that is drawn into; a legend may stand behind it. */
export function plotOf(body) {
  let plot = body.querySelector(".plot");
  if (!plot) {
    plot = h("div", { class: "plot", role: "img", tabindex: 0 }, svg("svg"));
    body.replaceChildren(plot);
  }
  return plot;
}

/** The room for marks between the axes; the left one is as wide as its longest label, up to a share of the plot. */
export function boxOf(plot, labels, share = 0.4) {
  const [width, height] = [plot.clientWidth, plot.clientHeight];
  const wanted = Math.max(...labels.map((one) => one.length), 2) * CHARACTER + 20;
  const left = Math.round(Math.min(wanted, Math.max(48, width * share)));
  return { full: { width, height }, left, top: 8, width: Math.max(20, width - left - 12), height: Math.max(20, height - 32) };
}

export const timeScale = (box, view) => (at) => box.left + ((at - view.from) / (view.to - view.from)) * box.width;
export const label = (x, y, text, anchor) => svg("text", { x, y, "text-anchor": anchor }, text);
export const horizontal = (box, y) => svg("line", { class: "grid", x1: box.left, x2: box.left + box.width, y1: y, y2: y });

/** What is drawn between the axes alone: a first value may lie before the time axis begins. */
export function inside({ left, top, width, height }, parts) {
  const [x, y, wide, high] = [left, top - 2, width + 2, height + 4];
  return svg("svg", { x, y, width: wide, height: high, viewBox: `${x} ${y} ${wide} ${high}` }, ...parts);
}

/** A label at the left of a row, shortened to its room. */
export function rowLabel(box, y, text) {
  const room = Math.floor((box.left - 12) / CHARACTER);
  const shown = text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text;
  return svg("text", { x: box.left - 8, y: y + 4, "text-anchor": "end" }, shown, svg("title", {}, text));
}

export function timeAxis(box, view, x) {
  const bottom = box.top + box.height;
  return timeTicks(view.from, view.to, Math.max(2, Math.floor(box.width / 90))).flatMap(([at, text]) => [
    svg("line", { class: "grid", x1: x(at), x2: x(at), y1: box.top, y2: bottom }),
    label(Math.min(Math.max(x(at), box.left + 18), box.left + box.width - 16), bottom + 18, text, "middle"),
  ]);
}

/** Annotations: a dashed line with a foot where something happened, a band where it lasted. */
function annotations(box, view, x) {
  const [start, end] = [box.left, box.left + box.width];
  const bottom = box.top + box.height;
  return marks.filter((one) => one.from <= view.to && (one.to ?? one.from) >= view.from).flatMap((one) => {
    const color = colorOf(one.color);
    const from = Math.max(start, x(one.from));
    const to = one.to == null ? from : Math.min(end, x(one.to));
    const told = svg("title", {}, `${[one.name, one.title, one.text].filter(Boolean).join(": ")} (${moment(one.from)})`);
    const parts = [];
    if (to > from) parts.push(svg("rect", { x: from, y: box.top, width: to - from, height: box.height, fill: faded(color, 0.1) }));
    if (x(one.from) >= start) {
      parts.push(svg("line", { x1: from, x2: from, y1: box.top, y2: bottom, stroke: color, "stroke-dasharray": "3 3" }));
      parts.push(svg("path", { d: `M${from - 4} ${bottom + 6}h8l-4 -6z`, fill: color }));
    }
    return [svg("g", { class: "mark" }, told, ...parts)];
  });
}

/** Show the drawing, say it in words, and let it answer pointer and keys; `rows(place)` is the tooltip at a time. */
export function show(plot, box, { panel, view, x, behind, front, rows, last }) {
  const { width, height } = box.full;
  plot.querySelector("svg").replaceWith(svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    ...behind, ...timeAxis(box, view, x), ...front, ...annotations(box, view, x)));
  plot.setAttribute("aria-label", `${panel.title}; last values: ${last}`);
  attachHover(plot, { box, view, rows });
}

// The legend, whose entries hide and show their series.

export const hiddenOf = (panel) => hidden.get(panel.id) ?? hidden.set(panel.id, new Set()).get(panel.id);

/** Entries are `{key, title, color}`; `fixed` ones only explain. */
export function showLegend(body, panel, entries, { fixed = false } = {}) {
  const off = hiddenOf(panel);
  const old = body.querySelector(".legend");
  if (panel.options.legend?.showLegend === false) return old?.remove();
  const key = JSON.stringify([entries, [...off], document.documentElement.dataset.theme]);
  if (old?.dataset.key === key) return;
  const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.name : null;
  const legend = h("div", { class: "legend", "data-key": key }, ...entries.map(({ key: name, title, color, dashed }) => {
    const swatch = h("i", { class: dashed ? "dashed" : null, style: dashed ? { color } : { background: color } });
    if (fixed) return h("span", {}, swatch, title);
    return h("button", { type: "button", "data-name": name, "aria-pressed": String(!off.has(name)), on: { click: () => toggle(body, panel, name) } }, swatch, title);
  }));
  if (old) old.replaceWith(legend);
  else body.append(legend);
  if (focused != null) [...legend.children].find((one) => one.dataset.name === focused)?.focus();
}

function toggle(body, panel, name) {
  const off = hiddenOf(panel);
  if (!off.delete(name)) off.add(name);
  body.dispatchEvent(new CustomEvent("redraw", { bubbles: true, detail: panel.id }));
}
