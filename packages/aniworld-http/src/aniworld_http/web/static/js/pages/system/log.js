// Live view of the server log, newest first; it does not scroll while the user reads.

import { Problem, page } from "../../api.js";
import { button, by, calmed, icon, make, say } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { toClipboard } from "../../frame/technical.js";
import { instant, t } from "../../texts.js";

const EVERY = 2000;
const PART = 200;
/** Most records of one answer. */
const MOST = 1000;
const KINDS = { WARNING: "warn", ERROR: "bad", CRITICAL: "bad", INFO: "accent" };

const rows = new Map();
let isPaused = false;
let isAsking = false;
let asked = 0;
/** Lines that stay while new ones arrive; loading older ones raises the limit. */
let most = 5 * PART;

function query(extra = {}) {
  const values = { level: by("log-level").value, search: by("log-search").value, limit: PART };
  return `/api/logs?${new URLSearchParams({ ...values, ...extra })}`;
}

function line(record) {
  const kind = KINDS[record.level];
  const chip = make(kind ? `span.chip.${kind}` : "span.chip", {}, record.level);
  const traceback = record.traceback
    ? make(
        "details",
        {},
        make("summary", {}, t("log.traceback")),
        make("pre", { tabindex: "0" }, record.traceback),
      )
    : null;
  return make(
    "li.log-line",
    {},
    make("time", { datetime: record.at, title: record.at }, instant(record.at)),
    chip,
    make("span.log-source", { title: record.logger }, record.logger.replace(/^aniworld_/, "")),
    make("div.log-message", {}, make("span", {}, record.message), traceback),
    record.request_id ? offerRequest(record.request_id) : null,
  );
}

/** Show all records of one request. */
function offerRequest(id) {
  return button(t("log.request", { id }), {
    sign: "search",
    kind: "subtle small",
    shown: false,
    onclick: () => {
      by("log-search").value = id;
      by("log-level").value = "DEBUG";
      by("log-search").focus();
      load();
    },
  });
}

function add(records, { below = false } = {}) {
  const list = by("log");
  const made = records.filter(({ id }) => !rows.has(id)).map((record) => [record, line(record)]);
  for (const [record, node] of made) rows.set(record.id, { record, node });
  const nodes = made.map(([, node]) => node);
  if (below) list.append(...nodes);
  else list.prepend(...nodes);
  if (below) most += nodes.length;
  else forget(rows.size - most);
}

/** Remove the oldest lines. */
function forget(number) {
  if (number <= 0) return;
  for (const id of [...rows.keys()].sort((a, b) => a - b).slice(0, number)) {
    rows.get(id).node.remove();
    rows.delete(id);
  }
  by("log-older").hidden = false;
}

function showAmount(hasOlder) {
  by("log-none").hidden = rows.size > 0;
  by("log-box").hidden = rows.size === 0;
  if (hasOlder !== undefined) by("log-older").hidden = !hasOlder;
}

/** Reload, beginning with the newest records. */
async function load() {
  asked += 1;
  const mine = asked;
  try {
    const { rows: records, total } = await page(query());
    if (mine !== asked) return;
    rows.clear();
    by("log").replaceChildren();
    by("log-box").scrollTop = 0;
    add(records);
    showAmount(total > records.length);
  } catch (error) {
    refuse(error);
  }
}

async function follow() {
  if (isPaused || isAsking || document.hidden || by("log-card").hidden) return;
  isAsking = true;
  const mine = asked;
  try {
    const newest = Math.max(0, ...rows.keys());
    const { rows: records, total } = await page(query(newest ? { after: newest } : {}));
    if (mine !== asked) return;
    // Records may be missing in between: reload.
    if (newest && total > records.length) return void (await load());
    add(records);
    showAmount();
  } catch (error) {
    // The banner already shows the lost connection.
    if (!(error instanceof Problem) || error.status) refuse(error);
  } finally {
    isAsking = false;
  }
}

async function older() {
  const oldest = Math.min(...rows.keys());
  const { rows: records, total } = await page(query({ before: oldest }));
  add(records, { below: true });
  showAmount(total > records.length);
}

/** Hide the log if the user lacks the permission, without asking again. */
function refuse(error) {
  if (error instanceof Problem && error.status === 403) by("log-card").hidden = true;
  else complain(error);
}

function pause() {
  isPaused = !isPaused;
  const target = by("log-pause");
  target.setAttribute("aria-pressed", String(isPaused));
  target.replaceChildren(icon(isPaused ? "play" : "pause"), t(isPaused ? "log.resume" : "log.pause"));
  say(by("log-state"), isPaused ? t("log.paused") : "");
  if (!isPaused) follow();
}

/** Return records as lines of text, oldest first. */
function written(records) {
  return [...records]
    .sort((a, b) => a.id - b.id)
    .map(({ at, level, logger, message, request_id, traceback }) =>
      [`${at} ${level} ${logger}: ${message}`, request_id && `[${request_id}]`, traceback && `\n${traceback}`]
        .filter(Boolean)
        .join(" "),
    )
    .join("\n");
}

/** Save all records that the server has of the chosen level and search as a text file. */
async function download() {
  const records = [];
  let more = {};
  do {
    const { rows: part, total } = await page(query({ limit: MOST, ...more }));
    records.push(...part);
    more = part.length < total ? { before: part.at(-1).id } : null;
  } while (more);
  const address = URL.createObjectURL(new Blob([`${written(records)}\n`], { type: "text/plain" }));
  make("a", { href: address, download: "aniworld-log.txt" }).click();
  URL.revokeObjectURL(address);
}

async function copy() {
  const text = written([...rows.values()].map(({ record }) => record));
  if (await toClipboard(text)) tell(t("log.copied"));
  else tell(t("log.not_copied"), { bad: true });
}

/** Show the log and keep it up to date. */
export function offerLog() {
  const search = calmed(load, 250);
  by("log-level").addEventListener("change", load);
  by("log-search").addEventListener("input", search);
  by("log-pause").addEventListener("click", pause);
  by("log-copy").addEventListener("click", (event) => doing(event.currentTarget, copy));
  by("log-download").addEventListener("click", (event) => doing(event.currentTarget, download));
  by("log-more").addEventListener("click", (event) => doing(event.currentTarget, older));
  setInterval(follow, EVERY);
  return load();
}
