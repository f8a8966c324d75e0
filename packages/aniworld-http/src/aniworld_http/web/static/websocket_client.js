// Client of /ws/connect for browsers. A classic script tag defines the global function `io`:
//
//   <script src="/static/websocket_client.js"></script>
//   <script>
//     const socket = io();
//     socket.on("download_progress", (data) => console.log(data.key, data.percent));
//     socket.join("downloads");
//   </script>
//
// Modules import it for its effect (`import "./websocket_client.js"`) and use the same global.

(() => {
"use strict";

const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
// The close code for a missing or refused token; the same token would be refused again.
const UNAUTHORIZED = 4401;
// Messages that wait for the connection; older ones are dropped.
const MOST_WAITING = 100;
// Key of the token. Below a base path the path is appended, because all instances on one host share
// the browser's storage.
const TOKEN_KEY = "access_token";
const FILE = /\/static\/(?:[^/?#]+\/)?websocket_client\.js(?:[?#].*)?$/;

// Known only while a classic script runs; `null` in a module.
const ownAddress = document.currentScript?.src ?? "";

/**
 * Open a connection.
 *
 * @param {string} [url] of /ws/connect; by default that of the server this script came from.
 * @param {{token?: () => string | null}} [options] `token` returns the token to sign in with; by
 *   default the one that the pages keep in `localStorage`.
 * @returns {Socket}
 */
function io(url, options = {}) {
  if (url !== null && typeof url === "object") [url, options] = [undefined, url];
  const address = url ?? defaultUrl();
  return new Socket(address, options.token ?? (() => localStorage.getItem(tokenKey(address))));
}

/** Return the key in `localStorage` of the token for the instance at an address of /ws/connect. */
function tokenKey(address) {
  const base = new URL(address, location.href).pathname.replace(/\/ws\/connect$/, "");
  return base ? `${TOKEN_KEY}:${base}` : TOKEN_KEY;
}

/** Return the address of the server, with the base path in front of /static/. */
function defaultUrl() {
  const loaded = [...document.querySelectorAll("script[src], link[href]")];
  const addresses = [ownAddress, ...loaded.map((node) => node.src || node.href)];
  const own = addresses.find((address) => FILE.test(address));
  const base = document.documentElement.dataset.base ?? "";
  const url = new URL(own ? own.replace(FILE, "/ws/connect") : `${base}/ws/connect`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * A connection that reconnects and rejoins its rooms.
 *
 * Handlers receive the server's messages by their type, and these events of the connection:
 * `connect`; `disconnect` with the reason; `connect_error` with an `Error` when nobody is signed
 * in; and `state` with `"connecting"`, `"online"`, `"offline"` (it tries again), `"denied"` (sign
 * in, then call `connect`) or `"closed"`.
 */
class Socket {
  #url;
  #token;
  #handlers = new Map();
  #rooms = new Set();
  #socket = null;
  #timer = null;
  #failures = 0;
  #waiting = [];

  /** State of the connection. */
  state = "closed";
  /** Id of the connection from the server; `null` while not connected. */
  id = null;

  constructor(url, token) {
    this.#url = url;
    this.#token = token;
    // Connect later, so that handlers and rooms added right after the call are included.
    queueMicrotask(() => this.connect());
  }

  /** Whether messages are sent at once. */
  get connected() {
    return this.state === "online";
  }

  /** Call `handler(data, message)` for every message of a type; `"*"` is every type. */
  on(type, handler) {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return this;
  }

  /** Call a handler for the next message of a type only. */
  once(type, handler) {
    const first = (data, message) => {
      this.off(type, first);
      handler(data, message);
    };
    return this.on(type, first);
  }

  /** Stop calling a handler, or all handlers of a type. */
  off(type, handler) {
    if (handler === undefined) this.#handlers.delete(type);
    else this.#handlers.get(type)?.delete(handler);
    return this;
  }

  /**
   * Send an action with its data, when the connection is open: `emit("join", { room })`.
   *
   * A room may be given by its name alone.
   */
  emit(action, data = {}) {
    const body = typeof data === "string" ? { room: data } : data;
    if (action === "join") return this.join(body.room);
    if (action === "leave") return this.leave(body.room);
    if (!this.#send(action, body)) {
      this.#waiting.push([action, body]);
      if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    }
    return this;
  }

  /** Receive the messages of a room, starting with its current state. */
  join(room) {
    this.#rooms.add(room);
    this.#send("join", { room });
    return this;
  }

  /** Leave a room. */
  leave(room) {
    this.#rooms.delete(room);
    this.#send("leave", { room });
    return this;
  }

  /** Connect now, also after `disconnect` or a refused token. */
  connect() {
    clearTimeout(this.#timer);
    if (this.#socket !== null) return;
    const token = this.#token();
    if (!token) {
      this.#deny();
      return;
    }
    this.#become("connecting");
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ action: "auth", data: { token } }));
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  /** Close the connection; `connect` opens it again. */
  disconnect() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#end("closed", "io client disconnect");
    return this;
  }

  /** The same as `disconnect`. */
  close() {
    return this.disconnect();
  }

  #receive(socket, text) {
    if (socket !== this.#socket) return;
    const message = JSON.parse(text);
    if (message.type === "connected") {
      this.#failures = 0;
      this.id = message.data?.connection_id ?? null;
      this.#become("online");
      for (const room of this.#rooms) this.#send("join", { room });
      for (const [action, data] of this.#waiting.splice(0)) this.#send(action, data);
      this.#tell("connect", undefined, null);
    }
    this.#tell(message.type, message.data, message);
    this.#tell("*", message.data, message);
  }

  #lost(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    if (code === UNAUTHORIZED) {
      this.#deny();
      return;
    }
    this.#end("offline", "transport close");
    // Random delay, so that clients do not all reconnect at the same moment.
    const delay = Math.min(FIRST_DELAY * 2 ** this.#failures, LONGEST_DELAY);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.connect(), delay * (0.5 + Math.random() / 2));
  }

  #deny() {
    this.#end("denied", "io server disconnect");
    this.#tell("connect_error", new Error("not signed in"), null);
  }

  #end(state, reason) {
    const wasOnline = this.connected;
    this.id = null;
    this.#become(state);
    if (wasOnline) this.#tell("disconnect", reason, null);
  }

  #send(action, data) {
    if (!this.connected) return false;
    this.#socket.send(JSON.stringify({ action, data }));
    return true;
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell("state", state, null);
  }

  #tell(type, data, message) {
    for (const handler of [...(this.#handlers.get(type) ?? [])]) {
      try {
        handler(data, message);
      } catch (error) {
        console.error(error); // the other handlers are still called
      }
    }
  }
}

io.Socket = Socket;
io.TOKEN_KEY = tokenKey(defaultUrl());
globalThis.io = io;
})();
