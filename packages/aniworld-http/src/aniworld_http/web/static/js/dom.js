// Elements made by hand. Data only ever becomes text or a checked address, never markup.

import { STATIC } from "./context.js";

const SVG = "http://www.w3.org/2000/svg";
const ADDRESSES = new Set(["href", "src"]);

/** The element with an id. */
export function by(id) {
  return document.getElementById(id);
}

/**
 * Make an element.
 *
 * @param {string} tag its name, with classes behind dots: `"p.hint"`.
 * @param {object} [attributes] attributes; `on…` adds a listener, `false` and `null` leave out.
 * @param {...(Node|string|null|false)} children what is in it.
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

/** The address if it leads to a web page, else one that leads nowhere. */
export function safeAddress(raw) {
  try {
    const url = new URL(raw, location.href);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "#";
  } catch {
    return "#";
  }
}

/** A link out of here that tells the other side nothing. */
export function outside(address, ...children) {
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** One of our signs; says nothing to those who cannot see it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${STATIC}/icons/ui.svg#${name}`);
  svg.append(use);
  return svg;
}

/** A shape in a drawing. */
export function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** A button: a sign, a label, or both; a label that is not shown is still said. */
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
 * Say of a row that it is one: on narrow screens rows of `.stacked` tables are laid out otherwise,
 * and browsers then no longer take them for a table by themselves.
 */
export function asRow(row) {
  row.setAttribute("role", "row");
  for (const cell of row.children) {
    const head = cell.scope === "col" ? "columnheader" : "rowheader";
    cell.setAttribute("role", cell.localName === "th" ? head : "cell");
  }
  return row;
}

/** Change a text only if it differs, so that nothing is drawn or said anew for nothing. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** How full a bar is. */
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

/** What stands where there is nothing yet. */
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

/** Call something once things have been quiet for a while. */
export function calmed(action, milliseconds) {
  let timer = null;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}

/** Run through long work in parts that leave time for clicks in between. */
export async function inParts(things, work, size = 60) {
  for (let begin = 0; begin < things.length; begin += size) {
    if (begin) await new Promise((next) => setTimeout(next));
    if (work(things.slice(begin, begin + size)) === false) return;
  }
}
