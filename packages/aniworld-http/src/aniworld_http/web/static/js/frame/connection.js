// Banners about the connection: none for some seconds, a slow server, a server of another version.

import { STATIC, at, now } from "../context.js";
import { button, by, make } from "../dom.js";
import { t, timeOfDay } from "../texts.js";

/** Milliseconds without a connection until the banner appears. */
const PATIENCE = 5000;
/** Milliseconds until a request is slow enough to ask whether the server answers at all. With the time
 * for that answer, the banner comes after as long as that of a lost connection. */
const SLOW = 2000;
/** Milliseconds that the server has for the answer to that. */
const PROBE = 3000;
const BETWEEN = { first: 1000, most: 10_000 };

const returns = new Set();
let lost = null;
let isProbing = false;

/** Show a notice above the page, or remove it when there is no text. */
export function notice(name, text, { bad = false, action = null } = {}) {
  const box = by("notices");
  const present = box?.querySelector(`[data-notice="${name}"]`);
  // An unchanged notice is not announced again.
  if (!box || (present?.firstElementChild.textContent ?? "") === text) return;
  present?.remove();
  if (text) {
    const kind = bad ? "p.notice.bad" : "p.notice";
    box.append(make(kind, { "data-notice": name }, make("span", {}, text), action));
  }
  document.documentElement.style.setProperty("--notices", `${box.offsetHeight}px`);
}

/** Call a function when the server answers again. */
export function onServerBack(action) {
  returns.add(action);
}

/** Note that the connection is gone; `stopping` if the server said so before. */
export function noteOffline({ stopping = false } = {}) {
  if (lost) {
    lost.stopping ||= stopping;
    return;
  }
  lost = { since: now(), stopping, timer: setTimeout(showLost, PATIENCE) };
  notice("slow", "");
  tryAgain(BETWEEN.first);
}

/** Note that the server answers. */
export function noteOnline() {
  if (!lost) return;
  clearTimeout(lost.timer);
  clearTimeout(lost.retry);
  lost = null;
  notice("lost", "");
  for (const action of returns) action();
  offerReload();
}

function showLost() {
  const again = button(t("connection.try"), { kind: "small", onclick: () => probeLost(BETWEEN.first) });
  const name = lost.stopping ? "connection.stopped" : "connection.lost";
  notice("lost", t(name, { time: timeOfDay(lost.since) }), { bad: true, action: again });
}

function tryAgain(delay) {
  lost.retry = setTimeout(() => probeLost(delay), delay);
}

async function probeLost(delay) {
  const answers = await doesAnswer();
  if (answers) noteOnline();
  else if (lost) {
    clearTimeout(lost.retry);
    tryAgain(Math.min(delay * 2, BETWEEN.most));
  }
}

/** Return whether the server answers, whatever its state. */
async function doesAnswer(milliseconds = PROBE) {
  try {
    const options = { cache: "no-store", signal: AbortSignal.timeout(milliseconds) };
    return (await fetch(at("/health/live"), options)).ok;
  } catch {
    return false;
  }
}

/** Wait for a request; if it takes long, find out whether the whole server is slow. */
export async function watched(request) {
  const timer = setTimeout(checkServer, SLOW);
  try {
    return await request;
  } finally {
    clearTimeout(timer);
  }
}

/** Show a banner while the server does not answer. */
export async function checkServer() {
  if (isProbing || lost) return;
  isProbing = true;
  const since = now();
  try {
    while (!lost && !(await doesAnswer())) {
      notice("slow", t("connection.slow", { time: timeOfDay(since) }));
      await new Promise((next) => setTimeout(next, BETWEEN.first));
    }
  } finally {
    isProbing = false;
    notice("slow", "");
  }
}

/** Offer to reload the page if the server no longer has the files of this version. */
export async function offerReload() {
  try {
    const file = await fetch(`${STATIC}/js/context.js`, { method: "HEAD", cache: "no-store" });
    if (file.status !== 404) return;
    const { version } = await (await fetch(at("/health"), { cache: "no-store" })).json();
    const reload = button(t("connection.reload"), { kind: "small primary", onclick: () => location.reload() });
    notice("updated", t("connection.updated", { version }), { action: reload });
  } catch {
    noteOffline();
  }
}
