// A button that undoes a change of the history.

import { post } from "../../api.js";
import { button } from "../../dom.js";
import { doing, tell } from "../../messages.js";
import { t } from "../../texts.js";

/**
 * Create the button.
 *
 * @param {number} id the change.
 * @param {() => Promise<void>} after called when the change is undone.
 * @param {string} [what] names the change to screen readers, where a list has several buttons.
 */
export function undoButton(id, after, what) {
  const target = button(t("changes.undo"), {
    "data-needs": "control",
    "data-change": id,
    sign: "retry",
    kind: "small",
    "aria-label": what ? `${t("changes.undo")}: ${what}` : null,
    onclick: () =>
      doing(target, async () => {
        await post(`/api/library/history/${id}/undo`);
        tell(t("changes.undone"));
        // The change is offered in its message, too, until that leaves.
        for (const other of document.querySelectorAll(`.toast [data-change="${id}"]`)) other.closest(".toast").remove();
        await after();
      }),
  });
  return target;
}
