// Global search in the top bar: suggestions for series, pages and actions.
//
// A combobox with a list below it, after the pattern of WAI-ARIA: the focus stays in the field, and
// `aria-activedescendant` names the chosen suggestion.

import { by, calmed, icon, make, say } from "../dom.js";
import { complain } from "../messages.js";
import { findActions, findHits, findPages, findSeries } from "./sources.js";
import { listKeys, shortcut } from "./shortcuts.js";
import { count, t } from "../texts.js";

const CALM = 150;
const field = by("jump");
const list = by("suggestions");
let asked = 0;
let options = [];
let active = -1;
/** What the server found for the query in `found.query`. */
let found = { query: null, series: [], hits: null };

/** Focus the search field and show the suggestions. */
export function openSearch() {
  field.focus();
  field.select();
  open();
}

function open() {
  list.hidden = false;
  field.setAttribute("aria-expanded", "true");
  draw();
  search();
}

function close() {
  list.hidden = true;
  field.setAttribute("aria-expanded", "false");
  choose(-1);
  asked += 1;
  found = { query: null, series: [], hits: null };
}

/** Ask the server for series; a later question makes this answer useless. */
async function search() {
  const query = field.value.trim();
  if (!query || query === found.query) return;
  asked += 1;
  const mine = asked;
  try {
    const series = await findSeries(query);
    if (mine !== asked) return;
    found = { query, series, hits: null };
    draw();
    say(by("announcer"), count("search.found", options.length));
  } catch (error) {
    complain(error);
  }
}

const searchCalmed = calmed(search, CALM);

/** Ask the catalogues, which takes seconds: on request only. */
async function askCatalogues(query) {
  asked += 1;
  const mine = asked;
  found = { ...found, query, hits: [{ name: t("search.asking"), sign: "search" }] };
  draw();
  try {
    const hits = await findHits(query);
    if (mine !== asked) return;
    found = { ...found, hits };
    draw();
    choose(options.findIndex(({ entry }) => entry === hits[0]));
    say(by("announcer"), count("search.found", options.length));
  } catch (error) {
    if (mine !== asked) return;
    found = { ...found, hits: null };
    draw();
    complain(error);
  }
}

function groups(query) {
  // Until the next answer the former one stays, so that the list does not jump.
  const series = query ? found.series : [];
  const hits = query && found.query === query ? found.hits : null;
  const ask = { name: t("search.ask", { query }), sign: "search", stays: true, run: () => askCatalogues(query) };
  return [
    ["search.series", series],
    ["search.pages", findPages(query)],
    ["search.actions", findActions(query)],
    ["search.catalogues", hits ?? (query ? [ask] : [])],
  ].filter(([, entries]) => entries.length);
}

function draw() {
  if (list.hidden) return;
  options = [];
  list.replaceChildren(...groups(field.value.trim()).map(([title, entries]) => group(title, entries)));
  choose(-1);
}

function group(title, entries) {
  const id = `group-${title}`;
  return make(
    "div",
    { role: "group", "aria-labelledby": id },
    make("div.group-title", { id, role: "presentation" }, t(title)),
    ...entries.map(option),
  );
}

function option(entry) {
  const node = make(
    "div.suggestion",
    { role: "option", id: `suggestion-${options.length}`, "aria-selected": "false", onclick: () => follow(entry) },
    icon(entry.sign),
    make("span.name", {}, entry.name),
    entry.detail ? make("span.hint", {}, entry.detail) : null,
  );
  options.push({ node, entry });
  return node;
}

function choose(index) {
  options[active]?.node.setAttribute("aria-selected", "false");
  active = index;
  const node = options[active]?.node;
  if (node) {
    node.setAttribute("aria-selected", "true");
    node.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", node.id);
  } else {
    field.removeAttribute("aria-activedescendant");
  }
}

function follow(entry) {
  if (!entry.stays) close();
  if (entry.address) location.assign(entry.address);
  else entry.run?.();
}

function move(step) {
  if (list.hidden) open();
  if (!options.length) return;
  // Between the last and the first one is the field itself, with index -1.
  const places = options.length + 1;
  choose(((active + 1 + step + places) % places) - 1);
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => follow(options[active].entry),
  Escape: () => close(),
};

function press(event) {
  const isFree = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey;
  const needs = { Enter: active >= 0, Escape: !list.hidden };
  if (!isFree || !(event.key in KEYS) || needs[event.key] === false) return;
  event.preventDefault();
  KEYS[event.key]();
}

/** Connect the field of the top bar. */
export function offerSearch() {
  field.addEventListener("keydown", press);
  field.addEventListener("input", () => {
    if (list.hidden) open();
    else draw();
    searchCalmed();
  });
  field.addEventListener("click", () => list.hidden && open());
  field.addEventListener("blur", close);
  // The field keeps the focus, so that a click does not close the list before it is handled.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  field.form.addEventListener("submit", close);
  shortcut("/", "keys.search", openSearch);
  shortcut("Mod+k", "keys.search", openSearch);
  listKeys(["ArrowUp", "ArrowDown"], "keys.suggestion");
  listKeys("Enter", "keys.follow");
  listKeys("Escape", "keys.close");
}
