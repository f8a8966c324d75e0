// Posters: our own colours and initials, and above them the cover that our server keeps.

import { showCover } from "./covers.js";
import { make } from "./dom.js";

/**
 * A poster of a series; says nothing, since the name always stands beside it.
 *
 * @param {string} name its name.
 * @param {string|null} [cover] where our interface has its cover, as `coverOf…` say.
 */
export function tile(name, cover = null) {
  const node = make("div.tile", { "aria-hidden": "true" }, make("span", {}, initials(name)));
  node.style.setProperty("--hue", String(hue(name)));
  if (cover) showCover(node, cover);
  return node;
}

/** Where the cover of a series of the library is; `null` where its catalogue shows none. */
export function coverOfSeries({ key, cover_url }) {
  return cover_url ? `/api/anime/${encodeURIComponent(key)}/cover` : null;
}

/** Where the cover of something a catalogue just showed is. */
export function coverOfHit({ provider, key, cover_url }) {
  if (!cover_url) return null;
  return `/api/providers/${encodeURIComponent(provider)}/covers/${encodeURIComponent(key)}`;
}

function initials(name) {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? ["?"];
  const letters = words.length > 1 ? words[0][0] + words[1][0] : [...words[0]].slice(0, 2).join("");
  return letters.toUpperCase();
}

/** The same name always has the same colour. */
function hue(name) {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}
