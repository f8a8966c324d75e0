// The WebSocket of the page, and the banner that shows when its data is outdated.

import "../websocket_client.js";
import { by, say } from "./dom.js";
import { leaveToSignIn } from "./session.js";
import { at } from "./context.js";
import { t, timeOfDay } from "./texts.js";

const url = new URL(at("/ws/connect"), location.href);
url.protocol = url.protocol === "https:" ? "wss:" : "ws:";

/** The connection; pages add their handlers and join their rooms. */
export const socket = globalThis.io(url.href);

const PATIENCE = 1500;
let lastHeard = new Date();
let wasOffline = false;
let announce = null;
const returns = new Set();

/** Call a function after a reconnection, because messages were missed meanwhile. */
export function onReturn(action) {
  returns.add(action);
}

/** Call a function after series were added or removed, by any page or program. */
export function onLibraryChange(action) {
  let known = null;
  socket.on("queue_status", ({ library_changes: changes }) => {
    if (known !== null && known !== changes) action();
    known = changes;
  });
}

socket.on("*", () => {
  lastHeard = new Date();
});

socket.on("server_shutdown", () => show("offline", t("live.stopping")));

socket.on("state", (state) => {
  clearTimeout(announce);
  if (state === "denied") leaveToSignIn();
  if (state === "online") {
    show("live", t("live.online"));
    if (wasOffline) for (const action of returns) action();
    wasOffline = false;
  }
  if (state === "offline") {
    wasOffline = true;
    // A short interruption shows no banner.
    const text = t("live.offline", { time: timeOfDay(lastHeard) });
    announce = setTimeout(() => show("offline", text), PATIENCE);
  }
});

addEventListener("online", () => socket.connect());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && socket.state === "offline") socket.connect();
});

function show(state, text) {
  const box = by("link-state");
  box.dataset.state = state;
  say(box.querySelector("span"), text);
}
