// Missing episodes as the interface names them.

import { code } from "./texts.js";

/** Seasons with their numbers in order; films and specials come last. */
export function seasonsOf(missing) {
  return Object.entries(missing).sort(
    ([a], [b]) => (Number(a) || Infinity) - (Number(b) || Infinity),
  );
}

/** `{"1": [2, 3]}` as `["S01E02", "S01E03"]`. */
export function codesOf(missing) {
  return seasonsOf(missing).flatMap(([season, numbers]) =>
    numbers.map((number) => code(season, number)),
  );
}
