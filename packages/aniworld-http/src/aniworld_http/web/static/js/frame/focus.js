// Keep the keyboard focus in its place when its element is removed, hidden or disabled.
//
// Lists are drawn again when the server reports a change, a row leaves with the button that removed
// it, and a button is replaced by its opposite. The browser then moves the focus to the start of the
// page. Here it moves to the same control of the same row, or to the nearest one.

import { by } from "../dom.js";

const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";
/** Attributes that make an element unusable. */
const STATES = ["hidden", "disabled", "data-absent"];

/** Where the focus was: its element, the elements around it, and its place in each of them. */
let last = null;
/** Where it was before the present dialog opened. */
let below = null;
/** Whether the last input was a key: after a click, the space bar must not press what follows. */
let isByKey = false;

function isThere(node) {
  return node.isConnected && !node.disabled && node.checkVisibility({ visibilityProperty: true });
}

function isUsable(node) {
  return node.tabIndex >= 0 && isThere(node);
}

/** Return what identifies a row: its `data-id`, or the address that it links to. */
function identity(node) {
  return node.dataset.id ?? node.querySelector("a[href]")?.getAttribute("href") ?? null;
}

function describe(node) {
  const around = [];
  for (let child = node; child.parentElement && child !== document.body; child = child.parentElement) {
    const box = child.parentElement;
    around.push({ box, place: [...box.children].indexOf(child), id: identity(child) });
    if (box.localName === "dialog" || box.id === "main") break;
  }
  return { node, label: labelOf(node), around };
}

function labelOf(node) {
  return `${node.localName} ${node.id || node.getAttribute("aria-label") || node.textContent.trim()}`;
}

function controlsOf(box) {
  const inside = [...box.querySelectorAll(CONTROLS)].filter(isUsable);
  return box.matches(CONTROLS) && isUsable(box) ? [box, ...inside] : inside;
}

/** Return the control that takes the place of a former one: in the same row, or in the next one. */
function successor({ label, around }) {
  for (const [level, { box, place, id }] of around.entries()) {
    const inside = around.slice(0, level).map((each) => each.place).reverse();
    if (!box.isConnected || !box.checkVisibility()) continue;
    const children = [...box.children];
    const same = id === null ? null : children.find((child) => identity(child) === id);
    const near = [same, ...children.slice(place), ...children.slice(0, place).reverse()];
    for (const child of near) {
      const controls = child ? controlsOf(child) : [];
      if (!controls.length) continue;
      const counterpart = inside.reduce((node, index) => node?.children[index], child);
      return [controls.find((each) => labelOf(each) === label), counterpart].find((each) => controls.includes(each)) ?? controls[0];
    }
  }
  return null;
}

/** Move the focus if the changes of the page took it away. */
function restore(changes) {
  const { activeElement } = document;
  if (!isByKey || !last || ![document.body, last.node].includes(activeElement)) return;
  const isTouched = !last.node.isConnected || changes.some(({ type, target }) => type === "attributes" && target.contains(last.node));
  if (!isTouched || isThere(last.node)) return;
  const outside = below && (isThere(below.node) ? below.node : successor(below));
  (successor(last) ?? outside ?? by("main")).focus();
}

/** Note where the focus is, and move it when its element can no longer have it. */
export function keepFocus() {
  document.addEventListener("focusin", ({ target }) => {
    const isInDialog = target.closest("dialog") !== null;
    if (!isInDialog) below = null;
    else if (last && !last.node.closest("dialog")) below = last;
    last = describe(target);
  });
  document.addEventListener("keydown", () => (isByKey = true), { capture: true });
  document.addEventListener("pointerdown", () => (isByKey = false), { capture: true });
  new MutationObserver(restore).observe(document.body, {
    attributeFilter: STATES,
    childList: true,
    subtree: true,
  });
}
