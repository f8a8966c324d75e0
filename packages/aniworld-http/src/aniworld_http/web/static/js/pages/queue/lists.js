// A card with rows: a row is made once, and later updates change only what differs.

import { bar, button, fillBar, make, say } from "../../dom.js";
import { now, seriesPath } from "../../context.js";
import { isFinishing, sizeOf } from "../../lists/progress.js";
import {
  bytes,
  code,
  count,
  duration,
  languageName,
  moment,
  percent,
  speed,
  t,
} from "../../texts.js";
import { showReason } from "./reasons.js";

/** Rows that are created at once. */
const PART = 10;

/**
 * Create the list of a card.
 *
 * @param {HTMLElement} card with a `ul`, an element for the number, and one for an empty list.
 * @param {(row: object) => object} makeRow creates a row: its `node` and its `update` function.
 */
export function makeList(card, makeRow) {
  const list = card.querySelector("ul");
  const amount = card.querySelector("[data-amount]");
  const nothing = card.querySelector("[data-nothing]");
  const lines = new Map();
  const rows = new Map();
  let shown = 0;

  /**
   * Show rows in their order, some at once and the rest in parts, so that the page stays responsive.
   *
   * @param {object[]} latest the rows.
   * @param {string} words the number of all rows.
   */
  async function show(latest, words) {
    const mine = ++shown;
    const ids = new Set(latest.map(idOf));
    for (const [id, line] of lines) {
      if (ids.has(id)) continue;
      line.node.remove();
      lines.delete(id);
      rows.delete(id);
    }
    say(amount, words);
    nothing.hidden = latest.length > 0;
    let place = list.firstElementChild;
    for (const [number, row] of latest.entries()) {
      if (number && number % PART === 0 && lines.size < latest.length) {
        await new Promise((go) => setTimeout(go));
        if (mine !== shown) return;
        place = lines.get(idOf(latest[number - 1])).node.nextElementSibling;
      }
      const id = idOf(row);
      let line = lines.get(id);
      if (!line) {
        line = makeRow(row);
        lines.set(id, line);
      }
      rows.set(id, row);
      line.update(row);
      if (line.node === place) place = place.nextElementSibling;
      else list.insertBefore(line.node, place);
    }
  }

  return { list, lines, rows, show, renew: (row) => lines.get(idOf(row))?.update(row) };
}

/** Return the identity of a row: the id of an item, or the key of a series. */
export function idOf(row) {
  return row.id ?? row.serie_id;
}

/** Return the name of an item: series, code and title. */
export function nameOf(item) {
  return `${item.serie_name} ${code(item.episode.season, item.episode.episode)}`;
}

/**
 * Create the row of an item.
 *
 * @param {object} item the item.
 * @param {Node[]} acts its buttons.
 * @param {Node|null} tick its checkbox in the select mode.
 * @param {() => boolean} isPaused whether the transfers are paused.
 */
export function makeItem(item, acts, tick, isPaused) {
  // Isolated, because a name may contain marks that turn the direction of the text.
  const [name, rest] = [make("bdi"), make("bdi")];
  const link = make("a", { href: seriesPath(item.serie_id) }, name, " · ", rest);
  const [meta, why] = [make("div.meta"), make("div.why")];
  const grip = make("span.grip", {}, tick);
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
    "aria-label": nameOf(item),
  });
  if (item.status === "downloading") node.append(track);

  return {
    node,
    grip,
    update(latest) {
      say(name, latest.serie_name);
      say(rest, `${code(latest.episode.season, latest.episode.episode)} · ${latest.episode.title}`);
      say(meta, metaOf(latest, isPaused()));
      const isActive = latest.status === "downloading";
      line.hidden = latest.status === "completed" || (!isActive && latest.progress.percent === 0);
      if (!line.hidden) fillBar(line, latest.progress.percent / 100, false);
      if (isActive) track.setAttribute("aria-valuenow", String(Math.floor(latest.progress.percent)));
      showReason(why, latest);
    },
  };
}

/**
 * Create the row of a series with its items inside.
 *
 * @param {object} series the series.
 * @param {Node[]} acts its buttons.
 * @param {Node|null} tick its checkbox in the select mode.
 * @param {(list: HTMLElement) => Promise<void>} open shows the items in a list.
 */
export function makeSeries(series, acts, tick, open) {
  const meta = make("div.meta");
  const items = make("ul.items", { hidden: true });
  const toggle = button(t("queue.show_items", { name: series.serie_name }), {
    sign: "down",
    kind: "subtle small",
    shown: false,
    "aria-expanded": "false",
    onclick: () => setOpen(items.hidden),
  });
  const node = make(
    "li.item.series-group",
    { "data-id": series.serie_id },
    make("span.grip", {}, tick, toggle),
    make("div.what", {}, make("a", { href: seriesPath(series.serie_id) }, make("bdi", {}, series.serie_name)), meta),
    make("div.acts", {}, ...acts),
    items,
  );

  async function setOpen(isOpen) {
    if (isOpen) {
      // One series is open at a time, so that the page stays small.
      for (const other of node.parentElement.querySelectorAll("[aria-expanded=true]")) other.click();
      await open(items);
    } else {
      items.replaceChildren();
    }
    items.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", String(isOpen));
  }

  return {
    node,
    update(latest) {
      say(meta, count("queue.items", latest.items));
      if (!items.hidden) open(items);
    },
  };
}

function metaOf(item, isPaused) {
  const { progress } = item;
  const language = item.language ? languageName(item.language) : null;
  if (item.status === "downloading") {
    const known = sizeOf(progress);
    const size = known === null ? bytes(progress.downloaded_bytes) : `${bytes(progress.downloaded_bytes)} / ${bytes(known)}`;
    if (isFinishing(progress)) return joined(t("queue.finishing"), size, language, item.hoster);
    const hasTime = known !== null && progress.eta_seconds !== null;
    const left = hasTime ? t("queue.left", { time: duration(progress.eta_seconds) }) : null;
    const moving = isPaused ? [] : [speed(progress.speed_mbps), left];
    return joined(percent(progress.percent), size, ...moving, language, item.hoster);
  }
  if (item.status === "completed") {
    return joined(moment(item.completed_at), bytes(progress.downloaded_bytes), language, item.hoster);
  }
  const isFailed = item.status === "failed";
  const later = item.not_before && new Date(item.not_before) > now();
  return joined(
    item.priority === "normal" ? null : t(`priority.${item.priority}`),
    progress.percent > 0 ? percent(progress.percent) : null,
    later ? t("queue.not_before", { time: moment(item.not_before) }) : null,
    isFailed || item.retry_count ? count("queue.tries", item.retry_count + 1) : null,
    item.hoster,
    language,
    isFailed ? moment(item.completed_at) : null,
  );
}

function joined(...parts) {
  return parts.filter(Boolean).join(" · ");
}
