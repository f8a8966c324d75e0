// Technical details of a problem, folded, with a button that copies them.

import { button, make, say } from "../dom.js";
import { t } from "../texts.js";

/**
 * Create the details; their content is made when they are opened, because a list has many of them.
 *
 * @param {(string|null|false|undefined)[]} lines what is shown and copied; empty ones are left out.
 */
export function technical(lines) {
  const node = make("details.technical", {}, make("summary", {}, t("problem.technical")));
  node.addEventListener(
    "toggle",
    () => {
      const text = make("pre", { tabindex: "0" }, lines.filter(Boolean).join("\n"));
      node.append(text, copyRow(text));
    },
    { once: true },
  );
  return node;
}

/** Create the button that copies the text of an element, and says whether it did. */
export function copyRow(source) {
  const copied = make("span.hint", { role: "status" });
  const copy = button(t("problem.copy"), {
    sign: "copy",
    kind: "small",
    onclick: async () => say(copied, t((await toClipboard(source.textContent)) ? "problem.copied" : "log.not_copied")),
  });
  return make("div.row", {}, copy, copied);
}

/** Copy a text, also without the clipboard API, which browsers offer only over HTTPS. */
export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** Copy through a selected field; it is inside the open dialog, which keeps the focus from all else. */
function copySelected(text) {
  const former = document.activeElement;
  const box = make("textarea.unseen", { value: text, readonly: true });
  (former?.closest("dialog") ?? document.body).append(box);
  box.select();
  const isDone = document.execCommand("copy");
  box.remove();
  former?.focus({ preventScroll: true });
  return isDone;
}
