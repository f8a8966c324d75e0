// Session: the token in this browser, its end, and redirects to and from the sign-in page.

import { BASE, at, storageKey } from "./context.js";
import "../websocket_client.js";

/** Key of the token in the browser's storage. */
const { TOKEN_KEY } = globalThis.io;
const RETURN_KEY = storageKey("aniworld.return");
/** Set while the sign-in page has to say that a session ended. */
const ENDED_KEY = storageKey("aniworld.ended");
const OPEN = ["/login", "/setup"];

let signInHere = () => null;
let again = null;

export function token() {
  return localStorage.getItem(TOKEN_KEY);
}

/** Store a new token. */
export function remember(value) {
  localStorage.setItem(TOKEN_KEY, value);
}

/** Delete the token; other tabs get a storage event. */
export function forget() {
  localStorage.removeItem(TOKEN_KEY);
}

/** Open the sign-in page; it returns to this page afterwards. */
export function leaveToSignIn({ ended = false } = {}) {
  forget();
  const path = location.pathname.slice(BASE.length);
  if (!OPEN.includes(path)) sessionStorage.setItem(RETURN_KEY, path + location.search);
  if (ended) sessionStorage.setItem(ENDED_KEY, "1");
  location.replace(at("/login"));
}

/**
 * Set how to sign in on the page itself.
 *
 * @param {() => Promise<void>|null} action opens a dialog if the page has input to keep; `null` if
 *   it has none. The promise ends when a token is stored.
 */
export function onSessionEnd(action) {
  signInHere = action;
}

/**
 * Sign in again after the server refused the token: on this page if it has input to keep, otherwise
 * on the sign-in page.
 *
 * @returns {Promise<boolean>} whether there is a new token; false while the sign-in page opens.
 */
export async function endSession() {
  forget();
  again ??= signInHere()?.finally(() => (again = null)) ?? null;
  if (!again) {
    leaveToSignIn({ ended: true });
    return false;
  }
  await again;
  return true;
}

/** Return whether a session ended before the sign-in page opened; only the first call says so. */
export function hasEnded() {
  const ended = sessionStorage.getItem(ENDED_KEY) !== null;
  sessionStorage.removeItem(ENDED_KEY);
  return ended;
}

/** Return to the page that required the sign-in; only pages of this server are allowed. */
export function comeBack() {
  const kept = sessionStorage.getItem(RETURN_KEY) ?? "/";
  sessionStorage.removeItem(RETURN_KEY);
  sessionStorage.removeItem(ENDED_KEY);
  const url = new URL(at(kept), location.origin);
  const isOurs = /^\/(?![/\\])/.test(kept) && url.origin === location.origin;
  location.replace(isOurs ? url.href : at("/"));
}

/** Check that the user is signed in; false while the sign-in page opens. */
export function requireToken() {
  addEventListener("storage", (event) => {
    if (event.key === TOKEN_KEY && !event.newValue) endSession();
  });
  if (token()) return true;
  leaveToSignIn();
  return false;
}
