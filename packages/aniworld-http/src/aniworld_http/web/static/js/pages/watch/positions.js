// Positions of episodes in this browser.

import { storageKey } from "../../context.js";

const NAME = storageKey("aniworld.positions");
/** Episodes whose position is kept; the oldest ones are dropped. */
const MOST = 500;
/** Seconds at the start and the end of an episode that are no position to return to. */
const MARGIN = 15;

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => Array.isArray(each) && each.length === 2) : [];
  } catch {
    return [];
  }
}

/** Return the seconds at which the episode was left; `null` if it was not. */
export function knownPosition(key, code) {
  const found = read().find(([name]) => name === `${key}/${code}`);
  return found && Number.isFinite(found[1]) ? found[1] : null;
}

/** Keep the position of an episode; forget it near the start and the end. */
export function keepPosition(key, code, seconds, all) {
  const name = `${key}/${code}`;
  const others = read().filter(([other]) => other !== name);
  const isBetween = seconds > MARGIN && seconds < all - MARGIN;
  const kept = isBetween ? [[name, Math.floor(seconds)], ...others] : others;
  try {
    localStorage.setItem(NAME, JSON.stringify(kept.slice(0, MOST)));
  } catch {
    // The storage of the browser is full or forbidden; the episode starts at its beginning.
  }
}
