// Catalogues that are not asked for a while: one line for each, however many items wait.

import { get, post } from "../../api.js";
import { button, by, icon, make } from "../../dom.js";
import { tell } from "../../messages.js";
import { count, messageText, moment, t } from "../../texts.js";

export const requestResting = () => get("/api/queue/resting");

/**
 * Show the catalogues.
 *
 * @param {object[]} resting the answer of the API.
 * @param {(target: Element, action: Function) => Promise<void>} act runs an action and reloads.
 */
export function showResting(resting, act) {
  by("resting").replaceChildren(...resting.map((each) => line(each, act)));
}

function line({ catalogue, items, until, reason, reason_kind: kind, reason_values: values }, act) {
  const now = button(t("queue.try_now"), {
    "data-needs": "control",
    sign: "retry",
    kind: "small",
    onclick: () =>
      act(now, async () => {
        await post("/api/queue/resting/try", { catalogue });
        tell(t("queue.tried", { catalogue }));
      }),
  });
  const text = t("queue.resting", {
    items: count("queue.episodes", items),
    catalogue,
    time: moment(until),
    why: messageText(reason, kind, values),
  });
  return make("div.notice", { role: "status" }, icon("clock"), make("p", {}, text), now);
}
