// Folders of the library that no series owns: choose their series, and adopt several at once.

import { get, post } from "../../api.js";
import { button, by, icon, make, say, tickBox } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { count, messageText, sentMessage, t } from "../../texts.js";
import { undoButton } from "../changes/undo.js";
import { chooseSeries } from "./series_choice.js";

/** Folder -> what the person decided: the chosen series, and whether it is ticked. */
const decisions = new Map();
let shown = [];
let searches = false;

const CHIPS = { sure: "good", likely: "accent", unsure: "warn" };

/** A chip that says how well something fits. */
export function confidenceChip(confidence) {
  const sign = { sure: "check", likely: null, unsure: "warn" }[confidence];
  return make(`span.chip.${CHIPS[confidence]}`, {}, sign && icon(sign), t(`adoption.${confidence}`));
}

/** Chips with the year and the ids of a folder. */
export function folderFacts(folder) {
  const ids = Object.entries(folder.ids).map(([name, id]) => `${name} ${id}`);
  const facts = [folder.title, folder.year, ...ids, folder.has_nfo ? "tvshow.nfo" : null];
  return make("div.chips", {}, ...facts.filter(Boolean).map((fact) => make("span.chip", {}, String(fact))));
}

function decisionOf(folder) {
  let decision = decisions.get(folder.folder);
  if (!decision) {
    const best = folder.proposals.find((each) => each.confidence === "sure") ?? folder.proposals[0];
    decision = { series: best ?? null, ticked: best?.confidence === "sure", isOwn: false };
    decisions.set(folder.folder, decision);
  }
  // A search may find a better series, as long as the person has chosen none.
  if (!decision.isOwn && folder.proposals.length && !decision.series) {
    decision.series = folder.proposals[0];
    decision.ticked = decision.series.confidence === "sure";
  }
  return decision;
}

function seriesText(series) {
  const name = series.year ? `${series.name} (${series.year})` : series.name;
  return `${name} · ${series.in_library ? t("adoption.in_library") : series.provider}`;
}

function line(folder) {
  const decision = decisionOf(folder);
  const select = make("select.select", { "aria-label": t("adoption.series_of", { folder: folder.folder }) });
  const chip = make("span");
  const tick = make("input.tick", {
    type: "checkbox",
    "aria-label": t("import.tick", { folder: folder.folder }),
    onchange: () => {
      decision.ticked = tick.checked;
      drawActs();
    },
  });

  function draw() {
    const options = [...folder.proposals];
    if (decision.series && !options.includes(decision.series)) options.unshift(decision.series);
    select.replaceChildren(
      ...options.map((series, index) => make("option", { value: index }, seriesText(series))),
    );
    select.hidden = !options.length;
    select.value = String(options.indexOf(decision.series));
    select.onchange = () => choose(options[Number(select.value)]);
    tick.disabled = !decision.series;
    tick.checked = Boolean(decision.series) && decision.ticked;
    chip.replaceChildren(decision.series ? confidenceChip(decision.series.confidence) : make("span.chip.warn", {}, t("adoption.no_proposal")));
    drawActs();
  }

  function choose(series) {
    Object.assign(decision, { series, ticked: true, isOwn: true });
    draw();
  }

  const other = button(t("import.other"), {
    kind: "small",
    onclick: async () => {
      const found = await chooseSeries(folder.title);
      if (found) choose({ ...found, in_library: !found.link, confidence: "sure" });
      other.focus();
    },
  });
  const why = decision.series?.reason_message;
  const failed = Object.entries(folder.failure_messages).map(
    ([name, reason]) => `${name}: ${sentMessage(reason)}`,
  );
  draw();
  return make(
    "li.item.folder",
    {},
    tickBox(tick),
    make(
      "div.what",
      {},
      make("div.path", {}, folder.folder),
      make("div.meta", {}, count("attention.files", folder.files)),
      folderFacts(folder),
      why ? make("div.why", {}, messageText(decision.series.reason, why.kind, why.values)) : null,
      failed.length ? make("div.why", {}, failed.join(" · ")) : null,
    ),
    make("div.acts", {}, chip, select, other),
  );
}

function ticked() {
  return shown.filter((folder) => decisions.get(folder.folder)?.ticked && decisions.get(folder.folder).series);
}

function drawActs() {
  const number = ticked().length;
  const accept = by("folders-accept");
  accept.disabled = !number;
  say(accept, count("import.accept", number));
  const all = by("folders-all");
  const open = shown.filter((folder) => decisions.get(folder.folder)?.series);
  const isAll = number === open.length && number > 0;
  all.hidden = !open.length;
  say(all, t(isAll ? "import.tick_none" : "import.tick_all"));
  all.onclick = () => {
    for (const folder of open) decisions.get(folder.folder).ticked = !isAll;
    draw();
  };
}

async function accept() {
  const items = ticked().map((folder) => {
    const { series } = decisions.get(folder.folder);
    const provider = series.in_library ? null : series.provider || null;
    return { folder: folder.folder, key: series.link || series.key, provider };
  });
  const { adopted, failures, change } = await post("/api/library/adopt", { items });
  if (adopted.length) {
    tell(count("adoption.done", adopted.length), { action: change ? undoButton(change, showFolders) : null });
  }
  for (const { folder } of adopted) decisions.delete(folder);
  for (const [folder, error] of Object.entries(failures)) {
    tell(`${folder}: ${messageText(error.message, error.kind, error.values)}`, { bad: true });
  }
  await showFolders();
}

function draw() {
  const card = by("folders-card");
  say(card.querySelector("[data-amount]"), shown.length ? count("adoption.folders", shown.length) : "");
  card.querySelector("[data-nothing]").hidden = shown.length > 0;
  by("folders-acts").hidden = !shown.length;
  by("folders-search").hidden = !shown.length;
  card.querySelector("ul").replaceChildren(...shown.map(line));
  drawActs();
}

/** Read the folders and show them; choices that were made stay. */
export async function showFolders() {
  try {
    shown = await get(`/api/library/adoptable${searches ? "?search=true" : ""}`);
  } catch (error) {
    complain(error);
    shown = [];
  }
  draw();
}

/** Add the actions to the buttons of the card. */
export function offerFolders() {
  const search = by("folders-search");
  search.onclick = () =>
    doing(search, async () => {
      searches = true;
      await showFolders();
    });
  const button = by("folders-accept");
  button.onclick = () => doing(button, accept);
}
