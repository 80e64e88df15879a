// The shared crosshair, the tooltip, the arrow keys, and choosing a range by dragging.

import { h } from "./dom.js";
import { moment } from "./format.js";
import { colorOf } from "./looks.js";
import { marks } from "./state.js";

const MOST_ROWS = 14;
const SHORTEST_DRAG = 8;
const NEAR = 6;
const charts = new Map();
const tip = h("div", { class: "tip", hidden: true });

let choose = () => {};
let dragged = null;

/** Say who is told of a range that somebody dragged over: `(from, to)` in milliseconds. */
export function onRange(told) {
  choose = told;
  document.body.append(tip);
}

/** Make a plot answer pointer and keys; called after each drawing with what is drawn now. */
export function attachHover(plot, drawing) {
  if (!charts.has(plot)) {
    plot.append(h("div", { class: "cross", hidden: true }), h("div", { class: "drag", hidden: true }));
    plot.addEventListener("pointermove", (event) => move(plot, event));
    plot.addEventListener("pointerleave", leave);
    plot.addEventListener("blur", leave);
    plot.addEventListener("pointerdown", (event) => { dragged = { plot, x: position(plot, event) }; });
    plot.addEventListener("pointerup", (event) => drop(plot, event));
    plot.addEventListener("keydown", (event) => step(plot, event));
  }
  charts.set(plot, drawing);
}

const position = (plot, event) => event.clientX - plot.getBoundingClientRect().left;
const timeAt = ({ box, view }, x) => view.from + ((x - box.left) / box.width) * (view.to - view.from);
const placeOf = ({ box, view }, at) => box.left + ((at - view.from) / (view.to - view.from)) * box.width;

function move(plot, event) {
  const drawing = charts.get(plot);
  const x = position(plot, event);
  drawing.place = nearest(drawing.view.times, timeAt(drawing, x));
  showAt(plot, drawing, x, event);
  if (dragged?.plot === plot) showDrag(plot, dragged.x, x);
}

/** Left and right: the time before and after. */
function step(plot, event) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === "Escape") leave();
  if (!by) return;
  event.preventDefault();
  const drawing = charts.get(plot);
  const last = drawing.view.times.length - 1;
  drawing.place = Math.max(0, Math.min(last, (drawing.place ?? (by < 0 ? last + 1 : -1)) + by));
  const { left, top } = plot.getBoundingClientRect();
  const x = placeOf(drawing, drawing.view.times[drawing.place]);
  showAt(plot, drawing, x, { clientX: left + x, clientY: top + 20 });
}

function showAt(plot, drawing, x, at) {
  const time = drawing.view.times[drawing.place];
  showCross(time);
  const rate = (drawing.view.to - drawing.view.from) / drawing.box.width;
  const pointed = timeAt(drawing, x);
  const near = marks.filter((one) => Math.abs(one.from - pointed) < NEAR * rate || (one.to != null && one.from <= pointed && pointed <= one.to));
  showTip(at, time, drawing.rows(drawing.place), near);
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

function showTip(event, at, rows, near) {
  const figures = rows.filter((row) => row.value != null);
  const some = figures.every((row) => typeof row.value === "number") ? figures.sort((a, b) => b.value - a.value) : figures;
  const rest = some.length - MOST_ROWS;
  tip.replaceChildren(
    h("div", { class: "tip-title" }, moment(at)),
    ...some.slice(0, MOST_ROWS).map((row) =>
      h("div", { class: "tip-row" }, h("span", {}, h("i", { style: { background: row.color } }), row.name), h("b", {}, row.text))),
    rest > 0 ? h("div", {}, `and ${rest} more`) : "",
    ...near.slice(0, 3).map((one) =>
      h("div", { class: "tip-mark", style: { borderColor: colorOf(one.color) } }, h("b", {}, one.title || one.name), one.text && one.text !== one.title ? h("span", {}, one.text) : "")),
  );
  tip.hidden = some.length === 0 && near.length === 0;
  const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
  const left = right ? Math.max(8, event.clientX - 16 - tip.offsetWidth) : event.clientX + 16;
  const below = Math.min(event.clientY + 12, innerHeight - tip.offsetHeight - 8);
  Object.assign(tip.style, { left: `${left}px`, top: `${Math.max(8, below)}px` });
}
