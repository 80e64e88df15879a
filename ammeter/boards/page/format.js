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
  if (Math.abs(value) >= 1000) return `${trimmed((value / 1000).toFixed(Math.abs(value) >= 10_000 ? 1 : 2))} s`;
  return `${Math.round(value)} ms`;
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
  if (unit === "currencyUSD") return `$${Math.abs(value) >= 1e4 ? short(value) : grouped(value, Number.isInteger(step) ? 0 : step < 0.01 ? 3 : 2)}`;
  if (value === 0) return "0";
  return ["bytes", "ms", "s", "percent"].includes(unit) ? format(value, unit, 0) : short(value);
}

const short = (value) => scaled(value, [[1e9, " Bil"], [1e6, " Mil"], [1e4, " K"]], 2);

const DURATION_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000,
];

/** Round values between `low` and `high`, about `count` of them; whole ones where only such are `counted`. */
export function roundTicks(low, high, count, unit, counted = false) {
  const raw = (high - low) / count;
  const second = { ms: 1000, s: 1 }[unit];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = (raw >= second && DURATION_STEPS.map((one) => one * second).find((one) => one >= raw))
    || Math.max(counted ? 1 : 0, [1, 2, ...(counted && power === 1 ? [] : [2.5]), 5, 10].map((factor) => factor * power).find((one) => one >= raw));
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) ticks.push(+value.toPrecision(12));
  return ticks;
}

const DAY = 86_400_000;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * 60_000);

/** Moments for a time axis, at most about `count`, and how each is written, in the viewer's time zone. */
export function timeTicks(from, to, count) {
  const wanted = (to - from) / count;
  const step = TIME_STEPS.find((one) => one >= wanted);
  const days = [1, 2, 3, 7, 14].find((one) => one * DAY >= wanted);
  const months = [1, 2, 3, 6, 12].find((one) => one * 30 * DAY >= wanted) ?? 12;
  const ticks = step ? clockTicks(from, to, step) : days ? dayTicks(from, to, days) : monthTicks(from, to, months);
  return ticks.filter(([at]) => at >= from && at <= to);
}

/** Hours and minutes; midnight is written as the day that begins. */
function clockTicks(from, to, step) {
  const zone = new Date(from).getTimezoneOffset() * 60_000;
  const first = Math.ceil((from - zone) / step) * step + zone;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, place) => first + place * step)
    .map((at) => [at, new Date(at).getHours() + new Date(at).getMinutes() === 0 ? day(at) : clock(at)]);
}

/** Every so many days; weeks begin on Monday. */
function dayTicks(from, to, days) {
  const begin = new Date(from);
  const passed = Math.round(Date.UTC(begin.getFullYear(), begin.getMonth(), begin.getDate()) / DAY) - 4;
  const first = begin.getDate() + ((days - (passed % days)) % days);
  return Array.from({ length: Math.ceil((to - from) / DAY / days) + 1 }, (_, place) =>
    new Date(begin.getFullYear(), begin.getMonth(), first + place * days).getTime()).map((at) => [at, day(at)]);
}

/** Every so many months; January is written as its year. */
function monthTicks(from, to, months) {
  const begin = new Date(from);
  const first = Math.ceil((begin.getFullYear() * 12 + begin.getMonth()) / months) * months;
  return Array.from({ length: Math.ceil((to - from) / DAY / 28 / months) + 1 }, (_, place) => new Date(2000, first + place * months - 24_000))
    .map((at) => [at.getTime(), at.getMonth() ? at.toLocaleDateString([], { month: "short" }) : String(at.getFullYear())]);
}

const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = (at) => new Date(at).toLocaleDateString([], { month: "short", day: "numeric" });

/** A moment in full, in the viewer's time zone. */
export function moment(at) {
  return new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}
