// The page: lays the panels out, draws what changed when it is in sight, and keeps the choices.

import { buildHeader, showChoices, showLive, showStatus } from "./header.js";
import { onRange } from "./hover.js";
import { connect, listen, views } from "./live.js";
import { drawPanel, placeOf, showSql } from "./panels.js";
import { board, options, remember, state } from "./state.js";

const panels = board.panels;
const asking = new Map(panels.filter((panel) => panel.targets).map((panel) => [panel.id, panel]));
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
  waiting.add(id);
  draw();
}

/** Draw what waits and is in sight, in the order of the page, one panel a frame so that the page stays quick. */
async function draw() {
  if (drawing) return;
  drawing = true;
  for (let panel = next(); panel; panel = next()) {
    waiting.delete(panel.id);
    await new Promise(requestAnimationFrame);
    drawPanel(panel, views.get(panel.id));
  }
  drawing = false;
}

function next() {
  return [...asking.values()].find((panel) => waiting.has(panel.id) && inSight.has(panel.id) && views.has(panel.id));
}

function redrawAll() {
  for (const id of views.keys()) waiting.add(id);
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
  redrawAll();
}

function switchTheme() {
  state.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", state.theme);
  remember();
  setTheme(state.theme);
}

function chosen() {
  remember(true);
  showChoices();
  document.body.classList.add("stale");
  connect();
}

function keys(event) {
  if (event.target.closest("input, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const panel = panelAt(document.activeElement.closest("section") ?? document.querySelector("section:hover"));
  if (event.key === "t") switchTheme();
  else if (event.key === "e" && panel) showSql(panel);
  else if (event.key === "v" && panel) viewAlone(panel);
  else if (event.key === "Escape" && state.viewPanel) viewAlone(asking.get(Number(state.viewPanel)));
}

const preferred = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
document.documentElement.dataset.theme = state.theme ?? localStorage.getItem("theme") ?? preferred;
buildHeader({ changed: chosen, switchTheme });
lay();
if (asking.has(Number(state.viewPanel))) viewAlone(asking.get(Number(state.viewPanel)));
onRange((from, to) => {
  [state.from, state.to] = [String(from), String(to)];
  chosen();
});
listen({
  panel: changed,
  tick: (at) => {
    document.body.classList.remove("stale");
    showLive(true, new Date(at).toLocaleTimeString([], { hourCycle: "h23" }));
  },
  options: (values) => {
    for (const [name, list] of Object.entries(values)) options.set(name, list);
    showChoices();
    redrawAll();
  },
  status: showStatus,
  lost: () => showLive(false, "reconnecting"),
});
document.getElementById("grid").addEventListener("redraw", (event) => changed(event.detail));
addEventListener("keydown", keys);
addEventListener("popstate", () => location.reload());
connect();
