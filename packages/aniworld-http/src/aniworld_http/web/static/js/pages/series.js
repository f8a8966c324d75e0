// Series page: its seasons, and the state of each episode.

import { addressState } from "../address.js";
import { Problem, get, page, patch, post, remove, save } from "../api.js";
import { button, by, calmed, empty, make } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn, socket } from "../live.js";
import { ask, complain, doing, tell } from "../messages.js";
import { BASE, at, go } from "../context.js";
import { count, languageName, messageText, t } from "../texts.js";
import { codesOf } from "../lists/wanted_codes.js";
import { makeEntries } from "./series/entries.js";
import { showRelated } from "./series/related.js";
import { deleteFile, showDetails } from "./series/details.js";
import { showAttempt, showHistory } from "./series/dialogs.js";
import { makeHeader } from "./series/header.js";
import { makeMenu } from "./series/menu.js";
import { makeSeriesRules } from "./series/rules.js";
import { makeSeasons } from "./series/seasons.js";

const key = decodeURIComponent(location.pathname.slice(BASE.length).split("/")[2]);
const path = `/api/anime/${encodeURIComponent(key)}`;
/** Most files that are listed for sizes and doubtful names; more have no size here. */
const MOST_FILES = 10_000;
const known = { files: null, entry: null, banner: false };
let series = null;
let changing = Promise.resolve();

const openMenu = makeMenu({
  retry: (item) => act(() => post("/api/queue/retry", { item_ids: [item.id] }), t("menu.retried")),
  again: (episode) => enqueue(null, [episode.code], { replace: true }),
  inLanguage: (episode, tag) => enqueue(null, [episode.code], { languages: [tag], replace: episode.downloaded }),
  setWanted: (episode) => setWanted(null, [episode.code], !episode.monitored),
  details: (episode) => showDetails(key, episode, { setWanted, changed: load }),
  history: (episode) => showHistory(key, episode),
  attempt: (episode, item) => showAttempt(key, episode, item),
  deleteFile: (file) => deleteFile(null, file, load),
});
const address = addressState({ open: "" }, () => seasons.reopen());
const seasons = makeSeasons(
  {
    key,
    queue: enqueue,
    setWanted,
    playlist,
    allow: (target, tag) => change(target, { languages: [...series.wanted_languages, tag] }, t("series.allowed", { language: languageName(tag) })),
    menu: (target, episode, state) => openMenu(target, key, episode, state),
  },
  address,
);
const loadEntries = makeEntries(path, async () => {
  series = await get(path);
  draw();
  await showRelated(key);
}, (results) => {
  known.entry = results.find((result) => result.entry)?.entry ?? null;
  known.banner = results.some((result) => result.entry?.banner_url);
  if (series) draw();
});
const drawHeader = makeHeader({ change, remove: takeOut });
const drawRules = makeSeriesRules(key, path, async (changed) => {
  series = changed;
  draw();
  await loadItems();
});

async function act(request, done) {
  await doing(null, async () => {
    await request();
    tell(done);
    await loadItems();
  });
}

async function enqueue(target, episodes, options = {}) {
  await doing(target, async () => {
    const { items, skipped } = await post("/api/queue/add", { serie_id: key, episodes, ...options });
    tell(items.length ? count("queue.added", items.length) : messageText(skipped[0]?.reason, skipped[0]?.reason_kind, skipped[0]?.reason_values));
    await loadItems();
  });
}

function playlist(target, season) {
  const from = `/api/playback/playlists/${encodeURIComponent(key)}?episodes=${season}`;
  return doing(target, () => save(from, `${key}-${season}.m3u`));
}

/** Mark episodes or whole seasons as wanted or not wanted. */
async function setWanted(target, episodes, wanted) {
  await doing(target, async () => {
    series = await post(`${path}/wanted`, { episodes, wanted });
    draw();
    await loadItems();
  });
}

function draw() {
  document.title = `${series.title} · Aniworld`;
  by("title").textContent = series.title;
  drawHeader(by("head"), series, known);
  const missing = codesOf(series.missing_episodes);
  const all = by("download-missing");
  all.hidden = !missing.length;
  all.onclick = () => enqueue(all, missing);
  seasons.showFacts({ wanted: series.wanted_languages, airing: airingOf(known.entry) });
  seasons.show(series.episodes);
  by("seasons").replaceChildren(
    series.episodes.length
      ? seasons.node
      : empty("clock", t("series.no_episodes"), t("series.no_episodes_hint")),
  );
  drawRules(series.list_rules);
  by("loading").hidden = true;
  by("series").hidden = false;
}

/** The next broadcast; sources count the episodes of the last season. */
function airingOf(entry) {
  if (!entry?.next_airing) return null;
  const last = Math.max(...series.episodes.map((episode) => episode.season));
  return { season: last, number: entry.next_episode, at: entry.next_airing };
}

/** Change settings one after the other, so that the own changes are not taken for those of others. */
function change(target, values, done = t("settings.saved")) {
  changing = changing.then(() => doing(target, () => store(values, done)));
  return changing;
}

/** Store settings, unless somebody else has changed the same ones since the page showed them. */
async function store(values, done) {
  try {
    const present = await get(path);
    const shown = series;
    series = present;
    const isOther = Object.keys(values).some((name) => JSON.stringify(present[name]) !== JSON.stringify(shown[name]));
    if (isOther) return void tell(t("series.changed_meanwhile"), { bad: true });
    series = await patch(path, values);
    tell(done);
  } finally {
    draw();
  }
}

async function takeOut() {
  const files = make("input", { type: "checkbox", name: "files" });
  const answer = await ask(t("remove.title", { name: series.title }), t("remove.text"), {
    yes: t("series.remove"),
    danger: true,
    fields: [make("label.check", {}, files, t("remove.files"))],
  });
  if (!answer) return;
  try {
    await remove(path + (answer.has("files") ? "?files=true" : ""));
    go("/");
  } catch (error) {
    complain(error);
  }
}

async function loadItems() {
  const query = `serie_id=${encodeURIComponent(key)}`;
  const open = ["pending", "downloading", "failed"].map((status) => `status=${status}`).join("&");
  const { rows } = await page(`/api/queue/items?${query}&${open}`);
  seasons.showItems(rows);
}

async function loadFiles() {
  const { rows } = await page(`/api/library/files?series=${encodeURIComponent(key)}&limit=${MOST_FILES}`);
  known.files = rows;
  seasons.showFiles(rows);
  drawHeader(by("head"), series, known);
}

async function load() {
  try {
    const isFirst = series === null;
    series = await get(path);
    // Before the first drawing, because a banner that appears later moves the page.
    if (isFirst) await loadEntries();
    draw();
    await Promise.all([loadItems(), loadFiles()]);
    address.settle();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) return complain(error);
    for (const open of document.querySelectorAll(".menu:popover-open")) open.hidePopover();
    by("download-missing").hidden = true;
    by("series").hidden = true;
    by("loading").hidden = false;
    by("loading").replaceChildren(
      empty(
        "search",
        t("series.unknown"),
        "",
        make("a.button", { href: at("/") }, t("nav.library")),
      ),
    );
  }
  return undefined;
}

function isOurs(data) {
  return data.key === key;
}

if (isSignedIn) {
  const again = calmed(load, 300);
  socket.on("download_progress", (data) => isOurs(data) && seasons.progress(data));
  socket.on("download_complete", (data) => isOurs(data) && again());
  socket.on("download_failed", (data) => isOurs(data) && again());
  socket.on("queue_status", calmed(() => series && loadItems().catch(complain), 300));
  socket.on("scan_complete", again);
  // Another tab, a user or a program may have removed the series.
  onLibraryChange(again);
  onReturn(again);
  // No message says that another tab or user has changed the settings of the series.
  document.addEventListener("visibilitychange", () => document.hidden || again());
  load().then(() => series && showRelated(key));
}
