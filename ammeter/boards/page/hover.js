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
    plot.addEventListener("pointerdown", (event) => { dragged = { plot, x: position(plot, event) }; });
    plot.addEventListener("pointerup", (event) => drop(plot, event));
  }
  charts.set(plot, drawing);
}

const position = (plot, event) => event.clientX - plot.getBoundingClientRect().left;
const timeAt = ({ box, view }, x) => view.from + ((x - box.left) / box.width) * (view.to - view.from);
const placeOf = ({ box, view }, at) => box.left + ((at - view.from) / (view.to - view.from)) * box.width;

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
  dragged = null;
  for (const plot of charts.keys()) for (const mark of plot.querySelectorAll(".cross, .drag")) mark.hidden = true;
}

function drop(plot, event) {
  const ends = dragged && [dragged.x, position(plot, event)].sort((a, b) => a - b);
  leave();
  if (ends && ends[1] - ends[0] >= SHORTEST_DRAG) choose(...ends.map((x) => Math.round(timeAt(charts.get(plot), x))));
}

function nearest(times, at) {
  const after = times.findIndex((time) => time >= at);
  if (after < 0) return times.length - 1;
  return after > 0 && at - times[after - 1] < times[after] - at ? after - 1 : after;
}

function showCross(at) {
  for (const [plot, drawing] of charts) {
    if (!plot.isConnected) {
      charts.delete(plot);
      continue;
    }
    const { box } = drawing;
    const x = placeOf(drawing, at);
    const cross = plot.querySelector(".cross");
    cross.hidden = x < box.left || x > box.left + box.width;
    Object.assign(cross.style, { left: `${x}px`, top: `${box.top}px`, height: `${box.height}px` });
  }
}

function showDrag(plot, from, to) {
  const { box } = charts.get(plot);
  const drag = plot.querySelector(".drag");
  drag.hidden = Math.abs(to - from) < SHORTEST_DRAG;
  Object.assign(drag.style, { left: `${Math.min(from, to)}px`, width: `${Math.abs(to - from)}px`, top: `${box.top}px`, height: `${box.height}px` });
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
