// What a panel's JSON says about colours, units and thresholds.

import { themed } from "./dom.js";
import { options } from "./state.js";

const PALETTE = ["#6e9fff", "#ff9830", "#3fb68e", "#f2495c", "#b877d9", "#d6b400", "#3cb9cf", "#ff7fa5", "#93ad3c", "#c08b5c", "#8f9bb3", "#d0743c"];
const NAMED = new Set(["text", "green", "yellow", "orange", "red", "blue", "purple"]);

/** The property of a column's override, if it has one. */
export function override(panel, column, property) {
  const found = panel.fieldConfig.overrides.find((one) => one.matcher.options === column);
  return found?.properties.find((one) => one.id === property)?.value;
}

export const unitOf = (panel, column) => override(panel, column, "unit") ?? panel.fieldConfig.defaults.unit;
export const decimalsOf = (panel, column) => override(panel, column, "decimals") ?? (override(panel, column, "unit") ? undefined : panel.fieldConfig.defaults.decimals);

/** A colour as JSON names it, in the present theme. */
export const colorOf = (name) => (NAMED.has(name) ? themed(name) : name);

/** A series' colour: its own, else by its name, the same on every panel. */
export function seriesColor(panel, name, number) {
  const own = override(panel, name, "color");
  if (own) return colorOf(own.fixedColor);
  const listed = [...options.values()].find((values) => values.includes(name));
  return PALETTE[(listed ? listed.indexOf(name) : number) % PALETTE.length];
}

/** The colour name of the highest threshold that a value reaches. */
export function stepColor(value, steps) {
  let color = steps[0].color;
  for (const step of steps.slice(1)) if (value != null && value >= step.value) color = step.color;
  return color;
}

/** A series without a name of its own is called like its panel. */
export const seriesTitle = (panel, name) => (name === "value" ? panel.title : name);

/** The last value that there is. */
export const lastOf = (values) => values.findLast((value) => value != null);
