// Download speed of the last minutes, kept across page changes.

import { socket } from "./live.js";
import { storageKey } from "./context.js";
import { roundedSpeed } from "./texts.js";

const KEY = storageKey("aniworld.speed");
const EVERY = 2000;
/** Number of stored values: five minutes. */
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

/** Take over the speeds of the active downloads, before their first messages. */
export function seed(items, isPaused) {
  current.clear();
  if (isPaused) return;
  for (const { id, progress } of items) current.set(id, progress.speed_mbps);
}

/** Return the current speed of all active downloads: the sum of the speeds as they are shown. */
export function total() {
  let sum = 0;
  for (const mbps of current.values()) sum += roundedSpeed(mbps);
  return sum;
}

/** Return the values, oldest first: `[milliseconds, megabits per second]`. */
export function readings() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    const since = Date.now() - READINGS * EVERY;
    return kept.filter(([at]) => at >= since);
  } catch {
    return [];
  }
}

/** Call a function with every new value. */
export function onReading(action) {
  listeners.add(action);
}

setInterval(() => {
  const all = [...readings(), [Date.now(), Math.round(total() * 100) / 100]].slice(-READINGS);
  sessionStorage.setItem(KEY, JSON.stringify(all));
  for (const action of listeners) action(all);
}, EVERY);
