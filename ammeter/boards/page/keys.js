// What the keyboard does, and the page that says so.

import { h } from "./dom.js";
import { boot } from "./state.js";

const KEYS = [
  ["t", "dark or light"], ["[ ]", "earlier, later"], ["z", "a wider range"], ["v", "view the panel alone; Escape: all again"],
  ["e", "what the panel is about, and its SQL"], ["c", "save the panel as CSV"], ["k", "without the bar, for a screen on the wall"],
  ["← →", "in a chart: the figures at each time"], ["?", "this list"],
];

/** Answer keys; `actions` are by key, `panel()` gives the panel that has the focus or the pointer. */
export function listenToKeys(actions, panelOf) {
  addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, dialog, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key];
    if (!action) return;
    const place = document.activeElement.closest("section") ?? document.querySelector("section:hover");
    action(panelOf(place));
  });
}

/** Say which keys there are, and as whom one is logged in. */
export function showHelp() {
  const dialog = document.getElementById("dialog");
  dialog.replaceChildren(
    h("h2", { id: "dialog-title" }, "Keys"),
    h("dl", {}, ...KEYS.flatMap(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)])),
    h("p", {}, "The panel meant is the one with the focus, else the one under the pointer. Drag over a chart to choose a range."),
    h("p", { "data-testid": "user" }, `You look as: ${boot.user}.`),
    h("div", { class: "actions" }, h("button", { type: "button", autofocus: true, on: { click: () => dialog.close() } }, "Close")));
  dialog.showModal();
}
