// Lists of items that change in place: a line is made once, and only what differs is touched.

import { bar, button, fillBar, make, outside, say } from "../dom.js";
import { seriesPath } from "../surroundings.js";
import {
  bytes,
  code,
  count,
  duration,
  languageName,
  moment,
  percent,
  said,
  speed,
  t,
} from "../texts.js";

/** Lines made at once; more follow in further parts, so that nobody waits for a click. */
const PART = 60;

/**
 * Make a list of a card.
 *
 * @param {HTMLElement} card with a `ul`, a place for the amount, and words for nothing at all.
 * @param {object} options how a line is made, its buttons, and how many are shown at first.
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
  const more = make(
    "footer",
    {},
    button(t("queue.more"), {
      onclick: () => {
        const first = [...lines.values()].at(-1);
        limit += most;
        show(all);
        first?.node.nextElementSibling?.querySelector("a")?.focus();
      },
    }),
  );
  if (most < Infinity) card.append(more);

  function show(latest) {
    all = latest;
    const shown = latest.slice(0, Math.min(limit, grown));
    if (grown < Math.min(latest.length, limit)) {
      setTimeout(() => {
        grown += PART;
        show(all);
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
    say(amount, latest.length ? count("queue.items", latest.length) : "");
    nothing.hidden = latest.length > 0;
    more.hidden = latest.length <= limit;
  }

  return { list, lines, items, show, renew: (item) => lines.get(item.id)?.update(item) };
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
  const text = said(item.error ?? "");
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
    // A stream whose length was guessed too low may be longer already.
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
  const later = item.not_before && new Date(item.not_before) > new Date();
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

