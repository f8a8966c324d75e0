// Poster tiles: a colour with initials, replaced by the cover from this server.

import { showCover } from "./covers.js";
import { make } from "./dom.js";

/**
 * Create the poster of a series; hidden from screen readers, because the name is beside it.
 *
 * @param {string} name its name.
 * @param {string|null} [cover] address of its cover, from one of the `coverOf…` functions.
 */
export function tile(name, cover = null) {
  const node = make("div.tile", { "aria-hidden": "true" }, make("span", {}, initials(name)));
  node.style.setProperty("--hue", String(hue(name)));
  if (cover) showCover(node, cover);
  return node;
}

/** Return the cover address of a series of the library; `null` if its catalogue has none. */
export function coverOfSeries({ key, cover_url }) {
  return cover_url ? `/api/anime/${encodeURIComponent(key)}/cover` : null;
}

/** Return the address of the banner of a series, which a metadata source may have. */
export function bannerOfSeries({ key }) {
  return `/api/anime/${encodeURIComponent(key)}/banner`;
}

/** Return the cover address of a search hit or browse list entry. */
export function coverOfHit({ provider, key, cover_url }) {
  if (!cover_url) return null;
  return `/api/providers/${encodeURIComponent(provider)}/covers/${encodeURIComponent(key)}`;
}

function initials(name) {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? ["?"];
  const letters = words.length > 1 ? words[0][0] + words[1][0] : [...words[0]].slice(0, 2).join("");
  return letters.toUpperCase();
}

/** Return the colour of a name; equal names have equal colours. */
function hue(name) {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}
