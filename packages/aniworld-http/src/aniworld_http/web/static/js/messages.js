// Toasts and confirmation dialogs.

import { Problem } from "./api.js";
import { button, by, make } from "./dom.js";
import { t } from "./texts.js";

const SHOWN_FOR = 6000;

/** Show a message; an error stays until it is dismissed. */
export function tell(text, { bad = false, action = null } = {}) {
  const toast = make(
    bad ? "div.toast.bad" : "div.toast",
    {},
    make("p", {}, text),
    action,
    button(t("action.close"), {
      sign: "close",
      kind: "subtle small",
      shown: false,
      onclick: () => toast.remove(),
    }),
  );
  by("toasts").append(toast);
  if (!bad) {
    let timer = setTimeout(() => toast.remove(), SHOWN_FOR);
    const hold = () => clearTimeout(timer);
    const letGo = () => (timer = setTimeout(() => toast.remove(), SHOWN_FOR));
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("pointerleave", letGo);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("focusout", letGo);
  }
  return toast;
}

/** Show the message of a problem; rethrow any other error, which is a bug. */
export function complain(error) {
  if (!(error instanceof Problem)) throw error;
  if (error.status !== 401) tell(error.words, { bad: true });
}

/** Run an action while its button shows progress; problems are shown. */
export async function doing(target, action) {
  if (target?.getAttribute("aria-busy") === "true") return undefined;
  target?.setAttribute("aria-busy", "true");
  try {
    return await action();
  } catch (error) {
    complain(error);
    return undefined;
  } finally {
    target?.removeAttribute("aria-busy");
  }
}

/**
 * Ask for confirmation.
 *
 * @returns {Promise<FormData|null>} the fields of the dialog; `null` if it was cancelled.
 */
export function ask(title, text, { yes, danger = false, fields = [] }) {
  return new Promise((answer) => {
    const no = button(t("action.cancel"), { onclick: () => dialog.close() });
    const go = make(
      danger ? "button.button.danger" : "button.button.primary",
      { type: "submit" },
      yes,
    );
    const form = make(
      "form",
      {
        method: "dialog",
        onsubmit: () => (dialog.answer = new FormData(form)),
      },
      make("h2", { id: "question" }, title),
      text ? make("p", {}, text) : null,
      ...fields,
      make("div.row.end", {}, no, go),
    );
    const dialog = make("dialog", { "aria-labelledby": "question" }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.answer ?? null);
    });
    document.body.append(dialog);
    dialog.showModal();
    (form.querySelector("input") ?? no).focus();
  });
}
