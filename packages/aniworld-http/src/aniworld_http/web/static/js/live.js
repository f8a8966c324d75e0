// The WebSocket of the page, and its state in the top bar.

import "../websocket_client.js";
import { checkServer, noteOffline, noteOnline, onServerBack } from "./frame/connection.js";
import { by, say } from "./dom.js";
import { endSession } from "./session.js";
import { at, now } from "./context.js";
import { t, timeOfDay } from "./texts.js";

const url = new URL(at("/ws/connect"), location.href);
url.protocol = url.protocol === "https:" ? "wss:" : "ws:";

/** The connection; pages add their handlers and join their rooms. */
export const socket = globalThis.io(url.href);

const PATIENCE = 1500;
/** Milliseconds without a message until the page asks whether the server still answers. */
const SILENCE = 30_000;
let lastHeard = now();
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
  lastHeard = now();
});

socket.on("server_shutdown", () => {
  show("offline", t("live.stopping"));
  noteOffline({ stopping: true });
});

socket.on("state", (state) => {
  clearTimeout(announce);
  if (state === "denied") {
    wasOffline = true;
    endSession();
  }
  if (state === "online") {
    show("live", t("live.online"));
    noteOnline();
    if (wasOffline) for (const action of returns) action();
    wasOffline = false;
  }
  if (state === "offline") {
    wasOffline = true;
    noteOffline();
    // A short interruption is not shown.
    const text = t("live.offline", { time: timeOfDay(lastHeard) });
    announce = setTimeout(() => show("offline", text), PATIENCE);
  }
});

// The socket waits longer after each failure; now an attempt can succeed.
onServerBack(() => socket.state === "offline" && socket.connect());
addEventListener("online", () => socket.connect());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && socket.state === "offline") socket.connect();
});

// A stopped process keeps its connections open, so their end shows nothing.
setInterval(() => {
  if (!document.hidden && socket.connected && now() - lastHeard > SILENCE) {
    lastHeard = now();
    checkServer();
  }
}, SILENCE / 2);

function show(state, text) {
  const box = by("link-state");
  box.dataset.state = state;
  say(box.querySelector("span"), text);
}
