// Wanted page: episodes that are missing, announced, or need action.

import { get, page, post } from "../api.js";
import { button, by, calmed, inParts, make, outside, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn, socket } from "../live.js";
import { complain, doing, tell } from "../messages.js";
import { at, seriesPath } from "../context.js";
import { code, count, languageName, moment, seasonName, messageText, sentMessage, t } from "../texts.js";
import { coverOfSeries, tile } from "../tile.js";
import { codesOf, seasonsOf } from "../lists/wanted_codes.js";

const MOST_CODES = 12;
const MOST_UPGRADES = 200;
/** Each series is drawn once; later updates change its texts only. */
const cards = new Map();
let open = new Set();

function missingCard(series) {
  const [words, acts] = [make("p.hint"), make("div.row")];
  const link = make("a", { href: seriesPath(series.key) }, series.name);
  const node = make(
    "li.wanted-series",
    {},
    tile(series.name, coverOfSeries(series)),
    make("div", {}, make("h3", {}, link), words),
    acts,
  );
  let wanted = [];
  const fetch = button(t("wanted.download"), {
    "data-needs": "request",
    sign: "queue",
    kind: "small",
    onclick: () => queue(fetch, series.key, wanted),
  });
  acts.append(fetch);
  return {
    node,
    update(latest) {
      const all = codesOf(latest.missing_episodes);
      wanted = all.filter((name) => !open.has(`${latest.key} ${name}`));
      const shown = seasonsOf(latest.missing_episodes).map(([season, numbers]) => {
        const some = numbers.slice(0, MOST_CODES).join(", ");
        return `${seasonName(season)}: ${some}${numbers.length > MOST_CODES ? " …" : ""}`;
      });
      const queued = all.length - wanted.length;
      say(words, [...shown, queued ? count("wanted.queued", queued) : ""].filter(Boolean).join(" · "));
      fetch.disabled = wanted.length === 0;
    },
  };
}

function queue(target, key, episodes) {
  return doing(target, async () => {
    const { items } = await post("/api/queue/add", { serie_id: key, episodes });
    tell(count("queue.added", items.length));
    await load();
  });
}

function itemLine(item) {
  const name = code(item.episode.season, item.episode.episode);
  const again = button(t("queue.retry"), {
    "data-needs": "request",
    sign: "retry",
    kind: "small",
    onclick: () =>
      doing(again, async () => {
        await post("/api/queue/retry", { item_ids: [item.id] });
        await load();
      }),
  });
  const when = item.not_before ? t("queue.not_before", { time: moment(item.not_before) }) : "";
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("a", { href: seriesPath(item.serie_id) }, `${item.serie_name} · ${name}`),
      make("div.meta", {}, when),
      make("div.why", {}, messageText(item.error, item.error_kind, item.error_values)),
    ),
    make(
      "div.acts",
      {},
      item.link ? outside(item.link, t("queue.open_page")) : null,
      item.status === "failed" ? again : null,
    ),
  );
}

function showItems(id, items) {
  const card = by(id);
  card.querySelector("ul").replaceChildren(...items.map(itemLine));
  card.hidden = !items.length;
  say(card.querySelector("[data-amount]"), count("queue.items", items.length));
}

/** Episodes that wait for a better file; their list is read from all series, so rarely. */
async function loadUpgrades() {
  try {
    const { rows, total } = await page(`/api/library/upgrades?limit=${MOST_UPGRADES}`);
    const card = by("upgrades-card");
    card.querySelector("ul").replaceChildren(...rows.map(upgradeLine));
    card.hidden = !rows.length;
    say(card.querySelector("[data-amount]"), count("queue.items", total));
    const all = by("queue-upgrades");
    all.hidden = !rows.some((row) => row.available_languages.length && !row.queued);
    all.onclick = () => upgrade(all, {});
  } catch (error) {
    complain(error);
  }
}

function upgradeLine(row) {
  const name = code(row.season, row.episode);
  const replace = button(t("wanted.upgrade"), {
    "data-needs": "control",
    sign: "queue",
    kind: "small",
    onclick: () => upgrade(replace, { key: row.key, episodes: [name] }),
  });
  const languages = row.available_languages.map(languageName).join(", ");
  const state = row.queued ? t("wanted.in_queue") : languages && t("wanted.available", { languages });
  const why = row.reasons.map(sentMessage);
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("a", { href: seriesPath(row.key) }, `${row.name} · ${name}`),
      make("div.meta", {}, state),
      make("div.why", {}, why.join(" · ")),
    ),
    make("div.acts", {}, !row.queued && (languages || row.wanted_height) ? replace : null),
  );
}

function upgrade(target, body) {
  return doing(target, async () => {
    const { items } = await post("/api/library/upgrades/queue", body);
    tell(count("queue.added", items.length));
    await Promise.all([load(), loadUpgrades()]);
  });
}

async function load() {
  try {
    const [missing, items] = await Promise.all([
      get("/api/anime?filter=missing"),
      page("/api/queue/items?status=pending&status=downloading&status=failed"),
    ]);
    open = new Set(
      items.rows
        .filter((item) => item.status !== "failed")
        .map((i) => `${i.serie_id} ${code(i.episode.season, i.episode.episode)}`),
    );
    showItems("person-card", items.rows.filter((item) => item.error_kind === "needs_person"));
    showItems("later-card", items.rows.filter((item) => item.error_kind === "not_yet_available"));
    showItems(
      "failed-card",
      items.rows.filter((i) => i.status === "failed" && i.error_kind !== "needs_person" && i.error_kind !== "not_yet_available"),
    );
    showMissing(missing);
  } catch (error) {
    complain(error);
  }
}

function showMissing(all) {
  const total = all.reduce((sum, series) => sum + series.total - series.have, 0);
  say(by("amount"), count("wanted.amount", total));
  by("nothing").hidden = all.length > 0;
  by("loading").hidden = true;
  by("wanted").hidden = false;
  const keys = new Set(all.map((series) => series.key));
  for (const [key, card] of cards) {
    if (keys.has(key)) continue;
    card.node.remove();
    cards.delete(key);
  }
  const list = by("missing");
  inParts(all, (part) => {
    for (const series of part) {
      if (!cards.has(series.key)) {
        const card = missingCard(series);
        cards.set(series.key, card);
        list.append(card.node);
      }
      cards.get(series.key).update(series);
    }
  });
  const everything = by("download-all");
  everything.hidden = !all.length;
  everything.onclick = () =>
    doing(everything, async () => {
      let added = 0;
      for (const series of all) {
        const episodes = codesOf(series.missing_episodes);
        if (!series.monitored || !episodes.length) continue;
        const { items } = await post("/api/queue/add", { serie_id: series.key, episodes });
        added += items.length;
      }
      tell(count("queue.added", added), { action: make("a", { href: at("/queue") }, t("nav.queue")) });
      await load();
    });
}

if (isSignedIn) {
  const again = calmed(load, 500);
  for (const type of ["download_complete", "download_failed", "scan_complete"]) socket.on(type, again);
  onLibraryChange(again);
  onReturn(again);
  const upgradesAgain = calmed(loadUpgrades, 5000);
  for (const type of ["download_complete", "scan_complete"]) socket.on(type, upgradesAgain);
  load();
  loadUpgrades();
}
