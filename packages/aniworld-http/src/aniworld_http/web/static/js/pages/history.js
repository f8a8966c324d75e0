// History page: what was added, queued, downloaded, failed and changed, and who asked for it.

import { addressState } from "../address.js";
import { page } from "../api.js";
import { by, calmed, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn, socket } from "../live.js";
import { complain } from "../messages.js";
import { seriesPath } from "../context.js";
import { jobText, undoJobButton } from "../lists/jobs.js";
import { makePager } from "../lists/pager.js";
import { code, count, messageText, moment, t } from "../texts.js";
import { undoButton } from "./changes/undo.js";

const ROWS = 100;
const KINDS = ["", "added", "removed", "queued", "completed", "upgraded", "failed", "bulk", "changed"];
const address = addressState({ kind: KINDS, search: "", page: 1 }, show);
const pager = makePager(ROWS, (number) => choose({ page: number }, { push: true }));
/** Number of the newest request: answers to older ones are dropped. */
let asked = 0;

function title(entry) {
  // Its kind and numbers are in the result.
  if (entry.kind === "bulk") return [entry.detail ? messageText(entry.detail, entry.detail_kind, entry.detail_values) : ""];
  const name = entry.is_in_library ? link(entry) : entry.title;
  if (entry.season === null) return [name];
  return [name, ` ${code(entry.season, entry.episode)}`];
}

function link(entry) {
  return make("a", { href: seriesPath(entry.key) }, entry.title);
}

function result(entry) {
  if (entry.job) return jobText(entry.job);
  if (entry.status) {
    const why = entry.reason ? messageText(entry.reason, entry.reason_kind, entry.reason_values) : "";
    const status = t(`changes.status.${entry.is_undone ? "undone" : entry.status}`);
    return why ? `${status}: ${why}` : status;
  }
  return entry.detail ? messageText(entry.detail, entry.detail_kind, entry.detail_values) : "";
}

function undoOfJob(job) {
  return job?.is_undoable ? undoJobButton(job, load) : null;
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
    make("div.acts", {}, isUndoable ? undoButton(entry.id, load, `${what}, ${moment(entry.at)}`) : undoOfJob(entry.job)),
  );
}

async function load() {
  const { kind, search, page: number } = address.state;
  const mine = ++asked;
  const query = new URLSearchParams({ limit: ROWS, offset: (number - 1) * ROWS, search });
  if (kind) query.set("kind", kind);
  try {
    const { rows, total } = await page(`/api/history?${query}`);
    if (mine !== asked || !pager.show(number, total)) return;
    const card = by("entries-card");
    say(card.querySelector("[data-amount]"), count("history.count", total));
    card.querySelector("[data-nothing]").hidden = total > 0;
    card.querySelector("ul").replaceChildren(...rows.map(line));
    by("loading").hidden = true;
    by("history").hidden = false;
    address.settle();
  } catch (error) {
    complain(error);
  }
}

function choose(values, options) {
  address.set(values, options);
  return load();
}

/** Show the state of the address in the fields, and load its entries. */
function show() {
  by("kind").value = address.state.kind;
  by("needle").value = address.state.search;
  return load();
}

if (isSignedIn) {
  by("entries-card").append(pager.node);
  by("kind").addEventListener("change", () => choose({ kind: by("kind").value }));
  by("needle").addEventListener(
    "input",
    calmed(() => choose({ search: by("needle").value.trim() }), 250),
  );
  const again = calmed(load, 500);
  socket.join("jobs").on("job_progress", again);
  for (const event of ["download_complete", "download_failed"]) socket.on(event, again);
  onLibraryChange(again);
  onReturn(load);
  show();
}
