// Where the pages live, and what the server said about them.

const root = document.documentElement;

/** Prefix of all addresses, without a slash at its end. */
export const BASE = root.dataset.base;
/** Where static files of this version are. */
export const STATIC = root.dataset.static;
export const LANGUAGE = root.lang;

/** A name in the browser's storage, which all instances on one host share: each has its own. */
export function storageKey(name) {
  return BASE ? `${name}:${BASE}` : name;
}

/** The address of a page or an endpoint. */
export function at(path) {
  return BASE + path;
}

/** The page of a series. */
export function seriesPath(key) {
  return at(`/anime/${encodeURIComponent(key)}`);
}

/** Go to a page of ours. */
export function go(path) {
  location.assign(at(path));
}
