// The shared crosshair, the tooltip, and choosing a range by dragging.

import { h } from "./dom.js";
import { moment } from "./format.js";

const MOST_ROWS = 14;
const SHORTEST_DRAG = 8;
const charts = new Map();
const tip = h("div", { class: "tip", hidden: true });

let choose = () => {};
let dragged = null;

/** Say who is told of a range that somebody dragged over: `(from, to)` in milliseconds. */
export function onRange(told) {
  choose = told;
  document.body.append(tip);
}

/** Make a plot answer the pointer; called after each drawing with what is drawn now. */
export function attachHover(plot, drawing) {
  if (!charts.has(plot)) {
    plot.append(h("div", { class: "cross", hidden: true }), h("div", { class: "drag", hidden: true }));
    plot.addEventListener("pointermove", (event) => move(plot, event));
    plot.addEventListener("pointerleave", leave);
    plot.addEventListener("pointerdown", (event) => { dragged = { plot, x: event.offsetX }; });
    plot.addEventListener("pointerup", (event) => drop(plot, event));
  }
  charts.set(plot, drawing);
}

const inner = ({ margin, size }) => size.width - margin.l - margin.r;
const timeAt = (drawing, x) => drawing.view.from + ((x - drawing.margin.l) / inner(drawing)) * (drawing.view.to - drawing.view.from);
const placeOf = (drawing, at) => drawing.margin.l + ((at - drawing.view.from) / (drawing.view.to - drawing.view.from)) * inner(drawing);

function position(plot, event) {
  const box = plot.getBoundingClientRect();
  return event.clientX - box.left;
}

function move(plot, event) {
  const drawing = charts.get(plot);
  const x = position(plot, event);
  const { times } = drawing.view;
  const place = nearest(times, timeAt(drawing, x));
  showCross(times[place]);
  showTip(event, times[place], drawing.rows(place));
  if (dragged?.plot === plot) showDrag(plot, dragged.x, x);
}

function leave() {
  tip.hidden = true;
  for (const plot of charts.keys()) plot.querySelector(".cross").hidden = plot.querySelector(".drag").hidden = true;
  dragged = null;
}

function drop(plot, event) {
  const drawing = charts.get(plot);
  const ends = dragged && [dragged.x, position(plot, event)].sort((a, b) => a - b);
  leave();
  if (ends && ends[1] - ends[0] >= SHORTEST_DRAG) choose(...ends.map((x) => Math.round(timeAt(drawing, x))));
}

function nearest(times, at) {
  let low = 0;
  let high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle;
    else high = middle;
  }
  return Math.abs(times[low] - at) <= Math.abs(times[high] - at) ? low : high;
}

function showCross(at) {
  for (const [plot, drawing] of charts) {
    if (!plot.isConnected) { charts.delete(plot); continue; }
    const x = placeOf(drawing, at);
    const cross = plot.querySelector(".cross");
    cross.hidden = x < drawing.margin.l || x > drawing.size.width - drawing.margin.r;
    Object.assign(cross.style, { left: `${x}px`, top: `${drawing.margin.t}px`, height: `${drawing.size.height - drawing.margin.t - drawing.margin.b}px` });
  }
}

function showDrag(plot, from, to) {
  const { margin, size } = charts.get(plot);
  const drag = plot.querySelector(".drag");
  drag.hidden = Math.abs(to - from) < SHORTEST_DRAG;
  Object.assign(drag.style, { left: `${Math.min(from, to)}px`, width: `${Math.abs(to - from)}px`, top: `${margin.t}px`, height: `${size.height - margin.t - margin.b}px` });
}

function showTip(event, at, rows) {
  const some = rows.filter((row) => row.value != null).sort((a, b) => b.value - a.value);
  const rest = some.length - MOST_ROWS;
  tip.replaceChildren(
    h("div", { class: "tip-title" }, moment(at)),
    ...some.slice(0, MOST_ROWS).map((row) =>
      h("div", {}, h("span", {}, h("i", { style: { background: row.color } }), row.name), h("b", {}, row.text))),
    rest > 0 ? h("div", {}, `and ${rest} more`) : "",
  );
  tip.hidden = some.length === 0;
  const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
  const below = Math.min(event.clientY + 12, innerHeight - tip.offsetHeight - 8);
  Object.assign(tip.style, { left: `${right ? event.clientX - 16 - tip.offsetWidth : event.clientX + 16}px`, top: `${Math.max(8, below)}px` });
}
