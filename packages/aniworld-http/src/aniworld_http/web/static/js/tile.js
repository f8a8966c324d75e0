// Posters: our own colours and initials, and above them the cover that our server keeps.

import { make } from "./dom.js";

/** A poster of a series; says nothing, since the name always stands beside it. */
export function tile(name) {
  const node = make("div.tile", { "aria-hidden": "true" }, make("span", {}, initials(name)));
  node.style.setProperty("--hue", String(hue(name)));
  return node;
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
