// Library page: find series, see missing episodes, and change several series at once.

import { get, post, save } from "../api.js";
import { button, by, calmed, empty, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn, socket } from "../live.js";
import { complain, doing, tell } from "../messages.js";
import { at, storageKey } from "../context.js";
import { count, t } from "../texts.js";
import { offerBulk } from "./library/bulk.js";
import { makePosters } from "./library/posters.js";
import { makeTable } from "./library/table.js";
import { offerSaved } from "./library/saved.js";

const VIEW_KEY = storageKey("aniworld.view");
const FILTERS = {
  all: () => true,
  missing: (series) => series.have < series.total,
  complete: (series) => series.total > 0 && series.have >= series.total,
  monitored: (series) => series.monitored,
  unmonitored: (series) => !series.monitored,
};
const byName = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
const SORTS = {
  name: (a, b) => byName(a.name, b.name),
  added: (a, b) => (b.added_at ?? "").localeCompare(a.added_at ?? "") || byName(a.name, b.name),
  missing: (a, b) => b.total - b.have - (a.total - a.have) || byName(a.name, b.name),
};

const library = new Map();
const selected = new Set();
const views = {
  posters: makePosters({ selected, onSelect }),
  table: makeTable({ selected, onSelect, onSort: (sort) => change({ sort }) }),
};
const state = {
  search: new URLSearchParams(location.search).get("search") ?? "",
  filter: "all",
  sort: "name",
  view: localStorage.getItem(VIEW_KEY) === "table" ? "table" : "posters",
};
let selecting = false;

const bulk = offerBulk({
  chosen: () => [...selected].map((key) => library.get(key)).filter(Boolean),
  selectAll: () => {
    for (const series of shown()) selected.add(series.key);
    onSelect();
    views[state.view].showSelection();
  },
  done: () => select(false),
  changed: load,
});
const saved = offerSaved({ current: () => state, apply: change });

function shown() {
  const words = state.search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return [...library.values()]
    .filter(FILTERS[state.filter])
    .filter((series) => words.every((word) => series.words.includes(word)))
    .sort(SORTS[state.sort]);
}

function change(values) {
  Object.assign(state, values);
  draw();
}

function draw() {
  if (document.activeElement !== by("jump")) by("jump").value = state.search;
  by("filter").value = state.filter;
  by("sort").value = state.sort;
  for (const each of document.querySelectorAll("[data-view]")) {
    each.setAttribute("aria-pressed", String(each.dataset.view === state.view));
  }
  const rows = shown();
  say(by("amount"), count("library.amount", rows.length));
  for (const [name, view] of Object.entries(views)) view.node.hidden = name !== state.view;
  by("letters").hidden = state.view !== "posters" || state.sort !== "name" || rows.length < 30;
  const nothing = by("nothing");
  nothing.hidden = rows.length > 0;
  if (!rows.length) nothing.replaceChildren(library.size ? noHits() : noSeries());
  views[state.view].show(rows, state);
  saved.refresh();
}

function noHits() {
  const reset = () => change({ search: "", filter: "all" });
  return empty(
    "search",
    t("library.no_hits"),
    "",
    button(t("library.show_all"), { onclick: reset }),
  );
}

function noSeries() {
  return empty(
    "library",
    t("library.empty"),
    t("library.empty_hint"),
    make("a.button.primary", { href: at("/add") }, t("nav.add")),
  );
}

function select(on) {
  selecting = on;
  if (!on) selected.clear();
  document.body.classList.toggle("selecting", on);
  by("select").setAttribute("aria-pressed", String(on));
  for (const view of Object.values(views)) view.setSelecting(on);
  onSelect();
}

function onSelect() {
  bulk.update(selecting, selected.size);
}

function take(series) {
  series.words = `${series.name} ${series.key} ${series.site}`.toLocaleLowerCase();
  library.set(series.key, series);
}

async function load() {
  try {
    const all = await get("/api/anime");
    library.clear();
    all.forEach(take);
    for (const key of selected) if (!library.has(key)) selected.delete(key);
    by("loading").hidden = true;
    by("series-list").hidden = false;
    draw();
    onSelect();
  } catch (error) {
    complain(error);
  }
}

async function countAnew(key) {
  const series = library.get(key);
  if (!series) return;
  const detail = await get(`/api/anime/${encodeURIComponent(key)}`);
  series.have = detail.episodes.filter((episode) => episode.downloaded).length;
  for (const view of Object.values(views)) view.renew(series);
}

function listen() {
  // The search bar opens this page from all others; here it filters without a request.
  by("jump").addEventListener("input", calmed(() => change({ search: by("jump").value }), 120));
  by("jump").form.addEventListener("submit", (event) => event.preventDefault());
  by("filter").addEventListener("change", () => change({ filter: by("filter").value }));
  by("sort").addEventListener("change", () => change({ sort: by("sort").value }));
  by("select").addEventListener("click", () => select(!selecting));
  for (const each of document.querySelectorAll("[data-view]")) {
    each.addEventListener("click", () => {
      localStorage.setItem(VIEW_KEY, each.dataset.view);
      change({ view: each.dataset.view });
    });
  }
  by("scan").addEventListener("click", (event) =>
    doing(event.currentTarget, async () => {
      await post("/api/anime/rescan");
      tell(t("scan.begun"));
    }),
  );
  by("save").addEventListener("click", (event) =>
    doing(event.currentTarget, () => {
      const query = state.filter === "missing" ? "?filter=missing" : "";
      return save(`/library.html${query}`, "library.html");
    }),
  );
  socket.on("download_complete", (data) => countAnew(data.key).catch(complain));
  socket.on("scan_complete", load);
  onLibraryChange(calmed(load, 300));
  onReturn(load);
}

if (isSignedIn) {
  by("series-list").append(...Object.values(views).map((view) => view.node));
  listen();
  load();
}
