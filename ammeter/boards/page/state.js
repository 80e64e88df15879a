// What the page shows: the board, and the choices that its URL carries in Grafana's names.

export const boot = JSON.parse(document.getElementById("boot").textContent);
export const board = boot.board;

const asked = new URLSearchParams(location.search);

/** Range, variables, and the panel shown alone. */
export const state = {
  from: asked.get("from") || board.time.from,
  to: asked.get("to") || board.time.to,
  viewPanel: asked.get("viewPanel")?.replace("panel-", "") ?? null,
  theme: asked.get("theme"),
  kiosk: asked.has("kiosk"),
  variables: new Map(),
};
for (const name of asked.keys()) {
  if (name.startsWith("var-")) state.variables.set(name.slice(4), asked.getAll(name).filter((value) => value && value !== "$__all"));
}

/** Values and texts of the query variables, as the store lists them; filled by the live connection. */
export const options = new Map();

/** Annotations of the range; filled by the live connection. */
export const marks = [];

/** The variables that a viewer may choose. */
export const choices = board.templating.list.filter((one) => ["query", "custom", "textbox"].includes(one.type) && one.hide !== 2);

/** What the server must know to answer. */
export function dataQuery() {
  const query = new URLSearchParams({ from: state.from, to: state.to });
  for (const [name, values] of state.variables) values.forEach((value) => query.append(`var-${name}`, value));
  return query;
}

/** What the address bar shows. */
export function pageQuery() {
  const query = dataQuery();
  if (state.viewPanel) query.set("viewPanel", state.viewPanel);
  if (state.theme) query.set("theme", state.theme);
  if (state.kiosk) query.set("kiosk", "");
  return query;
}

/** Write the choices into the address bar; `push` makes a step that Back undoes. */
export function remember(push = false) {
  history[push ? "pushState" : "replaceState"]({}, "", `?${pageQuery()}`);
}
