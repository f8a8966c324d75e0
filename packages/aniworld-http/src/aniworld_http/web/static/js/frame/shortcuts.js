// Keyboard shortcuts: the one place where they are registered, and the help that lists them.

import { storageKey } from "../context.js";
import { button, make } from "../dom.js";
import { t } from "../texts.js";

const OFF_KEY = storageKey("aniworld.shortcuts");
/** Controls that use these keys themselves. */
const CONTROLS = "button, a[href], summary, [popover], [role=grid], [role=slider]";
const OF_CONTROLS = new Set([" ", "enter", "arrowleft", "arrowright", "arrowup", "arrowdown"]);
const FIELDS = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
const isApple = navigator.platform.startsWith("Mac") || navigator.platform.startsWith("iP");
const actions = [];
const inside = [];

/**
 * Register a shortcut of the page. It never fires while a field or a dialog has the focus.
 *
 * @param {string} keys one key as in `KeyboardEvent.key`, or `Mod+` and a key: Ctrl, on a Mac Cmd.
 * @param {string} text name of the text that the help shows.
 * @param {() => unknown} action what it does; `false` leaves the key to the browser.
 * @param {{repeats?: boolean}} [options] whether a key that is held down repeats it.
 */
export function shortcut(keys, text, action, { repeats = false } = {}) {
  const key = keys.replace("Mod+", "").toLowerCase();
  actions.push({ keys, key, mod: keys.startsWith("Mod+"), text, action, repeats });
}

/** List keys that a part of the page handles itself while it has the focus; *keys* is one or more. */
export function listKeys(keys, text) {
  inside.push({ keys, text });
}

function fires({ key, mod, repeats }, event) {
  if (event.key.toLowerCase() !== key || event.altKey || (event.repeat && !repeats)) return false;
  if (OF_CONTROLS.has(key) && event.target.closest?.(CONTROLS)) return false;
  if (mod) return event.ctrlKey || event.metaKey;
  return !event.ctrlKey && !event.metaKey && isOn();
}

/** Single keys can be switched off, because speech input types them (WCAG 2.1.4). */
function isOn() {
  return localStorage.getItem(OFF_KEY) !== "off";
}

addEventListener("keydown", (event) => {
  const isTyping = event.isComposing || event.target.closest?.(FIELDS);
  if (event.defaultPrevented || isTyping || document.querySelector("dialog[open]")) return;
  const found = actions.find((each) => fires(each, event));
  if (found && found.action() !== false) event.preventDefault();
});

const NAMES = {
  Mod: isApple ? "⌘" : t("keys.ctrl"),
  Enter: t("keys.enter"),
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": t("keys.space"),
  PageUp: t("keys.page_up"),
  PageDown: t("keys.page_down"),
  Home: t("keys.home"),
  End: t("keys.end"),
};

function shown(keys) {
  return keys.split("+").map((key) => make("kbd", {}, NAMES[key] ?? key.toUpperCase()));
}

function rows(list) {
  return list.map(({ keys, text }) => {
    const boxes = [].concat(keys).flatMap((each, index) => [...(index ? [" / "] : []), ...shown(each)]);
    return make("div", {}, make("dt", {}, ...boxes), make("dd", {}, t(text)));
  });
}

/** Open the list of all shortcuts of this page. */
export function showKeyboardHelp() {
  const on = make("input", {
    type: "checkbox",
    checked: isOn(),
    onchange: () => localStorage.setItem(OFF_KEY, on.checked ? "on" : "off"),
  });
  const close = button(t("action.close"), { onclick: () => dialog.close() });
  const dialog = make(
    "dialog.keyboard-help",
    { "aria-labelledby": "keyboard-help" },
    make("h2", { id: "keyboard-help" }, t("keys.title")),
    make("dl.keys", {}, ...rows(grouped(actions)), ...rows(inside)),
    make("label.check", {}, on, " ", t("keys.single")),
    make("div.row.end", {}, close),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}

/** Merge shortcuts with the same text into one row. */
function grouped(list) {
  const byText = new Map();
  for (const { keys, text } of list) byText.set(text, [...(byText.get(text) ?? []), keys]);
  return [...byText].map(([text, keys]) => ({ keys, text }));
}

shortcut("?", "keys.help", showKeyboardHelp);
