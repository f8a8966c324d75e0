// Series page: its seasons, and the state of each episode.

import { Problem, get, page, patch, post, remove } from "../api.js";
import { button, by, calmed, empty, make, outside } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onReturn, socket } from "../live.js";
import { ask, complain, doing, tell } from "../messages.js";
import { BASE, at, go } from "../context.js";
import { count, messageText, t } from "../texts.js";
import { coverOfSeries, tile } from "../tile.js";
import { codesOf } from "../lists/wanted_codes.js";
import { makeEntries } from "./series/entries.js";
import { showRelated } from "./series/related.js";
import { showDetails } from "./series/details.js";
import { makeSeriesRules } from "./series/rules.js";
import { makeSeasons } from "./series/seasons.js";

const key = decodeURIComponent(location.pathname.slice(BASE.length).split("/")[2]);
const path = `/api/anime/${encodeURIComponent(key)}`;
const QUALITIES = ["best", "1080p", "720p", "480p", "360p", "worst"];
const seasons = makeSeasons({
  queue: enqueue,
  setWanted,
  details: (episode) => showDetails(key, episode, { setWanted, changed: load }),
});
const loadEntries = makeEntries(path, async () => {
  series = await get(path);
  draw();
  await showRelated(key);
});
const drawRules = makeSeriesRules(key, path, async (changed) => {
  series = changed;
  draw();
  await loadItems();
});
let series = null;
let shownPoster = null;

async function enqueue(target, episodes) {
  await doing(target, async () => {
    const { items, skipped } = await post("/api/queue/add", { serie_id: key, episodes });
    tell(items.length ? count("queue.added", items.length) : messageText(skipped[0]?.reason, skipped[0]?.reason_kind, skipped[0]?.reason_values));
    await loadItems();
  });
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
  by("head").replaceChildren(poster(), about(), controls());
  const missing = codesOf(series.missing_episodes);
  const all = by("download-missing");
  all.hidden = !missing.length;
  all.onclick = () => enqueue(all, missing);
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

/** Created once, so that its animation continues when the text around it changes. */
function poster() {
  const cover = coverOfSeries(series);
  if (!shownPoster || shownPoster.cover !== cover) {
    shownPoster = { cover, node: tile(series.title, cover) };
  }
  return shownPoster.node;
}

function about() {
  const here = series.episodes.filter((episode) => episode.downloaded).length;
  const facts = [series.year, series.site, count("series.here", here, { all: series.episodes.length })];
  return make(
    "div.about",
    {},
    make("p.subtitle", {}, facts.filter(Boolean).join(" · ")),
    make("div.chips", {}, ...series.genres.map((genre) => make("span.chip", {}, genre))),
    make("p.description", {}, series.description || t("series.no_description")),
    make("p.hint", {}, t("series.folder", { folder: series.folder })),
    make("p", {}, outside(series.link, t("series.at_site", { site: series.site }))),
  );
}

function controls() {
  const monitored = make("input", {
    type: "checkbox",
    role: "switch",
    checked: series.monitored,
    onchange: () => change(monitored, { monitored: monitored.checked }),
  });
  const quality = make(
    "select.select",
    { onchange: () => change(quality, { quality: quality.value || null }) },
    make("option", { value: "" }, t("series.global_quality")),
    ...QUALITIES.map((name) => make("option", { value: name }, t(`quality.${name}`))),
  );
  quality.value = series.quality ?? "";
  const languages = make("input.input", {
    value: (series.languages ?? []).join(", "),
    placeholder: t("series.global_languages"),
    onchange: () => {
      const order = languages.value.split(/[\s,]+/).filter(Boolean);
      change(languages, { languages: order.length ? order : null });
    },
  });
  return make(
    "div.row.wide",
    { "data-needs": "control" },
    make("label.switch", {}, monitored, t("series.monitored")),
    make("label.row", {}, t("series.quality"), quality),
    make("label.row", {}, t("series.languages"), languages),
    button(t("series.remove"), { sign: "trash", kind: "danger", onclick: takeOut }),
  );
}

function change(target, values) {
  return doing(target, async () => {
    try {
      series = await patch(path, values);
      tell(t("settings.saved"));
    } finally {
      draw();
    }
  });
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

async function load() {
  try {
    series = await get(path);
    draw();
    await loadItems();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) return complain(error);
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
  onReturn(again);
  load().then(() => series && Promise.all([loadEntries(), showRelated(key)]));
}
