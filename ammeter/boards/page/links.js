// Links with time and variables, in Grafana's words.

import { board, boot, choices, pageQuery, state } from "./state.js";

const PLACE = /\$\{(__data\.fields)(?:\.(\w+)|\[(?:"([^"]+)"|(\d+))\])(?::\w+)?\}|\$\{([\w.]+)(?::(\w+))?\}/g;

/** The links of a column or panel, each with its title and its address for this value; none that leads into a script. */
export function linksOf(links, context) {
  return (links ?? [])
    .map(({ title, url, targetBlank }) => ({ title, url: fill(url, context), blank: Boolean(targetBlank) }))
    .filter(({ url }) => /^https?:$/.test(new URL(url, location.href).protocol));
}

/** An address with its places filled; `context` has `value`, `text`, `time`, `series` and the row's `fields`. */
export function fill(url, context = {}) {
  return url.replace(PLACE, (all, data, field, quoted, number, name, form) => {
    if (data) return encodeURIComponent(number != null ? Object.values(context.fields ?? {})[number] : context.fields?.[field ?? quoted] ?? "");
    if (name === "__url_time_range") return timeRange();
    if (name === "__all_variables") return choices.map((one) => parameter(one.name)).filter(Boolean).join("&");
    if (name.startsWith("__value.")) return encodeURIComponent(context[{ raw: "value", numeric: "value", text: "text", time: "time" }[name.slice(8)]] ?? "");
    if (name === "__series.name" || name === "__field.name" || name.startsWith("__field.labels.")) return encodeURIComponent(context.series ?? "");
    if (name === "__from" || name === "__to") return encodeURIComponent(name === "__from" ? state.from : state.to);
    if (form === "queryparam") return parameter(name);
    return encodeURIComponent((state.variables.get(name) ?? []).join(","));
  });
}

const timeRange = () => new URLSearchParams({ from: state.from, to: state.to }).toString();

function parameter(name) {
  const values = state.variables.get(name) ?? [];
  const all = values.length ? values : [choices.find((one) => one.name === name)?.current?.value ?? "$__all"].flat();
  return new URLSearchParams(all.map((value) => [`var-${name}`, value])).toString();
}

/** Where another board opens: with the choices that it knows too, and the range unless it is this board's usual one, or of one thing. */
export function boardLink(uid) {
  const query = pageQuery();
  query.delete("viewPanel");
  const known = boot.boards.find((one) => one.uid === uid)?.variables ?? [];
  for (const name of [...query.keys()]) if (name.startsWith("var-") && !known.includes(name.slice(4))) query.delete(name);
  const isUsual = state.from === board.time.from && state.to === board.time.to;
  if (uid !== board.uid && (isUsual || boot.ofOne)) {
    query.delete("from");
    query.delete("to");
  }
  const text = query.toString();
  return text ? `/d/${uid}?${text}` : `/d/${uid}`;
}
