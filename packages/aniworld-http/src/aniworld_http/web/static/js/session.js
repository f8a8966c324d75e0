// Session: the token in this browser, and redirects to and from the sign-in page.

import { BASE, at, storageKey } from "./context.js";
import "../websocket_client.js";

/** Key of the token in the browser's storage. */
const { TOKEN_KEY } = globalThis.io;
const RETURN_KEY = storageKey("aniworld.return");
const OPEN = ["/login", "/setup"];

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
export function leaveToSignIn() {
  forget();
  const path = location.pathname.slice(BASE.length);
  if (!OPEN.includes(path)) sessionStorage.setItem(RETURN_KEY, path + location.search);
  location.replace(at("/login"));
}

/** Return to the page that required the sign-in; only pages of this server are allowed. */
export function comeBack() {
  const kept = sessionStorage.getItem(RETURN_KEY) ?? "/";
  sessionStorage.removeItem(RETURN_KEY);
  const url = new URL(at(kept), location.origin);
  const isOurs = /^\/(?![/\\])/.test(kept) && url.origin === location.origin;
  location.replace(isOurs ? url.href : at("/"));
}

/** Check that the user is signed in; false while the sign-in page opens. */
export function requireToken() {
  addEventListener("storage", (event) => {
    if (event.key === TOKEN_KEY && !event.newValue) leaveToSignIn();
  });
  if (token()) return true;
  leaveToSignIn();
  return false;
}
