// Sources of the global search: pages and actions by name, series of the library, catalogues.

import { get, post } from "../api.js";
import { at, go, seriesPath } from "../context.js";
import { complain, tell } from "../messages.js";
import { may } from "./rights.js";
import { showKeyboardHelp } from "./shortcuts.js";
import { count, t } from "../texts.js";

/** Entries of one group. */
const MOST = 6;
const bare = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLocaleLowerCase();

async function run(path, said) {
  try {
    await post(path);
    tell(t(said));
  } catch (error) {
    complain(error);
  }
}

const ACTIONS = [
  { text: "search.act.scan", needs: "control", sign: "retry", run: () => run("/api/anime/rescan", "scan.begun") },
  { text: "search.act.pause", needs: "control", sign: "pause", run: () => run("/api/queue/pause", "search.paused") },
  { text: "search.act.resume", needs: "control", sign: "play", run: () => run("/api/queue/resume", "search.resumed") },
  { text: "search.act.link", needs: "request", sign: "add", run: () => go("/add") },
  { text: "keys.help", sign: "key", run: showKeyboardHelp },
  { text: "frame.sign_out", sign: "person", run: () => document.getElementById("sign-out").click() },
];

/** Return whether every word of the query begins a word of the name. */
function matches(name, query) {
  const words = bare(name).split(/[\s-]+/);
  return bare(query).split(/\s+/).filter(Boolean).every((part) => words.some((word) => word.startsWith(part)));
}

/** Pages of the menu whose name matches. */
export function findPages(query) {
  const links = [...document.querySelectorAll(".sidebar .nav a")].filter((link) => may(link.parentNode.dataset.needs ?? "read"));
  const rows = links.map((link) => ({ name: link.title, sign: link.dataset.icon, address: link.href }));
  return rows.filter(({ name }) => matches(name, query));
}

/** Actions whose name matches. */
export function findActions(query) {
  const rows = ACTIONS.filter(({ needs }) => may(needs ?? "read")).map((each) => ({ ...each, name: t(each.text) }));
  return rows.filter(({ name }) => matches(name, query));
}

/** Series of the library, searched by the server. */
export async function findSeries(query) {
  const rows = await get(`/api/anime?search=${encodeURIComponent(query)}&limit=${MOST}`);
  return rows.map((series) => ({
    name: series.name,
    detail: series.site,
    sign: "library",
    address: seriesPath(series.key),
  }));
}

/** Series of the catalogues; the last entry leads to all results and to catalogues that failed. */
export async function findHits(query) {
  if (!may("request")) return [];
  const { hits, silent } = await post("/api/anime/search/report", { query });
  const rows = hits.slice(0, MOST).map((hit) => ({
    name: hit.name,
    detail: [hit.year, hit.site, hit.in_library && t("search.in_library")].filter(Boolean).join(" · "),
    sign: hit.in_library ? "library" : "add",
    address: hit.in_library ? seriesPath(hit.key) : at(`/add?q=${encodeURIComponent(hit.link)}`),
  }));
  const said = silent.length ? count("add.silent", silent.length) : "";
  const name = hits.length ? count("search.all_hits", hits.length) : t(silent.length ? "search.no_answer" : "add.nothing");
  return [...rows, { name, detail: said, sign: "open", address: at(`/add?q=${encodeURIComponent(query)}`) }];
}

