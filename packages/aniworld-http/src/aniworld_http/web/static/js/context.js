// Addresses of pages and endpoints, and values that the server put into the page.

const root = document.documentElement;

/** Prefix of all addresses, without a trailing slash. */
export const BASE = root.dataset.base;
/** Address of the static files of this version. */
export const STATIC = root.dataset.static;
export const LANGUAGE = root.lang;

/** Milliseconds that the clock of the server is ahead of the clock of this device. */
let ahead = 0;
/** Smaller differences are the time of the answer and the whole seconds of its header. */
const NOTICED = 5000;

/** Learn the time of the server from the `Date` header of an answer (RFC 9110 section 6.6.1). */
export function noteServerTime(header) {
  const difference = Date.parse(header) - Date.now();
  if (!Number.isNaN(difference)) ahead = Math.abs(difference) < NOTICED ? 0 : difference;
}

/** Return the present moment by the clock of the server, with which its times are compared. */
export function now() {
  return new Date(Date.now() + ahead);
}

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
