// What needs a decision: losses, deletions, doubts, damage, suspects, several files of an episode.

import { keepScroll } from "../address.js";
import { get, post } from "../api.js";
import { button, by, make, say } from "../dom.js";
import { isSignedIn, setCounter } from "../frame.js";
import { onLibraryChange, onReturn } from "../live.js";
import { ask, complain, doing, tell } from "../messages.js";
import { seriesPath } from "../context.js";
import { bytes, code, count, messageText, moment, sentMessage, t } from "../texts.js";

const LINES = { losses: lossLine, deleted: deletedLine, folders: folderLine };
const STATES = ["unsure", "damaged", "suspect", "version", "extra"];
/** States in which nothing is wrong with a file. */
const NO_PROBLEM = new Set(["version", "extra"]);
/** Rows of one list; more are loaded on request. */
const ROWS = 50;
/** Kind -> number of rows that were requested beyond the first ones. */
const limits = new Map();

function reasonText(reason) {
  return reason ? sentMessage(reason) : "";
}

function fileLine(file) {
  const codes = file.numbers.map((number) => code(file.season ?? 0, number)).join(", ");
  const place = file.key ? make("a", { href: seriesPath(file.key) }, codes || file.key) : codes;
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("div.path", {}, file.path),
      make("div.meta", {}, place, place ? " · " : "", bytes(file.size)),
      make(NO_PROBLEM.has(file.state) ? "div.meta" : "div.why", {}, reasonText(file.reason)),
    ),
    make("div.acts"),
  );
}

function lossLine(loss) {
  const accept = button(t("attention.accept"), {
    "data-needs": "control",
    kind: "small",
    onclick: async () => {
      const answer = await ask(t("attention.accept"), count("attention.accept_text", loss.lost), {
        yes: t("attention.accept"),
        danger: true,
      });
      if (!answer) return;
      await doing(accept, async () => {
        await post("/api/library/scan/accept-loss");
        tell(t("attention.accepted"));
      });
    },
  });
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("div.path", {}, loss.path || t("attention.main_folder")),
      make("div.meta", {}, count("attention.lost", loss.lost, { known: loss.known }), " · ", moment(loss.noted_at)),
      make("div.why", {}, reasonText(loss.reason)),
    ),
    make("div.acts", {}, accept),
  );
}

function deletedLine(file) {
  const unwanted = button(t("attention.not_wanted"), {
    "data-needs": "control",
    kind: "small",
    "aria-label": t("attention.not_wanted_named", { file: file.path }),
    onclick: () => decide(unwanted, [file], true),
  });
  const missing = button(t("attention.leave_missing"), {
    "data-needs": "control",
    kind: "small",
    "aria-label": t("attention.leave_missing_named", { file: file.path }),
    onclick: () => decide(missing, [file], false),
  });
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("div.path", {}, file.path),
      make("div.meta", {}, make("a", { href: seriesPath(file.key) }, file.code), " · ", moment(file.noted_at)),
    ),
    make("div.acts", {}, unwanted, missing),
  );
}

/** Decide about deleted files: their episodes are not wanted, or stay missing. */
function decide(control, files, isUnwanted) {
  return doing(control, async () => {
    if (isUnwanted) {
      for (const key of new Set(files.map((file) => file.key))) {
        const episodes = files.filter((file) => file.key === key).map((file) => file.code);
        await post(`/api/anime/${encodeURIComponent(key)}/wanted`, { episodes, wanted: false });
      }
    } else {
      const episodes = files.map(({ key, season, episode }) => ({ key, season, episode }));
      await post("/api/library/deleted/leave-missing", { episodes });
    }
    const told = isUnwanted ? count("attention.now_unwanted", files.length) : count("attention.now_missing", files.length);
    tell(told);
    await load();
  });
}

/** Offer one decision about all listed deletions at once. */
function offerAll(files) {
  const offer = (key, isUnwanted) => {
    const control = button(t(key), { "data-needs": "control", kind: "small", onclick: () => decide(control, files, isUnwanted) });
    return control;
  };
  const offers = [offer("attention.all_unwanted", true), offer("attention.all_missing", false)];
  by("decide-deleted").replaceChildren(...offers);
  by("decide-deleted").hidden = files.length < 2;
}

function folderLine(folder) {
  const ids = Object.entries(folder.ids).map(([name, id]) => `${name} ${id}`);
  const facts = [folder.year, ...ids, folder.has_nfo ? "tvshow.nfo" : null, count("attention.files", folder.files)];
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("div.path", {}, folder.folder),
      make("div.meta", {}, facts.filter(Boolean).join(" · ")),
    ),
  );
}

/** Show the entries of one kind, with a button for more. */
function showKind(kind, entries, total, line) {
  const card = by(`${kind}-card`);
  card.hidden = total === 0;
  say(card.querySelector("[data-amount]"), count("attention.entries", total));
  const lines = entries.map(line);
  if (entries.length < total) {
    const more = button(t("attention.more"), {
      kind: "small",
      onclick: () =>
        doing(more, async () => {
          limits.set(kind, entries.length + ROWS * 4);
          await load();
        }),
    });
    lines.push(make("li.item", {}, make("span"), more));
  }
  card.querySelector("ul").replaceChildren(...lines);
}

async function load() {
  try {
    const overview = await get(`/api/library/attention?limit=${ROWS}`);
    for (const [kind, limit] of limits) {
      const more = await get(`/api/library/attention?kind=${kind}&limit=${Math.min(limit, 1000)}`);
      if (kind in LINES) overview[kind] = more[kind];
      else overview.files[kind] = more.files[kind];
    }
    const { counts, files, problem } = overview;
    offerAll(overview.deleted);
    for (const kind of Object.keys(LINES)) showKind(kind, overview[kind], counts[kind], LINES[kind]);
    for (const kind of STATES) showKind(kind, files[kind], counts[kind], fileLine);
    const total = Object.values(counts).reduce((sum, number) => sum + number, 0);
    say(by("amount"), total ? count("attention.entries", total) : "");
    say(by("problem"), problem ? messageText(problem.message, problem.kind, problem.values) : "");
    by("problem").hidden = !problem;
    by("nothing").hidden = total > 0 || Boolean(problem);
    by("loading").hidden = true;
    by("attention").hidden = false;
    setCounter("attention", overview.decisions, { bad: counts.losses > 0 });
  } catch (error) {
    complain(error);
  }
}

if (isSignedIn) {
  keepScroll();
  onLibraryChange(load);
  onReturn(load);
  load();
}
