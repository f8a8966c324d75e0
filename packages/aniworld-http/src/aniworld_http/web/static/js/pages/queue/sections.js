// The sections of the queue below the active items: each shows a part of one list of the server.

import { page } from "../../api.js";
import { button, by, make, say } from "../../dom.js";
import { count, integer, t } from "../../texts.js";
import { makePager } from "../../lists/pager.js";
import { makeItem, makeList, makeSeries } from "./lists.js";

/** Rows of a section that is chosen, and of each while all are shown. */
export const ROWS = 50;
const FEW = 10;
/** Items that are shown inside a series. */
const INSIDE = 20;

/** What each section lists: a filter of the API. */
export const FILTERS = {
  pending: { status: ["pending"], resting: false },
  person: { status: ["failed"], error_kind: ["needs_person"] },
  failed: { status: ["failed"], error_kind_not: ["needs_person"] },
  completed: { status: ["completed"] },
};

/**
 * Create a section.
 *
 * @param {string} name the section.
 * @param {object} options the address of the page and how to change it, the selection, the buttons of items and of
 *   series, whether the transfers are paused, and whether rows can be put in order.
 */
export function makeSection(name, { address, choose, selection, actsOf, seriesActsOf, isPaused, isOrderable }) {
  const card = by(name);
  const pager = makePager(ROWS, (number) => choose({ page: number }));
  const all = button("", { kind: "small", onclick: () => choose({ state: name }) });
  const foot = make("footer", {}, pager.node, all);
  card.append(foot);
  let [list, layout] = [null, null];

  function makeRow(row) {
    const tick = selection.tick(name, row);
    if (row.id) return makeItem(row, actsOf(name, row), tick, isPaused);
    return makeSeries(row, seriesActsOf(name, row), tick, (inside) => showInside(row, inside));
  }

  function query(values) {
    const order = name === "pending" ? "next" : "newest";
    const { search } = address.state;
    const given = { ...FILTERS[name], order, ...(search ? { search } : {}), ...values };
    const pairs = Object.entries(given).flatMap(([key, value]) => [value].flat().map((each) => [key, each]));
    return new URLSearchParams(pairs);
  }

  async function showInside(series, inside) {
    const { rows, total } = await page(
      `/api/queue/items?${query({ serie_id: series.serie_id, limit: INSIDE })}`,
    );
    const lines = rows.map((item) => {
      const line = makeItem(item, actsOf(name, item, { inside: true }), null, isPaused);
      line.update(item);
      return line.node;
    });
    const more = button(t("queue.show_all", { n: integer(total) }), {
      kind: "small",
      onclick: () => choose({ state: name, group: "items", search: series.serie_id }),
    });
    inside.replaceChildren(...lines, ...(total > rows.length ? [make("li", {}, more)] : []));
  }

  /** Return the rows that the address asks for; `null` if the section is not shown. */
  async function request() {
    const { state, page: number, group } = address.state;
    if (state !== "all" && state !== name) return null;
    const [limit, offset] = state === name ? [ROWS, (number - 1) * ROWS] : [FEW, 0];
    const path = group === "series" ? "series" : "items";
    return page(`/api/queue/${path}?${query({ limit, offset })}`);
  }

  /** Show the rows of an answer; false if another page must be requested instead. */
  async function show(answer) {
    const { state, page: number, group: latest, search } = address.state;
    const isNothing = name === "person" && !answer?.total && state !== name;
    card.hidden = !answer || isNothing;
    if (!answer) return true;
    if (state === name && !pager.show(number, answer.total)) return false;
    const wanted = `${latest} ${isOrderable()}`;
    if (layout !== wanted) {
      // Rows of items and of series, and rows that can be moved, have different parts.
      card.querySelector("ul").replaceChildren();
      list = makeList(card, makeRow);
      layout = wanted;
    }
    const words = count(latest === "series" ? "queue.series" : "queue.items", answer.total);
    const empty = card.querySelector("[data-nothing]");
    say(empty, search ? t("queue.no_hits") : t(`queue.${name}_none`));
    pager.node.hidden ||= state !== name;
    all.hidden = state === name || answer.total <= answer.rows.length;
    say(all, t("queue.show_all", { n: integer(answer.total) }));
    foot.hidden = pager.node.hidden && all.hidden;
    await list.show(answer.rows, answer.total ? words : "");
    return true;
  }

  return {
    name,
    card,
    request,
    show,
    /** The list, once there is one. */
    get list() {
      return list;
    },
  };
}
