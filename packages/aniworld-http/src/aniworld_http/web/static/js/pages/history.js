// History page: what was added, queued, downloaded, failed and changed, and who asked for it.

import { page } from "../api.js";
import { button, by, calmed, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn, socket } from "../live.js";
import { complain, doing } from "../messages.js";
import { seriesPath } from "../context.js";
import { code, count, messageText, moment, t } from "../texts.js";
import { undoButton } from "./changes/undo.js";

const ROWS = 100;
const MOST_ROWS = 500;
const given = new URLSearchParams(location.search);
const state = { kind: given.get("kind") ?? "", search: given.get("search") ?? "" };
let shown = ROWS;

function address() {
  const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
  return String(query);
}

function title(entry) {
  const name = entry.key && entry.kind !== "removed" ? link(entry) : entry.title;
  if (entry.season === null) return [name];
  return [name, ` ${code(entry.season, entry.episode)}`];
}

function link(entry) {
  return make("a", { href: seriesPath(entry.key) }, entry.title);
}

function result(entry) {
  if (entry.status) {
    const why = entry.reason ? messageText(entry.reason, entry.reason_kind, entry.reason_values) : "";
    const status = t(`changes.status.${entry.is_undone ? "undone" : entry.status}`);
    return why ? `${status}: ${why}` : status;
  }
  return entry.detail ? messageText(entry.detail, entry.detail_kind, entry.detail_values) : "";
}

function line(entry) {
  const what = entry.origin ? t(`changes.origin.${entry.origin}`) : t(`history.kind.${entry.kind}`);
  const isUndoable = entry.status === "stuck" || (entry.status === "done" && !entry.is_undone);
  const who = entry.by_name ? `${t(`history.by.${entry.by}`)} ${entry.by_name}` : t(`history.by.${entry.by}`);
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("div", {}, `${what}: `, ...title(entry)),
      make("div.meta", {}, [moment(entry.at), who].join(" · ")),
      make(entry.kind === "failed" ? "div.why" : "div.meta", {}, result(entry)),
    ),
    make("div.acts", {}, isUndoable ? undoButton(entry.id, load) : null),
  );
}

async function load() {
  try {
    const filters = address();
    const { rows, total } = await page(`/api/history?limit=${shown}${filters && `&${filters}`}`);
    if (filters !== address()) return;
    const card = by("entries-card");
    say(card.querySelector("[data-amount]"), count("history.count", total));
    card.querySelector("[data-nothing]").hidden = total > 0;
    const lines = rows.map(line);
    if (rows.length < Math.min(total, MOST_ROWS)) lines.push(moreLine());
    card.querySelector("ul").replaceChildren(...lines);
    by("loading").hidden = true;
    by("history").hidden = false;
  } catch (error) {
    complain(error);
  }
}

function moreLine() {
  const more = button(t("attention.more"), {
    kind: "small",
    onclick: () => {
      shown = Math.min(shown + ROWS * 2, MOST_ROWS);
      return doing(more, load);
    },
  });
  return make("li.item", {}, make("span"), more);
}

function choose(values) {
  Object.assign(state, values);
  shown = ROWS;
  const query = address();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  return load();
}

if (isSignedIn) {
  by("kind").value = state.kind;
  by("needle").value = state.search;
  by("kind").addEventListener("change", () => choose({ kind: by("kind").value }));
  by("needle").addEventListener(
    "input",
    calmed(() => choose({ search: by("needle").value.trim() }), 250),
  );
  const again = calmed(load, 500);
  for (const event of ["download_complete", "download_failed"]) socket.on(event, again);
  onLibraryChange(again);
  onReturn(load);
  load();
}
