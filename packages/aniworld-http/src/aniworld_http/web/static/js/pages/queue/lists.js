// Lists of queue items: a line is made once, and later updates change only what differs.

import { bar, button, fillBar, make, outside, say } from "../../dom.js";
import { now, seriesPath } from "../../context.js";
import {
  bytes,
  code,
  count,
  duration,
  failureText,
  integer,
  languageName,
  moment,
  percent,
  sentMessage,
  speed,
  t,
} from "../../texts.js";

/** Lines that are created at once; the rest follows in parts, so that the page stays responsive. */
const PART = 60;

/**
 * Create the list of a card.
 *
 * @param {HTMLElement} card with a `ul`, an element for the number, and one for an empty list.
 * @param {object} options how a line is created, its buttons, and how many lines are shown at
 *   first.
 */
export function makeList(card, { make: makeLine, acts, most = Infinity }) {
  const list = card.querySelector("ul");
  const amount = card.querySelector("[data-amount]");
  const nothing = card.querySelector("[data-nothing]");
  const lines = new Map();
  const items = new Map();
  let limit = most;
  let grown = PART;
  let all = [];
  let total = 0;
  const more = make(
    "footer",
    {},
    button(t("queue.more"), {
      onclick: () => {
        const first = [...lines.values()].at(-1);
        limit += most;
        show(all, total);
        first?.node.nextElementSibling?.querySelector("a")?.focus();
      },
    }),
  );
  if (most < Infinity) card.append(more);

  /** Show items; *amountOfAll* is their number on the server, which may list only the first. */
  function show(latest, amountOfAll = latest.length) {
    all = latest;
    total = amountOfAll;
    const shown = latest.slice(0, Math.min(limit, grown));
    if (grown < Math.min(latest.length, limit)) {
      setTimeout(() => {
        grown += PART;
        show(all, total);
      });
    }
    const ids = new Set(shown.map((item) => item.id));
    for (const [id, line] of lines) {
      if (ids.has(id)) continue;
      line.node.remove();
      lines.delete(id);
      items.delete(id);
    }
    let place = list.firstElementChild;
    for (const item of shown) {
      let line = lines.get(item.id);
      if (!line) {
        line = makeLine(item, acts(item));
        lines.set(item.id, line);
      }
      items.set(item.id, item);
      line.update(item);
      if (line.node === place) place = place.nextElementSibling;
      else list.insertBefore(line.node, place);
    }
    say(amount, amountText(latest.length, total));
    nothing.hidden = latest.length > 0;
    more.hidden = latest.length <= limit;
  }

  return { list, lines, items, show, renew: (item) => lines.get(item.id)?.update(item) };
}

function amountText(shown, all) {
  if (!shown) return "";
  if (shown >= all) return count("queue.items", shown);
  return t("queue.first_items", { shown: integer(shown), all: integer(all) });
}

/** One line of a list. */
export function makeItem(item, acts) {
  const name = code(item.episode.season, item.episode.episode);
  const link = make("a", { href: seriesPath(item.serie_id) });
  const [meta, why] = [make("div.meta"), make("div.why")];
  const grip = make("span.grip");
  const line = bar(0);
  const node = make(
    "li.item",
    { "data-id": item.id },
    grip,
    make("div.what", {}, link, meta, why),
    make("div.acts", {}, ...acts),
    line,
  );
  const track = make("span.unseen", {
    role: "progressbar",
    "aria-valuemin": "0",
    "aria-valuemax": "100",
    "aria-label": `${item.serie_name} ${name}`,
  });
  if (item.status === "downloading") node.append(track);

  return {
    node,
    grip,
    update(latest) {
      say(link, `${latest.serie_name} · ${name} · ${latest.episode.title}`);
      say(meta, metaOf(latest));
      const isActive = latest.status === "downloading";
      line.hidden = !isActive && latest.progress.percent === 0;
      if (latest.status === "completed") line.hidden = true;
      if (!line.hidden) fillBar(line, latest.progress.percent / 100, false);
      if (isActive) track.setAttribute("aria-valuenow", String(Math.round(latest.progress.percent)));
      showReason(why, latest);
    },
  };
}

function showReason(why, item) {
  const error = failureText(item.error, item.error_kind, item.error_values);
  const sent = item.notice_messages ?? [];
  const notices = sent.length ? t("queue.notices", { notices: sent.map(sentMessage).join(" · ") }) : "";
  const { reason } = item;
  const text = error || notices || (reason ? sentMessage(reason) : "");
  why.hidden = !text;
  if (why.dataset.text === text) return;
  why.dataset.text = text;
  const page = item.error_kind === "needs_person" ? item.link : null;
  why.replaceChildren(text, ...(page ? [" ", outside(page, t("queue.open_page"))] : []));
}

function metaOf(item) {
  const { progress } = item;
  const language = item.language ? languageName(item.language) : null;
  if (item.status === "downloading") {
    // The received bytes can exceed an estimated size.
    const isKnown = progress.total_bytes >= progress.downloaded_bytes && progress.total_bytes > 0;
    const size = isKnown
      ? `${bytes(progress.downloaded_bytes)} / ${bytes(progress.total_bytes)}`
      : bytes(progress.downloaded_bytes);
    const left = progress.eta_seconds === null ? null : t("queue.left", { time: duration(progress.eta_seconds) });
    return joined(percent(progress.percent), size, speed(progress.speed_mbps), left, language, item.hoster);
  }
  if (item.status === "completed") {
    return joined(moment(item.completed_at), bytes(progress.downloaded_bytes), language, item.hoster);
  }
  const retry = item.retry_count ? count("queue.tries", item.retry_count + 1) : null;
  const later = item.not_before && new Date(item.not_before) > now();
  const begun = progress.percent > 0 ? percent(progress.percent) : null;
  return joined(
    item.priority === "normal" ? null : t(`priority.${item.priority}`),
    begun,
    later ? t("queue.not_before", { time: moment(item.not_before) }) : null,
    retry,
    language,
    item.status === "failed" ? moment(item.completed_at) : null,
  );
}

function joined(...parts) {
  return parts.filter(Boolean).join(" · ");
}

