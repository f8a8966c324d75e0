// Download speed of the last minutes, kept across page changes.

import { socket } from "./live.js";
import { storageKey } from "./context.js";
import { movingSpeed } from "./lists/progress.js";
import { roundedSpeed } from "./texts.js";

const KEY = storageKey("aniworld.speed");
const EVERY = 2000;
/** Number of stored values: five minutes. */
export const READINGS = 150;

const current = new Map();
const listeners = new Set();

socket.on("download_progress", (data) => current.set(data.download_id, movingSpeed(data)));
for (const end of ["download_complete", "download_failed"]) {
  socket.on(end, (data) => current.delete(data.download_id));
}
socket.on("queue_status", (data) => {
  const active = new Set(data.active_downloads.map(({ id }) => id));
  for (const id of current.keys()) if (!active.has(id) || data.is_paused) current.delete(id);
  const unheard = data.is_paused ? [] : data.active_downloads.filter(({ id }) => !current.has(id));
  for (const { id, progress } of unheard) current.set(id, movingSpeed(progress));
});

/** Take over the speeds of the active downloads, before their first messages. */
export function seed(items, isPaused) {
  current.clear();
  if (isPaused) return;
  for (const { id, progress } of items) current.set(id, movingSpeed(progress));
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
