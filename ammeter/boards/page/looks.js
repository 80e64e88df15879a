// What a panel's JSON says about names, colours, units, thresholds and mappings.

import { themed } from "./dom.js";
import { format } from "./format.js";

const PALETTE = ["#6e9fff", "#ff9830", "#3fb68e", "#f2495c", "#b877d9", "#d6b400", "#3cb9cf", "#ff7fa5", "#93ad3c", "#c08b5c", "#8f9bb3", "#d0743c"];
const NAMED = new Set(["text", "green", "yellow", "orange", "red", "blue", "purple"]);

/** The property of a column's override, if it has one. */
export function override(panel, column, property) {
  const found = panel.fieldConfig.overrides.find(({ matcher }) =>
    matcher.id === "byRegexp" ? new RegExp(matcher.options.replace(/^\/|\/$/g, "")).test(column) : matcher.options === column);
  return found?.properties.find((one) => one.id === property)?.value;
}

/** What a column's own override says, else the panel's default; `custom.x` is a look that only its kind has. */
export function look(panel, column, property) {
  const own = override(panel, column, property);
  if (own !== undefined) return own;
  return property.split(".").reduce((found, part) => found?.[part], panel.fieldConfig.defaults);
}

/** Digits after the point: a column with a unit of its own has not those of the panel. */
export const decimalsOf = (panel, column) =>
  override(panel, column, "decimals") ?? (override(panel, column, "unit") ? undefined : panel.fieldConfig.defaults.decimals);

/** A value as people read it: its name where it has one, else in its unit. */
export function textOf(panel, column, value, type = "number", decimals = decimalsOf(panel, column)) {
  const word = wordOf(panel, column, value);
  if (word?.text) return word.text;
  if (type === "string") return value ?? "–";
  return format(value, type === "time" ? "dateTimeAsLocal" : look(panel, column, "unit"), decimals);
}

function wordOf(panel, column, value) {
  for (const { type, options } of look(panel, column, "mappings") ?? []) {
    if (type === "value" && value != null && options[value]) return options[value];
    if (type === "range" && value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity)) return options.result;
    if (type === "special" && value == null && options.match === "null") return options.result;
  }
  return null;
}

/** The colour that a value has by its name or by the column's thresholds; null where it has none of its own. */
export function valueColor(panel, column, value) {
  const word = wordOf(panel, column, value);
  if (word?.color) return colorOf(word.color);
  const steps = look(panel, column, "thresholds")?.steps ?? [];
  return typeof value === "number" && steps.length > 1 ? colorOf(stepColor(value, steps)) : null;
}

/** A colour as JSON names it, in the present theme. */
export const colorOf = (name) => (NAMED.has(name) ? themed(name) : name);

/** A series' colour: its own, the panel's, or by its place. */
export function seriesColor(panel, name, number) {
  const own = override(panel, name, "color") ?? panel.fieldConfig.defaults.color;
  return own?.mode === "fixed" ? colorOf(own.fixedColor) : PALETTE[number % PALETTE.length];
}

/** The colour name of the highest threshold that a value reaches. */
function stepColor(value, steps) {
  let color = steps[0].color;
  for (const step of steps.slice(1)) if (value >= step.value) color = step.color;
  return color;
}

/** A series without a name of its own is called like its panel. */
export const seriesTitle = (panel, name) => override(panel, name, "displayName") ?? (name === "value" ? panel.title : name);

/** The last value that there is. */
export const lastOf = (values) => values.findLast((value) => value != null);
