// How figures and moments are written.

const grouped = (value, decimals) =>
  value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

function scaled(value, limits, decimals) {
  const [size, suffix] = limits.find(([limit]) => Math.abs(value) >= limit) ?? [1, ""];
  return trimmed((value / size).toFixed(size === 1 ? decimals : 1)) + suffix;
}

const UNITS = {
  percentunit: (value, decimals) => `${grouped(value * 100, decimals ?? 1)}%`,
  percent: (value, decimals) => `${grouped(value, decimals ?? 1)}%`,
  currencyUSD: (value, decimals) => `$${grouped(value, decimals ?? (Math.abs(value) < 100 ? 2 : 0))}`,
  bytes: (value) => scaled(value, [[2 ** 40, " TiB"], [2 ** 30, " GiB"], [2 ** 20, " MiB"], [2 ** 10, " KiB"]], 0) + (Math.abs(value) < 1024 ? " B" : ""),
  // Sweden's way is ISO's, which Grafana writes too.
  dateTimeAsLocal: (value) => new Date(value).toLocaleString("sv"),
  ms: milliseconds,
  s: (value) => milliseconds(value * 1000),
  short: plain,
};

function milliseconds(value) {
  if (Math.abs(value) >= 2 * 86_400_000) return `${trimmed((value / 86_400_000).toFixed(1))} d`;
  if (Math.abs(value) >= 3_600_000) return `${trimmed((value / 3_600_000).toFixed(1))} h`;
  if (Math.abs(value) >= 60_000) return `${trimmed((value / 60_000).toFixed(1))} min`;
  return Math.abs(value) >= 1000 ? `${trimmed((value / 1000).toFixed(2))} s` : `${Math.round(value)} ms`;
}

function plain(value, decimals) {
  const size = Math.abs(value);
  if (size >= 1e9) return scaled(value, [[1e9, " Bil"]], 1);
  if (size >= 1e6) return scaled(value, [[1e6, " Mil"]], 1);
  if (size >= 1e4) return scaled(value, [[1e3, " K"]], 1);
  return grouped(value, decimals ?? (Number.isInteger(value) ? 0 : size < 10 ? 2 : 1));
}

/** A figure in its unit; a dash for none. */
export function format(value, unit = "short", decimals = undefined) {
  if (value == null || Number.isNaN(value)) return "–";
  return (UNITS[unit] ?? plain)(value, decimals);
}

/** A figure on an axis: as short as tells it from its neighbours, which are `step` away. */
export function tick(value, unit, step = value) {
  if (unit === "percentunit") return `${trimmed((value * 100).toFixed(step < 0.001 ? 2 : 1))}%`;
  if (unit === "currencyUSD") return `$${Math.abs(value) >= 1e4 ? short(value) : trimmed(value.toFixed(2))}`;
  return ["bytes", "ms", "s", "percent"].includes(unit) ? format(value, unit, 0) : short(value);
}

const short = (value) => scaled(value, [[1e9, " Bil"], [1e6, " Mil"], [1e4, " K"]], 2);

/** Round values between `low` and `high`, about `count` of them. */
export function roundTicks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= raw);
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) ticks.push(+value.toPrecision(12));
  return ticks;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080].map((minutes) => minutes * 60_000);

/** Moments for a time axis and how each is written, in the viewer's time zone. */
export function timeTicks(from, to, count) {
  const step = TIME_STEPS.find((one) => one >= (to - from) / count) ?? TIME_STEPS.at(-1);
  const zone = new Date(from).getTimezoneOffset() * 60_000;
  const ticks = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at <= to; at += step) ticks.push(at);
  return ticks.map((at) => [at, step >= 1440 * 60_000 ? day(at) : clock(at)]);
}

const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = (at) => new Date(at).toLocaleDateString([], { month: "short", day: "numeric" });

/** A moment in full, in the viewer's time zone. */
export function moment(at) {
  return new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}
