// The library as a table.

import { bar, fillBar, inParts, make, say } from "../../dom.js";
import { seriesPath } from "../../context.js";
import { moment, t } from "../../texts.js";

const FIRST = 40;
const COLUMNS = [
  ["name", "name"],
  ["site", null],
  ["have", null],
  ["missing", "missing"],
  ["added", "added"],
];

/** Create the table; each row is created once, then moved, shown or hidden. */
export function makeTable({ selected, onSelect, onSort }) {
  const body = make("tbody");
  const heads = COLUMNS.map(([name, sort]) => head(name, sort, onSort));
  // The column always exists: adding it to every row would take noticeable time.
  const choose = make("th.choice", { scope: "col" }, unseen(t("library.choose_column")));
  const table = make(
    "table.library-table",
    {},
    make("caption.unseen", {}, t("nav.library")),
    make("thead", {}, make("tr", {}, choose, ...heads)),
    body,
  );
  const node = make(
    "div.table-box",
    { tabindex: "0", role: "region", "aria-label": t("nav.library") },
    table,
  );
  const rows = new Map();
  let drawing = 0;

  function rowOf(series) {
    let row = rows.get(series.key);
    if (!row) {
      row = makeRow(series, selected, onSelect);
      row.check(selected.has(series.key));
      rows.set(series.key, row);
    }
    row.update(series);
    return row.node;
  }

  function show(list, { sort }) {
    drawing += 1;
    const mine = drawing;
    heads.forEach((cell, index) => {
      const own = COLUMNS[index][1];
      if (own === sort) cell.setAttribute("aria-sort", sort === "name" ? "ascending" : "descending");
      else cell.removeAttribute("aria-sort");
    });
    node.hidden = node.hidden || !list.length;
    body.replaceChildren(...list.slice(0, FIRST).map(rowOf));
    inParts(list.slice(FIRST), (part) => {
      if (mine !== drawing) return false;
      body.append(...part.map(rowOf));
      return true;
    });
  }

  return {
    node,
    show,
    renew: (series) => rows.get(series.key)?.update(series),
    showSelection: () => rows.forEach((row, key) => row.check(selected.has(key))),
    setSelecting(on) {
      table.classList.toggle("selecting", on);
      for (const [key, row] of rows) row.check(selected.has(key));
    },
  };
}

function unseen(text) {
  return make("span.unseen", {}, text);
}

function head(name, sort, onSort) {
  const label = t(`library.column.${name}`);
  const tag = name === "name" ? "th.wide" : name === "missing" ? "th.number" : "th";
  if (!sort) return make(tag, { scope: "col" }, label);
  return make(
    tag,
    { scope: "col" },
    make("button.sort", { type: "button", onclick: () => onSort(sort) }, label),
  );
}

function makeRow(series, selected, onSelect) {
  const tick = make("input.tick", {
    type: "checkbox",
    "aria-label": t("library.choose", { name: series.name }),
    onchange: () => {
      if (tick.checked) selected.add(series.key);
      else selected.delete(series.key);
      onSelect();
    },
  });
  const choice = make("td.choice", {}, tick);
  const link = make("a", { href: seriesPath(series.key) }, series.name);
  const resting = make("span.chip", {}, t("series.unmonitored"));
  const line = bar(0);
  const [figures, missing] = [make("span"), make("td.number")];
  const node = make(
    "tr",
    {},
    choice,
    make("th", { scope: "row" }, link, " ", resting),
    make("td", {}, series.site),
    make("td", {}, figures, line),
    missing,
    make("td", {}, moment(series.added_at)),
  );
  return {
    node,
    check: (on) => (tick.checked = on),
    update(latest) {
      say(link, latest.name);
      say(figures, `${latest.have} / ${latest.total}`);
      say(missing, String(latest.total - latest.have));
      fillBar(line, latest.total ? latest.have / latest.total : 0);
      resting.hidden = latest.monitored;
    },
  };
}
