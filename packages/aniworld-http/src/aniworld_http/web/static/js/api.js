// Requests to the API: send the token, and turn problem documents into errors.

import { watched } from "./frame/connection.js";
import { at, noteServerTime } from "./context.js";
import { endSession, token } from "./session.js";
import { loadMessageTexts, messageText, sentence, t } from "./texts.js";

/** Parts of JSON without which it has no message of the server, or none with a kind. */
const OF_MESSAGES = [/"(?:\w+_)?kind": ?"/, /"(?:\w+_)?values":/];

/** A problem document of the server; `fields` has one entry for each bad field. */
export class Problem extends Error {
  constructor(status, document, requestId = null) {
    super(
      messageText(
        document.detail || document.title || String(status),
        document.kind,
        document.values,
      ),
    );
    this.status = status;
    this.kind = document.kind ?? "";
    this.values = document.values ?? {};
    /** What helps to find the cause; not translated. */
    this.technical = [status && `HTTP ${status}`, this.kind, document.detail, requestId && `X-Request-Id: ${requestId}`];
    this.hint = messageText(document.hint, document.hint_kind, document.hint_values);
    this.fields = (document.errors ?? []).map((each) => ({
      ...each,
      detail: messageText(each.detail, each.kind, each.values),
    }));
  }

  /** Message and hint in one text. */
  get words() {
    const fields = this.fields.map((field) => field.detail);
    const detail = fields.length ? fields.join("; ") : this.message;
    return [detail, this.hint].map(sentence).filter(Boolean).join(" ");
  }
}

/**
 * Call an endpoint.
 *
 * @returns {Promise<any>} the body, `null` if there is none.
 * @throws {Problem}
 */
export async function call(method, path, body) {
  const { data } = await ask(method, path, body);
  return data;
}

/** Call an endpoint that returns a part of a list; `total` is the length of the whole list. */
export async function page(path) {
  const { data, response } = await ask("GET", path);
  return { rows: data, total: Number(response.headers.get("X-Total-Count") ?? data.length) };
}

/** Call `GET` and return the value with its version, which `putVersion` compares. */
export async function getVersion(path) {
  const { data, response } = await ask("GET", path);
  return { data, version: response.headers.get("ETag") };
}

/** Change a value only while it still has a version; `Problem.kind` is `config_changed` otherwise. */
export async function putVersion(path, body, version) {
  const { data, response } = await ask("PUT", path, body, version ? { "If-Match": version } : {});
  return { data, version: response.headers.get("ETag") };
}

/** Delete something only while another value, such as the settings, still has a version. */
export async function removeVersion(path, version) {
  await ask("DELETE", path, undefined, version ? { "If-Match": version } : {});
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

/**
 * Fetch an image.
 *
 * @returns {Promise<Blob|null>} `null` if there is none.
 * @throws {Problem} if the rate limit is exceeded; `wait` is the number of seconds to wait.
 */
export async function picture(path) {
  const sent = token();
  const response = await fetch(at(path), { headers: sent ? { Authorization: `Bearer ${sent}` } : {} });
  if (response.status === 401 && sent && sent === token()) endSession();
  if (response.status === 429) {
    const problem = new Problem(429, {});
    problem.wait = Number(response.headers.get("Retry-After")) || 10;
    throw problem;
  }
  const kind = response.headers.get("Content-Type") ?? "";
  return response.ok && kind.startsWith("image/") ? response.blob() : null;
}

/** Fetch a file and hand it to the browser, which stores it under *name*. */
export async function save(path, name) {
  const { response } = await ask("GET", path);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

async function ask(method, path, body, more = {}) {
  const headers = { Accept: "application/json", ...more };
  const sent = token();
  if (sent) headers.Authorization = `Bearer ${sent}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    const sentBody = body === undefined ? undefined : JSON.stringify(body);
    response = await watched(fetch(at(path), { method, headers, body: sentBody }));
  } catch {
    throw new Problem(0, { detail: t("problem.offline"), kind: "offline" });
  }
  noteServerTime(response.headers.get("Date"));
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const data = isJson ? await read(response) : null;
  if (response.ok) return { data, response };
  // A refused request did nothing, so it can be repeated. Without a token, 401 is about the password.
  if (response.status === 401 && sent && (isReplaced(sent) || (await endSession()))) {
    return ask(method, path, body, more);
  }
  throw new Problem(response.status, data ?? {}, response.headers.get("X-Request-Id"));
}

/** Return the JSON of a response, with the texts of its messages at hand. */
async function read(response) {
  const text = await response.text();
  if (OF_MESSAGES.every((part) => part.test(text))) await loadMessageTexts();
  return JSON.parse(text);
}

/** Return whether another request or tab stored a new token meanwhile. */
function isReplaced(sent) {
  return token() !== null && token() !== sent;
}
