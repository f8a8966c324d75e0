// Catalogues that did not answer: without them nothing can be said to be missing.

import { button, make } from "../../dom.js";
import { count, messageText, t } from "../../texts.js";

/**
 * Name the catalogues that did not answer, and why.
 *
 * @param {{error: object}[]} silent the catalogues of a report.
 * @param {function()} again asks them again.
 * @param {string} text the name of the text that counts them.
 */
export function unanswered(silent, again, text = "add.silent") {
  const reasons = silent.map(({ error }) => make("li", {}, messageText(error.error, error.kind, error.values)));
  return make(
    "li.card.unanswered",
    {},
    make("p", {}, count(text, silent.length)),
    make("ul", {}, ...reasons),
    button(t("action.try_again"), { onclick: again }),
  );
}
