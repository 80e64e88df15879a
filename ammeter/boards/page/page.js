// The page: lays the panels out, draws what changed when it is in sight, and keeps the choices.

import { buildHeader, showChoices, showLive, showStatus } from "./header.js";
import { onRange } from "./hover.js";
import { listenToKeys, showHelp } from "./keys.js";
import { connect, listen, views } from "./live.js";
import { drawPanel, placeOf, showSql } from "./panels.js";
import { move, rangeShown, widen } from "./ranges.js";
import { board, remember, state } from "./state.js";

const panels = board.panels;
const asking = new Map(panels.filter((panel) => panel.targets).map((panel) => [panel.id, panel]));
const TIMED = new Set(["timeseries", "heatmap", "state-timeline"]);
const inSight = new Set();
const waiting = new Set();
const elementOf = (panel) => document.getElementById(`panel-${panel.id}`);
const panelAt = (element) => asking.get(Number(element?.id.replace("panel-", "")));

let drawing = false;

function lay() {
  document.getElementById("grid").append(...panels.map((panel) => placeOf(panel, { alone: viewAlone })));
  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const panel = panelAt(entry.target);
      if (entry.isIntersecting) inSight.add(panel.id);
      else inSight.delete(panel.id);
    }
    draw();
  }, { rootMargin: "300px" });
  const size = new ResizeObserver((entries) => {
    for (const { target } of entries) redrawResized(target);
  });
  for (const panel of asking.values()) {
    sight.observe(elementOf(panel));
    size.observe(elementOf(panel));
  }
}

function redrawResized(element) {
  const now = `${element.clientWidth}x${element.clientHeight}`;
  if (element.dataset.size && element.dataset.size !== now) changed(panelAt(element).id);
  element.dataset.size = now;
}

function changed(id) {
  const view = views.get(id);
  if (view && !view.fitted && TIMED.has(asking.get(id).type)) rangeShown(view.from, view.to);
  waiting.add(id);
  draw();
}

/** Draw what waits and is in sight, in the order of the page, as many panels a frame as leave the page quick. */
async function draw() {
  if (drawing) return;
  drawing = true;
  while (next()) {
    await new Promise(requestAnimationFrame);
    const began = performance.now();
    for (let panel = next(); panel && performance.now() - began < 12; panel = next()) {
      waiting.delete(panel.id);
      drawPanel(panel, views.get(panel.id));
    }
  }
  drawing = false;
}

function next() {
  return [...asking.values()].find((panel) => waiting.has(panel.id) && inSight.has(panel.id) && views.has(panel.id));
}

function redraw(which = () => true) {
  for (const id of views.keys()) if (which(asking.get(id))) waiting.add(id);
  draw();
}

function viewAlone(panel) {
  const element = elementOf(panel);
  const alone = !element.classList.contains("alone");
  document.querySelectorAll("section.alone").forEach((one) => one.classList.remove("alone"));
  element.classList.toggle("alone", alone);
  document.body.classList.toggle("one-alone", alone);
  state.viewPanel = alone ? String(panel.id) : null;
  remember();
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  redraw();
}

function switchTheme() {
  state.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", state.theme);
  remember();
  setTheme(state.theme);
}

function switchBar() {
  state.kiosk = !state.kiosk;
  document.body.classList.toggle("kiosk", state.kiosk);
  remember();
}

function chosen() {
  remember(true);
  showChoices();
  document.body.classList.add("stale");
  connect();
}

function setRange(from, to) {
  [state.from, state.to] = [from, to];
  chosen();
}

matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => setTheme(preferredTheme()));
document.body.classList.toggle("kiosk", state.kiosk);
buildHeader({ changed: chosen, switchTheme, showHelp });
lay();
if (asking.has(Number(state.viewPanel))) viewAlone(asking.get(Number(state.viewPanel)));
onRange((from, to) => setRange(String(from), String(to)));
listen({
  panel: changed,
  tick: (at) => {
    document.body.classList.remove("stale");
    showLive(true, new Date(at).toLocaleTimeString([], { hourCycle: "h23" }));
  },
  options: showChoices,
  chosen: (values) => {
    for (const [name, list] of Object.entries(values)) state.variables.set(name, list);
    remember();
    showChoices();
  },
  marks: () => redraw(({ type }) => TIMED.has(type)),
  status: showStatus,
  open: () => showLive(true, "live"),
  lost: () => showLive(false, "reconnecting"),
});
listenToKeys({
  t: switchTheme, k: switchBar, "?": showHelp, z: () => widen(setRange), "[": () => move(setRange, -1), "]": () => move(setRange, 1),
  e: (panel) => panel && showSql(panel),
  c: (panel) => panel && elementOf(panel).querySelector(`[data-testid=csv-${panel.id}]`).click(),
  v: (panel) => panel && viewAlone(panel),
  Escape: () => (state.viewPanel ? viewAlone(asking.get(Number(state.viewPanel))) : state.kiosk && switchBar()),
}, panelAt);
document.getElementById("grid").addEventListener("redraw", (event) => changed(event.detail));
addEventListener("popstate", () => location.reload());
connect();
