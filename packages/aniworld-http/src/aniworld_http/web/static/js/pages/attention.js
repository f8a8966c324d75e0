// Files that need a decision: losses, doubts, damage, suspects and several files of an episode.

import { get, page, post } from "../api.js";
import { button, by, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn } from "../live.js";
import { ask, complain, doing, tell } from "../messages.js";
import { seriesPath } from "../context.js";
import { showAdoptable } from "./attention/adoption.js";
import { bytes, code, count, messageText, moment, t } from "../texts.js";

const STATES = ["unsure", "damaged", "suspect", "version", "extra"];
/** Rows of one list; more are loaded on request. */
const ROWS = 50;

function reasonText(reason) {
  return reason ? messageText(reason.text, reason.kind, reason.values) : "";
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
      make("div.why", {}, reasonText(file.reason)),
    ),
    make("div.acts"),
  );
}

function lossLine(loss) {
  const accept = button(t("attention.accept"), {
    kind: "small",
    onclick: async () => {
      const answer = await ask(t("attention.accept"), t("attention.accept_text", { lost: loss.lost }), {
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

async function showFiles(state, limit = ROWS) {
  const { rows, total } = await page(`/api/library/files?state=${state}&limit=${limit}`);
  const card = by(`${state}-card`);
  card.hidden = total === 0;
  say(card.querySelector("[data-amount]"), count("attention.files", total));
  const lines = rows.map(fileLine);
  if (rows.length < total) {
    const more = button(t("attention.more"), {
      kind: "small",
      onclick: () => doing(more, () => showFiles(state, limit + ROWS * 4)),
    });
    lines.push(make("li.item", {}, make("span"), more));
  }
  card.querySelector("ul").replaceChildren(...lines);
  return total;
}

async function showLosses() {
  const losses = await get("/api/library/losses");
  const card = by("losses-card");
  card.hidden = losses.length === 0;
  say(card.querySelector("[data-amount]"), "");
  card.querySelector("ul").replaceChildren(...losses.map(lossLine));
  return losses.length;
}

async function load() {
  try {
    const totals = await Promise.all([showLosses(), showAdoptable(), ...STATES.map((state) => showFiles(state))]);
    const total = totals.reduce((sum, number) => sum + number, 0);
    say(by("amount"), total ? count("attention.entries", total) : "");
    by("nothing").hidden = total > 0;
    by("loading").hidden = true;
    by("attention").hidden = false;
  } catch (error) {
    complain(error);
  }
}

if (isSignedIn) {
  onLibraryChange(load);
  onReturn(load);
  load();
}
