// The live connection: views that changed come in, whole or as what is new in them.

import { board, boot, dataQuery, marks, options } from "./state.js";

const LONGEST_PAUSE = 8000;

/** The last view of each panel, by id. */
export const views = new Map();

let socket;
let failures = 0;
let handlers = {};

/** Say who is told: `panel(id)`, `tick(at)`, `options()`, `chosen(values)`, `marks()`, `status(status)`, `open()`, `lost()`. */
export function listen(told) {
  handlers = told;
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : socket ?? connect()));
}

/** Connect anew, with the choices of this moment. */
export function connect() {
  const isFirst = socket === undefined;
  disconnect();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const query = dataQuery();
  // What the page came with was asked ahead; later choices want the store as it is then.
  if (isFirst) query.set("version", boot.version);
  const opened = new WebSocket(`${scheme}://${location.host}/api/boards/${board.uid}/live?${query}`);
  socket = opened;
  opened.onopen = () => handlers.open();
  opened.onmessage = (event) => receive(JSON.parse(event.data));
  opened.onclose = () => {
    if (socket !== opened) return;
    socket = null;
    handlers.lost();
    setTimeout(() => socket || document.hidden || connect(), Math.min(LONGEST_PAUSE, 500 * 2 ** failures++));
  };
}

function disconnect() {
  const old = socket;
  socket = null;
  // One that is closed before it is open makes the browser complain.
  if (old?.readyState === WebSocket.CONNECTING) old.onopen = () => old.close();
  else old?.close();
}

function receive(message) {
  if (message.panel) {
    views.set(message.panel.id, whole(message.panel));
    handlers.panel(message.panel.id);
  } else if (message.tick) {
    failures = 0;
    handlers.tick(message.tick.at);
  } else if (message.options) {
    for (const [name, list] of Object.entries(message.options)) options.set(name, list);
    handlers.options();
  } else if (message.chosen) {
    handlers.chosen(message.chosen);
  } else if (message.marks) {
    marks.splice(0, marks.length, ...message.marks);
    handlers.marks();
  } else if (message.status) {
    handlers.status(message.status);
  }
}

/** A view as it is after a change: points dropped at the front, some kept, the new ones behind them. */
function whole(change) {
  if (!("drop" in change)) return change;
  const old = views.get(change.id);
  const kept = (values) => values.slice(change.drop, change.drop + change.keep);
  return {
    id: change.id, from: change.from, to: change.to, fitted: change.fitted, names: old.names,
    times: kept(old.times).concat(change.times),
    series: change.series.map((tail, number) => kept(old.series[number]).concat(tail)),
  };
}
