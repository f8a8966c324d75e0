// Cards of the Wanted page with items of the queue, and with episodes that wait for a better file.

import { post } from "../../api.js";
import { button, by, make, outside, say } from "../../dom.js";
import { doing, tell } from "../../messages.js";
import { at, seriesPath } from "../../context.js";
import { code, count, integer, languageName, messageText, moment, sentMessage, sentence, t } from "../../texts.js";

/** Show the first items of a list, with the number of all of them; `changed` follows an action. */
export function showItems(card, { rows, total }, changed) {
  card.querySelector("ul").replaceChildren(...rows.map((item) => itemLine(item, changed)));
  card.hidden = !rows.length;
  const amount =
    rows.length < total
      ? t("wanted.first_items", { shown: integer(rows.length), all: integer(total) })
      : count("queue.items", total);
  say(card.querySelector("[data-amount]"), amount);
}

function itemLine(item, changed) {
  const name = code(item.episode.season, item.episode.episode);
  const again = button(t("queue.retry"), {
    "data-needs": "request",
    sign: "retry",
    kind: "small",
    "aria-label": `${t("queue.retry")}: ${item.serie_name} ${name}`,
    onclick: () =>
      doing(again, async () => {
        await post("/api/queue/retry", { item_ids: [item.id] });
        await changed();
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

/** Show the first episodes that wait for a better file. */
export function showUpgrades({ rows, total }, changed) {
  const card = by("upgrades-card");
  card.querySelector("ul").replaceChildren(...rows.map((row) => upgradeLine(row, changed)));
  card.hidden = !rows.length;
  say(card.querySelector("[data-amount]"), count("queue.items", total));
  const all = by("queue-upgrades");
  all.hidden = !rows.some((row) => row.available_languages.length && !row.queued);
  all.onclick = () => upgrade(all, {}, changed);
}

function upgradeLine(row, changed) {
  const name = code(row.season, row.episode);
  const replace = button(t("wanted.upgrade"), {
    "data-needs": "control",
    sign: "queue",
    kind: "small",
    "aria-label": `${t("wanted.upgrade")}: ${row.name} ${name}`,
    onclick: () => upgrade(replace, { key: row.key, episodes: [name] }, changed),
  });
  const languages = row.available_languages.map(languageName).join(", ");
  const state = row.queued ? t("wanted.in_queue") : languages && t("wanted.available", { languages });
  const why = row.reasons.map(sentMessage).map(sentence);
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("a", { href: seriesPath(row.key) }, `${row.name} · ${name}`),
      make("div.meta", {}, state),
      make("div.why.calm", {}, why.join(" ")),
    ),
    make("div.acts", {}, !row.queued && (languages || row.wanted_height) ? replace : null),
  );
}

function upgrade(target, body, changed) {
  return doing(target, async () => {
    const { items } = await post("/api/library/upgrades/queue", body);
    tell(count("queue.added", items.length), { action: make("a", { href: at("/queue") }, t("nav.queue")) });
    await changed();
  });
}
