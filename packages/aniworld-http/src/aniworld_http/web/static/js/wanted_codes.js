// Missing episodes as the interface names them.

import { code } from "./texts.js";

/** `{"1": [2, 3]}` as `["S01E02", "S01E03"]`; films and specials come last. */
export function codesOf(missing) {
  const seasons = Object.entries(missing).sort(
    ([a], [b]) => (Number(a) || Infinity) - (Number(b) || Infinity),
  );
  return seasons.flatMap(([season, numbers]) => numbers.map((number) => code(season, number)));
}
