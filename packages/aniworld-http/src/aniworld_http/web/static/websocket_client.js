// The documented client of /ws/connect: rooms, handlers, and a connection that comes back.
//
//   import { io } from "./websocket_client.js";
//   const socket = io();
//   socket.on("download_progress", (data) => ...);
//   socket.join("downloads");

const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
// The server closes with it when nobody is signed in; trying again with the same token is no use.
const UNAUTHORIZED = 4401;

/** Where the pages keep the token. */
export const TOKEN_KEY = "access_token";

/**
 * Open a connection.
 *
 * @param {string} [url] of /ws/connect; by default beside the folder this file is served from.
 * @param {{token?: () => string | null}} [options] `token` gives the token to sign in with.
 * @returns {Socket}
 */
export function io(url = defaultUrl(), options = {}) {
  return new Socket(url, options.token ?? (() => localStorage.getItem(TOKEN_KEY)));
}

function defaultUrl() {
  const url = new URL("../ws/connect", import.meta.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * A connection that reconnects and rejoins its rooms.
 *
 * Besides the server's messages it tells `state`: `"connecting"`, `"online"`, `"offline"` (it
 * tries again), `"denied"` (sign in, then call `connect`) or `"closed"`.
 */
export class Socket {
  #url;
  #token;
  #handlers = new Map();
  #rooms = new Set();
  #socket = null;
  #timer = null;
  #failures = 0;

  /** How the connection is. */
  state = "closed";

  constructor(url, token) {
    this.#url = url;
    this.#token = token;
    // Handlers and rooms that are named right after making it are not too late.
    queueMicrotask(() => this.connect());
  }

  /** Call `handler(data, message)` for every message of a type; `"*"` is every type. */
  on(type, handler) {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return this;
  }

  /** Stop calling a handler. */
  off(type, handler) {
    this.#handlers.get(type)?.delete(handler);
    return this;
  }

  /** Be told what happens in a room, beginning with how everything stands there. */
  join(room) {
    this.#rooms.add(room);
    this.#send("join", { room });
    return this;
  }

  /** Be told no more of a room. */
  leave(room) {
    this.#rooms.delete(room);
    this.#send("leave", { room });
    return this;
  }

  /** Connect now, also after `close` or a refusal. */
  connect() {
    clearTimeout(this.#timer);
    if (this.#socket !== null) return;
    const token = this.#token();
    if (!token) {
      this.#become("denied");
      return;
    }
    this.#become("connecting");
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ action: "auth", data: { token } }));
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  /** End the connection for good. */
  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#become("closed");
  }

  #receive(socket, text) {
    if (socket !== this.#socket) return;
    const message = JSON.parse(text);
    if (message.type === "connected") {
      this.#failures = 0;
      this.#become("online");
      for (const room of this.#rooms) this.#send("join", { room });
    }
    this.#tell(message.type, message.data, message);
    this.#tell("*", message.data, message);
  }

  #lost(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    if (code === UNAUTHORIZED) {
      this.#become("denied");
      return;
    }
    this.#become("offline");
    // Spread out, so that not everybody comes back at the same moment.
    const delay = Math.min(FIRST_DELAY * 2 ** this.#failures, LONGEST_DELAY);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.connect(), delay * (0.5 + Math.random() / 2));
  }

  #send(action, data) {
    if (this.state === "online") this.#socket.send(JSON.stringify({ action, data }));
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
        console.error(error); // one handler's mistake is not the others' loss
      }
    }
  }
}
