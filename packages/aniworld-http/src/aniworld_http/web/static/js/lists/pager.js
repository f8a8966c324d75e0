// Pages of a long list: which rows are shown, and buttons to the others.

import { button, make, say } from "../dom.js";
import { integer, t } from "../texts.js";

/**
 * Create the buttons below a list; hidden while one page has all rows.
 *
 * @param {number} size rows of a page.
 * @param {Function} open called with the number of the page to open, from 1.
 */
export function makePager(size, open) {
  let [page, last] = [1, 1];
  const words = make("span.subtitle", { role: "status" });
  const step = (label, sign, number) =>
    button(label, { sign, shown: false, onclick: () => open(number()) });
  const first = step(t("pager.first"), "first", () => 1);
  const before = step(t("pager.before"), "before", () => page - 1);
  const after = step(t("pager.after"), "after", () => page + 1);
  const end = step(t("pager.last"), "last", () => last);
  const node = make("nav.pager", { "aria-label": t("pager.name"), hidden: true }, first, before, words, after, end);

  /** Show page *number* of *total* rows; false if the list has become shorter than that. */
  function show(number, total) {
    page = number;
    last = Math.max(1, Math.ceil(total / size));
    if (page > last) {
      open(last);
      return false;
    }
    node.hidden = last === 1;
    const [from, to] = [(page - 1) * size + 1, Math.min(page * size, total)];
    say(words, t("pager.rows", { from: integer(from), to: integer(to), total: integer(total) }));
    for (const each of [first, before]) each.disabled = page === 1;
    for (const each of [after, end]) each.disabled = page === last;
    return true;
  }

  return { node, show };
}
