// Create elements. Data is only inserted as text or as a checked address, never as markup.

import { STATIC } from "./context.js";

const SVG = "http://www.w3.org/2000/svg";
const ADDRESSES = new Set(["href", "src"]);

/** Return the element with an id. */
export function by(id) {
  return document.getElementById(id);
}

/**
 * Create an element.
 *
 * @param {string} tag its name, with classes after dots: `"p.hint"`.
 * @param {object} [attributes] attributes; `on…` adds a listener, `false` and `null` are skipped.
 * @param {...(Node|string|null|false)} children its content.
 */
export function make(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) set(node, key, value);
  node.append(...children.filter((child) => child !== null && child !== false));
  return node;
}

function set(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
  else if (ADDRESSES.has(key)) node.setAttribute(key, safeAddress(value));
  else if (key === "value" || key === "checked" || key === "disabled") node[key] = value;
  else node.setAttribute(key, value === true ? "" : value);
}

/** Return the address if it is a web address, else one that does nothing. */
export function safeAddress(raw) {
  try {
    const url = new URL(raw, location.href);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "#";
  } catch {
    return "#";
  }
}

/** Create a link to another site that sends no referrer. */
export function outside(address, ...children) {
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** Put the checkbox of a row into a label, which is large enough for a finger. */
export function tickBox(tick) {
  return make("label.tick-box", {}, tick);
}

/** Create an icon, hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${STATIC}/icons/ui.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Create an SVG element. */
export function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** Create a button with an icon, a label, or both; a hidden label is read by screen readers. */
export function button(label, { sign, onclick, kind = "", shown = true, ...others } = {}) {
  const classes = ["button", ...kind.split(" ").filter(Boolean), ...(shown ? [] : ["square"])];
  return make(
    classes.length > 1 ? `button.${classes.join(".")}` : "button.button",
    {
      type: "button",
      onclick,
      title: shown ? null : label,
      "aria-label": shown ? null : label,
      ...others,
    },
    sign ? icon(sign) : null,
    shown ? label : null,
  );
}

/**
 * Set the role of a row and its cells: narrow screens change the layout of `.stacked` tables, and
 * browsers then lose the table roles.
 */
export function asRow(row) {
  row.setAttribute("role", "row");
  for (const cell of row.children) {
    const head = cell.scope === "col" ? "columnheader" : "rowheader";
    cell.setAttribute("role", cell.localName === "th" ? head : "cell");
  }
  return row;
}

/** Set a text only if it differs, to avoid repaints and announcements. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Set the value of a progress bar. */
export function bar(part, { done = part >= 1, thick = false } = {}) {
  const fill = make("span");
  const node = make(thick ? "div.bar.thick" : "div.bar", { "aria-hidden": "true" }, fill);
  fillBar(node, part, done);
  return node;
}

export function fillBar(node, part, done = part >= 1) {
  node.firstChild.style.setProperty("--part", String(Math.min(Math.max(part, 0), 1)));
  node.classList.toggle("done", done);
}

/** Create the placeholder of an empty list. */
export function empty(sign, title, text, ...actions) {
  return make(
    "div.empty",
    {},
    icon(sign),
    make("h2", {}, title),
    text ? make("p", {}, text) : null,
    ...actions,
  );
}

/** Return a function that calls *work* once no call has followed for a while. */
export function calmed(action, milliseconds) {
  let timer = null;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}

/** Do long work in parts, so that the page handles clicks in between. */
export async function inParts(things, work, size = 60) {
  for (let begin = 0; begin < things.length; begin += size) {
    if (begin) await new Promise((next) => setTimeout(next));
    if (work(things.slice(begin, begin + size)) === false) return;
  }
}
