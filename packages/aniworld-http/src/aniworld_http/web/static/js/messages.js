// Toasts and confirmation dialogs.

import { Problem } from "./api.js";
import { noteOffline } from "./frame/connection.js";
import { button, by, make, say } from "./dom.js";
import { technical } from "./frame/technical.js";
import { t } from "./texts.js";

/** Milliseconds that a message stays; a problem stays longer. Reading takes time by its length. */
const SHOWN_FOR = { good: 6000, bad: 15_000, letter: 60 };
const MOST = 3;
/** Screen readers announce text that changes inside a live region, not a region that appears. */
const BEFORE_TEXT = 50;

/**
 * Show a message. It leaves by itself, unless it offers an action to a problem.
 *
 * @param {string} text the message.
 * @param {{bad?: boolean, action?: Node|null, details?: Node|null}} [options] whether it is a
 *   problem; a button; folded details.
 */
export function tell(text, { bad = false, action = null, details = null } = {}) {
  shownAlready(text)?.remove();
  const words = make("p");
  const close = button(t("action.close"), {
    sign: "close",
    kind: "subtle small",
    shown: false,
    onclick: () => leave(toast),
  });
  const toast = make(
    bad ? "div.toast.bad" : "div.toast",
    { role: bad ? "alert" : "status", "data-text": text },
    words,
    action,
    close,
    details,
  );
  by("toasts").append(toast);
  makeRoom();
  setTimeout(() => {
    say(words, text);
    measure();
    uncover();
  }, BEFORE_TEXT);
  if (!(bad && action)) leaveLater(toast, (bad ? SHOWN_FOR.bad : SHOWN_FOR.good) + text.length * SHOWN_FOR.letter);
  return toast;
}

function shownAlready(text) {
  return [...by("toasts").children].find((toast) => toast.dataset.text === text);
}

/** Remove the oldest messages, those without an action first. */
function makeRoom() {
  const all = [...by("toasts").children];
  const rank = (toast) => (toast.classList.contains("bad") ? 1 : 0) + (toast.querySelectorAll(".button").length > 1 ? 2 : 0);
  const older = all.slice(0, -1).sort((a, b) => rank(a) - rank(b));
  for (const toast of older.slice(0, Math.max(0, all.length - MOST))) toast.remove();
  measure();
}

function leave(toast) {
  toast.remove();
  measure();
}

function leaveLater(toast, milliseconds) {
  let timer = setTimeout(() => leave(toast), milliseconds);
  const hold = () => clearTimeout(timer);
  const letGo = () => {
    clearTimeout(timer);
    timer = setTimeout(() => leave(toast), milliseconds);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", letGo);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", letGo);
}

/** Let the page scroll as far as the messages are high, so that they cover nothing for good. */
function measure() {
  const box = by("toasts");
  document.documentElement.style.setProperty("--toasts", `${box.childElementCount ? box.offsetHeight : 0}px`);
  const menu = document.querySelector(".sidebar .nav");
  const room = menu ? innerHeight - menu.getBoundingClientRect().bottom : 0;
  box.classList.toggle("at-end", room < box.offsetHeight + 32);
}

/** Scroll until the messages do not cover what has the focus of the keyboard. */
function uncover() {
  const focused = document.querySelector("main :focus-visible");
  if (!focused) return;
  const [own, over] = [focused.getBoundingClientRect(), by("toasts").getBoundingClientRect()];
  const isBeside = own.right <= over.left || own.left >= over.right || own.bottom <= over.top;
  if (!isBeside) focused.scrollIntoView({ block: "nearest" });
}

addEventListener("resize", measure);

/** Show the message of a problem; rethrow any other error, which is a bug. */
export function complain(error) {
  if (!(error instanceof Problem)) throw error;
  // The banner says it for all requests that fail while there is no connection.
  if (error.kind === "offline") noteOffline();
  else if (error.status !== 401) tell(error.words, { bad: true, details: technical(error.technical) });
}

/** Run an action while its button shows progress; problems are shown. */
export async function doing(target, action) {
  if (target?.getAttribute("aria-busy") === "true") return undefined;
  target?.setAttribute("aria-busy", "true");
  try {
    return await action();
  } catch (error) {
    complain(error);
    // The person waits for this one.
    if (error.kind === "offline") tell(t("problem.not_done"), { bad: true });
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
