// Codes of missing episodes as the API uses them.

import { code } from "../texts.js";

/** Return the seasons with their sorted numbers; films and specials come last. */
export function seasonsOf(missing) {
  return Object.entries(missing).sort(
    ([a], [b]) => (Number(a) || Infinity) - (Number(b) || Infinity),
  );
}

/** Convert `{"1": [2, 3]}` to `["S01E02", "S01E03"]`. */
export function codesOf(missing) {
  return seasonsOf(missing).flatMap(([season, numbers]) =>
    numbers.map((number) => code(season, number)),
  );
}
