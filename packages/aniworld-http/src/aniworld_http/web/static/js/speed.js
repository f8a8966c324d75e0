// How fast downloads were in the last minutes: kept while one walks through the pages.

import { socket } from "./live.js";
import { storageKey } from "./context.js";

const KEY = storageKey("aniworld.speed");
const EVERY = 2000;
/** How many readings are kept: five minutes. */
export const READINGS = 150;

const current = new Map();
const listeners = new Set();

socket.on("download_progress", (data) => current.set(data.download_id, data.speed_mbps));
for (const end of ["download_complete", "download_failed"]) {
  socket.on(end, (data) => current.delete(data.download_id));
}
socket.on("queue_status", (data) => {
  const active = new Map(data.active_downloads.map((item) => [item.id, item]));
  for (const id of current.keys()) if (!active.has(id) || data.is_paused) current.delete(id);
});

/** All active downloads together, now. */
export function total() {
  let sum = 0;
  for (const mbps of current.values()) sum += mbps;
  return sum;
}

/** The readings, oldest first: `[milliseconds, megabits per second]`. */
export function readings() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    const since = Date.now() - READINGS * EVERY;
    return kept.filter(([at]) => at >= since);
  } catch {
    return [];
  }
}

/** Call something with every new reading. */
export function onReading(action) {
  listeners.add(action);
}

setInterval(() => {
  const all = [...readings(), [Date.now(), Math.round(total() * 100) / 100]].slice(-READINGS);
  sessionStorage.setItem(KEY, JSON.stringify(all));
  for (const action of listeners) action(all);
}, EVERY);
