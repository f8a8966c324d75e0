// Library page: find series, see missing episodes, and change several series at once.
//
// The server filters, sorts, searches and counts; the page has one part of the list at a time.

import { addressState } from "../address.js";
import { get, page, save } from "../api.js";
import { button, by, calmed, empty, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn, socket } from "../live.js";
import { complain, doing } from "../messages.js";
import { at, storageKey } from "../context.js";
import { bytes, count, integer, t } from "../texts.js";
import { offerJobs } from "../lists/jobs.js";
import { makePager } from "../lists/pager.js";
import { offerBulk } from "./library/bulk.js";
import { makePosters, showLetters } from "./library/posters.js";
import { offerSaved } from "./library/saved.js";
import { offerScan } from "../lists/scan.js";
import { makeTable } from "./library/table.js";

const VIEW_KEY = storageKey("aniworld.view");
const VIEWS = localStorage.getItem(VIEW_KEY) === "table" ? ["table", "posters"] : ["posters", "table"];
/** Series from which on letters help to find one. */
const FEW = 30;

const address = addressState(
  {
    search: "",
    filter: ["all", "missing", "complete", "monitored", "unmonitored"],
    sort: ["name", "added", "missing"],
    view: VIEWS,
    page: 1,
  },
  draw,
);
const { state } = address;
const selected = new Set();
/** Whether all series of the filter are selected, also those of other pages. */
let isWhole = false;
let selecting = false;
let total = 0;
/** Number of the newest request: answers to older ones are dropped. */
let asked = 0;

const selection = {
  isOn: () => selecting,
  isWhole: () => isWhole,
  has: (key) => isWhole || selected.has(key),
  change(key, on) {
    if (on) selected.add(key);
    else selected.delete(key);
    showSelection();
  },
};
const views = {
  posters: makePosters(selection),
  table: makeTable(selection, (sort) => change({ sort })),
};
const pagers = Object.fromEntries(
  Object.entries(views).map(([name, view]) => [
    name,
    makePager(view.size, (number) => change({ page: number }, { push: true })),
  ]),
);
const showJob = isSignedIn ? offerJobs(by("jobs"), load) : () => {};
const bulk = offerBulk({
  chosen: () =>
    isWhole ? { filter: state.filter, search: state.search } : { keys: [...selected] },
  selectAll() {
    isWhole = !isWhole;
    selected.clear();
    showSelection();
  },
  done() {
    select(false);
    by("select").focus();
  },
  show(job) {
    showJob(job);
    if (job.kind !== "remove") return;
    isWhole = false;
    selected.clear();
    showSelection();
  },
});
const saved = offerSaved({ current: () => state, apply: change });

/** Change what is shown; a selection of the whole filter ends with its filter. */
function change(values, options) {
  if ("filter" in values || "search" in values) isWhole = false;
  address.set(values, options);
  return draw();
}

/** Show the state of the address in the fields, and load its series. */
function draw() {
  if (document.activeElement !== by("needle")) by("needle").value = state.search;
  by("filter").value = state.filter;
  by("sort").value = state.sort;
  for (const each of document.querySelectorAll("[data-view]")) {
    each.setAttribute("aria-pressed", String(each.dataset.view === state.view));
  }
  by("choose-columns").classList.toggle("unused", state.view !== "table");
  saved.refresh();
  return load();
}

async function load() {
  const mine = ++asked;
  const { search, filter, sort, view, page: number } = state;
  const { size } = views[view];
  const chosen = new URLSearchParams({ filter, search });
  const part = new URLSearchParams({ filter, search, sort, limit: size, offset: (number - 1) * size });
  try {
    const [{ rows, total: all }, totals] = await Promise.all([
      page(`/api/anime?${part}`),
      get(`/api/anime/totals?${chosen}`),
    ]);
    if (mine !== asked) return;
    total = all;
    if (!pagers[view].show(number, all)) return;
    show(rows, totals);
    address.settle();
  } catch (error) {
    complain(error);
  }
}

function show(rows, totals) {
  const { view, sort } = state;
  by("loading").hidden = true;
  by("series-list").hidden = false;
  say(by("amount"), count("library.amount", totals.series));
  say(by("totals"), totalsText(totals));
  const nothing = by("nothing");
  nothing.hidden = rows.length > 0;
  if (!rows.length) nothing.replaceChildren(isFiltered() ? noHits() : noSeries());
  for (const [name, each] of Object.entries(views)) {
    const isShown = name === view;
    each.show(isShown ? rows : [], sort);
    each.node.hidden = !isShown || !rows.length;
    if (!isShown) pagers[name].node.hidden = true;
  }
  by("letters").hidden = view !== "posters" || sort !== "name" || totals.series < FEW;
  showLetters(totals.letters, (place) => jump(place));
  showSelection();
}

/** "2,000 series · 40,000 of 48,000 episodes · 1.2 TB · 8,000 missing · 200 announced" */
function totalsText({ series, have, total: all, missing, announced, size_bytes: size }) {
  if (!series) return "";
  return [
    count("library.amount", series),
    t("library.have_of", { have: integer(have), episodes: count("job.episodes", all) }),
    bytes(size),
    missing ? count("wanted.amount", missing) : "",
    announced ? count("library.announced", announced) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

function isFiltered() {
  return Boolean(state.search || state.filter !== "all");
}

function noHits() {
  const reset = () => change({ search: "", filter: "all" });
  return empty("search", t("library.no_hits"), "", button(t("library.show_all"), { onclick: reset }));
}

function noSeries() {
  return empty(
    "library",
    t("library.empty"),
    t("library.empty_hint"),
    make("a.button.primary", { href: at("/add") }, t("nav.add")),
  );
}

/** Open the page with a place of the list, and focus the series there. */
async function jump(place) {
  const view = views[state.view];
  const number = Math.floor(place / view.size) + 1;
  if (number !== state.page) await change({ page: number }, { push: true });
  const target = view.node.children[place % view.size];
  target?.scrollIntoView({ block: "start" });
  target?.querySelector("a").focus({ preventScroll: true });
}

function select(on) {
  selecting = on;
  isWhole = false;
  selected.clear();
  document.body.classList.toggle("selecting", on);
  by("select").setAttribute("aria-pressed", String(on));
  showSelection();
}

function showSelection() {
  views[state.view].showSelection();
  bulk.update({ selecting, selected: selected.size, total, isWhole });
}

function listen() {
  by("needle").addEventListener("input", calmed(() => change({ search: by("needle").value.trim() }), 200));
  by("filter").addEventListener("change", () => change({ filter: by("filter").value }));
  by("sort").addEventListener("change", () => change({ sort: by("sort").value }));
  by("select").addEventListener("click", () => select(!selecting));
  for (const each of document.querySelectorAll("[data-view]")) {
    each.addEventListener("click", () => {
      localStorage.setItem(VIEW_KEY, each.dataset.view);
      change({ view: each.dataset.view });
    });
  }
  by("save").addEventListener("click", (event) =>
    doing(event.currentTarget, () => {
      const query = state.filter === "missing" ? "?filter=missing" : "";
      return save(`/library.html${query}`, "library.html");
    }),
  );
  offerScan();
  const again = calmed(load, 400);
  for (const type of ["download_complete", "scan_complete"]) socket.on(type, again);
  onLibraryChange(again);
  onReturn(load);
}

if (isSignedIn) {
  by("series-list").append(
    ...Object.values(views).map((view) => view.node),
    ...Object.values(pagers).map((pager) => pager.node),
  );
  listen();
  draw();
}
