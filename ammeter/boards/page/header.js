// The bar at the top: boards, choices, range, theme, and whether what is shown is live.

import { h } from "./dom.js";
import { boardLink } from "./links.js";
import { pickers, showPicked } from "./pickers.js";
import { rangePicker, showRange } from "./ranges.js";

/** Put the choices into the bar; `changed` is called after each, `switchTheme` and `showHelp` by their buttons. */
export function buildHeader({ changed, switchTheme, showHelp }) {
  document.getElementById("bar").append(
    h("div", { class: "tools" },
      ...pickers(changed),
      h("span", { class: "space" }),
      h("span", { class: "live off", id: "live", "data-testid": "live" }, h("i"), h("span", {}, "connecting")),
      h("span", { class: "group" }, ...rangePicker(changed)),
      h("button", { type: "button", "aria-label": "Switch between dark and light", title: "Dark or light (t)", "data-testid": "theme", on: { click: switchTheme } }, "◐"),
      h("button", { type: "button", "aria-label": "Keys, and who is logged in", title: "Keys (?)", "data-testid": "help", on: { click: showHelp } }, "?")),
  );
  showChoices();
  document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

/** Bring all pickers and links in line with what is chosen. */
export function showChoices() {
  showPicked();
  showRange();
  for (const link of document.querySelectorAll("nav a")) link.href = boardLink(link.dataset.board);
}

/** Whether the figures follow the store, and since when they are as they are. */
export function showLive(connected, text) {
  const live = document.getElementById("live");
  live.classList.toggle("off", !connected);
  live.lastChild.textContent = text;
  live.title = connected ? "Live; the time of the last change" : "Not connected: the figures may be old";
}

/** What the stack says of itself, and whether its store answers. */
export function showStatus({ phase = "", text = "", store = "" }) {
  const banner = document.getElementById("banner");
  banner.hidden = !text && !store;
  banner.dataset.phase = store ? "away" : phase;
  banner.replaceChildren(...(store ? [h("b", {}, "Store away"), " ", store] : [...(phase ? [h("b", {}, phase), " "] : []), text]));
  document.body.classList.toggle("away", Boolean(store));
}
