// Button that puts one episode into the queue.

import { post } from "./api.js";
import { button } from "./dom.js";
import { doing, tell } from "./messages.js";
import { count, messageText, t } from "./texts.js";

/**
 * Create the button.
 *
 * @param {string} key key of the series.
 * @param {string} code the episode, such as `S01E05`.
 * @param {string} name name of the series, for screen readers.
 */
export function queueButton(key, code, name) {
  const target = button(t("queue.episode", { code }), {
    "data-needs": "request",
    kind: "small",
    sign: "queue",
    "aria-label": `${t("queue.episode", { code })}: ${name}`,
    onclick: () =>
      doing(target, async () => {
        const { items, skipped } = await post("/api/queue/add", { serie_id: key, episodes: [code] });
        const [reason] = skipped;
        tell(
          items.length
            ? count("queue.added", items.length)
            : messageText(reason?.reason, reason?.reason_kind, reason?.reason_values),
        );
      }),
  });
  return target;
}
