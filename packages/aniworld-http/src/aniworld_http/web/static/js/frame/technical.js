// Technical details of a problem, folded, with a button that copies them.

import { button, make, say } from "../dom.js";
import { t } from "../texts.js";

/**
 * Create the details.
 *
 * @param {(string|null|false|undefined)[]} lines what is shown and copied; empty ones are left out.
 */
export function technical(lines) {
  const text = lines.filter(Boolean).join("\n");
  const copied = make("span.hint", { role: "status" });
  const copy = button(t("problem.copy"), {
    sign: "copy",
    kind: "small",
    onclick: async () => say(copied, t((await toClipboard(text)) ? "problem.copied" : "log.not_copied")),
  });
  return make(
    "details.technical",
    {},
    make("summary", {}, t("problem.technical")),
    make("pre", {}, text),
    make("div.row", {}, copy, copied),
  );
}

/** Copy a text, also without the clipboard API, which browsers offer only over HTTPS. */
export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = make("textarea.unseen", { value: text, readonly: true });
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}
