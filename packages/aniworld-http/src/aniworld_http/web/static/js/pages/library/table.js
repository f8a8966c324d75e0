// One page of the library as a table, whose columns can be chosen.

import { bar, button, by, fillBar, make } from "../../dom.js";
import { seriesPath, storageKey } from "../../context.js";
import { bytes, integer, knows, languageName, moment, t } from "../../texts.js";
import { makeTick } from "./ticks.js";

const KEY = storageKey("aniworld.columns");
/** Columns in order: name, sort order that a click on the heading chooses, and its cell. */
const COLUMNS = [
  ["name", "name", null],
  ["site", null, (s) => [s.site]],
  ["have", null, (s) => [`${integer(s.have)} / ${integer(s.total)}`, part(s)]],
  ["missing", "missing", (s) => [integer(s.total - s.have)]],
  ["announced", null, (s) => [integer(s.announced)]],
  ["size", null, (s) => [bytes(s.size_bytes)]],
  ["added", "added", (s) => [moment(s.added_at)]],
  ["year", null, (s) => [s.year ? String(s.year) : "–"]],
  ["languages", null, (s) => [s.languages ? s.languages.map(languageName).join(", ") : t("library.global")]],
  ["quality", null, (s) => [s.quality ? qualityName(s.quality) : t("library.global")]],
  ["folder", null, (s) => [s.folder]],
];
const USUAL = ["name", "site", "have", "missing", "size", "added"];
const NUMBERS = ["missing", "announced", "size", "year"];

function qualityName(name) {
  return knows(`quality.${name}`) ? t(`quality.${name}`) : name;
}

function part({ have, total }) {
  const line = bar(0);
  fillBar(line, total ? have / total : 0);
  return line;
}

function chosenColumns() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return Array.isArray(kept) ? kept : USUAL;
  } catch {
    return USUAL;
  }
}

/** Create the table. */
export function makeTable(selection, onSort) {
  const [head, body] = [make("tr"), make("tbody")];
  const table = make(
    "table.library-table",
    {},
    make("caption.unseen", {}, t("nav.library")),
    make("thead", {}, head),
    body,
  );
  const node = make("div.table-box", { tabindex: "0", role: "region", "aria-label": t("nav.library") }, table);
  let ticks = [];
  let rows = [];
  let sort = "name";
  let columns = [];

  function choose(names) {
    columns = COLUMNS.filter(([name]) => name === "name" || names.includes(name));
    table.style.setProperty("--columns", String(columns.length));
  }

  function show(latest, order) {
    rows = latest;
    sort = order;
    // The column of the checkboxes always exists, so that nothing moves when the selection begins.
    const tick = make("th.choice", { scope: "col" }, make("span.unseen", {}, t("library.choose_column")));
    head.replaceChildren(tick, ...columns.map(([name, own]) => heading(name, own)));
    ticks = rows.map((series) => makeTick(series, selection));
    body.replaceChildren(...rows.map((series, index) => row(series, ticks[index])));
    showSelection();
  }

  function heading(name, own) {
    const label = t(`library.column.${name}`);
    const tag = name === "name" ? "th.wide" : NUMBERS.includes(name) ? "th.number" : "th";
    if (!own) return make(tag, { scope: "col" }, label);
    const state = own !== sort ? null : own === "name" ? "ascending" : "descending";
    const act = make("button.sort", { type: "button", onclick: () => onSort(own) }, label);
    return make(tag, { scope: "col", "aria-sort": state }, act);
  }

  function row(series, tick) {
    const cells = columns.map(([name, , cell]) => {
      if (!cell) return nameCell(series);
      return make(NUMBERS.includes(name) ? "td.number" : "td", {}, ...cell(series));
    });
    return make("tr", {}, make("td.choice", {}, tick.box), ...cells);
  }

  function nameCell(series) {
    const link = make("a", { href: seriesPath(series.key) }, series.name);
    const resting = series.monitored ? null : make("span.chip", {}, t("series.unmonitored"));
    return make("th", { scope: "row" }, link, " ", resting);
  }

  function showSelection() {
    table.classList.toggle("selecting", selection.isOn());
    for (const tick of ticks) tick.update();
  }

  /** Fill the menu of columns. */
  function offerColumns() {
    const kept = () => columns.map(([name]) => name);
    const box = by("columns");
    const boxes = COLUMNS.slice(1).map(([name]) => {
      const input = make("input", {
        type: "checkbox",
        checked: kept().includes(name),
        onchange: () => save(input.checked ? [...kept(), name] : kept().filter((each) => each !== name)),
      });
      return [name, input];
    });
    const save = (names) => {
      localStorage.setItem(KEY, JSON.stringify(names));
      choose(names);
      for (const [name, input] of boxes) input.checked = kept().includes(name);
      show(rows, sort);
    };
    box.append(
      make("h2", {}, t("library.columns")),
      ...boxes.map(([name, input]) => make("label.check", {}, input, t(`library.column.${name}`))),
      button(t("library.usual_columns"), { kind: "small", onclick: () => save(USUAL) }),
    );
  }

  choose(chosenColumns());
  offerColumns();
  return { node, show, showSelection, size: 100, nodeOf: (key) => body.children[rows.findIndex((s) => s.key === key)] };
}
