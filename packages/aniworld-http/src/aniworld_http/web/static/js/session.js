// Who is signed in: the token, kept in this browser, and the way to the sign-in and back.

import { BASE, at, storageKey } from "./context.js";
import "../websocket_client.js";

/** Where the token is kept in this browser. */
const { TOKEN_KEY } = globalThis.io;
const RETURN_KEY = storageKey("aniworld.return");
const OPEN = ["/login", "/setup"];

export function token() {
  return localStorage.getItem(TOKEN_KEY);
}

/** Keep a new token. */
export function remember(value) {
  localStorage.setItem(TOKEN_KEY, value);
}

/** Forget the token; other tabs hear of it. */
export function forget() {
  localStorage.removeItem(TOKEN_KEY);
}

/** Go and sign in; afterwards this page comes back. */
export function leaveToSignIn() {
  forget();
  const path = location.pathname.slice(BASE.length);
  if (!OPEN.includes(path)) sessionStorage.setItem(RETURN_KEY, path + location.search);
  location.replace(at("/login"));
}

/** Go back to where the sign-in interrupted, which is always a page of ours. */
export function comeBack() {
  const kept = sessionStorage.getItem(RETURN_KEY) ?? "/";
  sessionStorage.removeItem(RETURN_KEY);
  const url = new URL(at(kept), location.origin);
  const isOurs = /^\/(?![/\\])/.test(kept) && url.origin === location.origin;
  location.replace(isOurs ? url.href : at("/"));
}

/** Make sure that somebody is signed in; false when on the way to the sign-in. */
export function requireToken() {
  addEventListener("storage", (event) => {
    if (event.key === TOKEN_KEY && !event.newValue) leaveToSignIn();
  });
  if (token()) return true;
  leaveToSignIn();
  return false;
}
