// Addresses of pages and endpoints, and values that the server put into the page.

const root = document.documentElement;

/** Prefix of all addresses, without a trailing slash. */
export const BASE = root.dataset.base;
/** Address of the static files of this version. */
export const STATIC = root.dataset.static;
export const LANGUAGE = root.lang;

/** Return a key for the browser's storage; instances on one host share it, so each has a prefix. */
export function storageKey(name) {
  return BASE ? `${name}:${BASE}` : name;
}

/** Return the address of a page or an endpoint. */
export function at(path) {
  return BASE + path;
}

/** Return the address of the page of a series. */
export function seriesPath(key) {
  return at(`/anime/${encodeURIComponent(key)}`);
}

/** Open a page of this server. */
export function go(path) {
  location.assign(at(path));
}
