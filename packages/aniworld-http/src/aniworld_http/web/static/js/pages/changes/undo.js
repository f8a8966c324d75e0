// A button that undoes a change of the history.

import { post } from "../../api.js";
import { button } from "../../dom.js";
import { doing, tell } from "../../messages.js";
import { t } from "../../texts.js";

/** Create the button; *after* is called when the change is undone. */
export function undoButton(id, after) {
  const target = button(t("changes.undo"), {
    "data-needs": "control",
    sign: "retry",
    kind: "small",
    onclick: () =>
      doing(target, async () => {
        await post(`/api/library/history/${id}/undo`);
        tell(t("changes.undone"));
        target.closest(".toast")?.remove();
        await after();
      }),
  });
  return target;
}
