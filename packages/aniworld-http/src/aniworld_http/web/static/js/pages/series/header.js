// Head of the series page: poster, facts, ids, size on disk and settings.

import { button, make, outside } from "../../dom.js";
import { bytes, count, moment, t } from "../../texts.js";
import { coverOfSeries, tile } from "../../tile.js";
import { isCounted } from "./state.js";
import { totalsText } from "./seasons.js";

const QUALITIES = ["best", "1080p", "720p", "480p", "360p", "worst"];
/** Pages of databases by the prefix of their ids. */
const DATABASES = {
  anidb: ["AniDB", (id) => `https://anidb.net/anime/${id}`],
  anilist: ["AniList", (id) => `https://anilist.co/anime/${id}`],
  imdb: ["IMDb", (id) => `https://www.imdb.com/title/${id}/`],
  kitsu: ["Kitsu", (id) => `https://kitsu.app/anime/${id}`],
  mal: ["MyAnimeList", (id) => `https://myanimelist.net/anime/${id}`],
  tmdb: ["TMDB", (id) => `https://www.themoviedb.org/tv/${id}`],
  tvdb: ["TheTVDB", (id) => `https://thetvdb.com/?tab=series&id=${id}`],
  tvmaze: ["TVmaze", (id) => `https://www.tvmaze.com/shows/${id}`],
};

/** Words of metadata sources for the state of a broadcast. */
const STATUSES = {
  ended: "finished",
  finished: "finished",
  releasing: "airing",
  running: "airing",
  not_yet_released: "upcoming",
  "in development": "upcoming",
};

/**
 * Create the head of the page.
 *
 * @param {object} acts `change` stores settings, `remove` removes the series.
 */
export function makeHeader({ change, remove }) {
  let shownPoster = null;

  /** Created once, so that its animation continues when the text around it changes. */
  function poster(series) {
    const cover = coverOfSeries(series);
    if (!shownPoster || shownPoster.cover !== cover) {
      shownPoster = { cover, node: tile(series.title, cover) };
    }
    return shownPoster.node;
  }

  return function draw(node, series, known) {
    node.replaceChildren(poster(series), about(series, known), controls(series, { change, remove }));
  };
}

function about(series, { files, entry }) {
  return make(
    "div.about",
    {},
    make("p.subtitle", {}, factsOf(series, files, entry).filter(Boolean).join(" · ")),
    make("div.chips", {}, ...series.genres.map((genre) => make("span.chip", {}, genre))),
    make("p.description", {}, series.description || t("series.no_description")),
    make("p.hint", {}, t("series.folder", { folder: series.folder })),
    make("p.ids", {}, outside(series.link, t("series.at_site", { site: series.site })), ...idsOf(series, entry)),
  );
}

function factsOf(series, files, entry) {
  const counted = series.episodes.filter(isCounted);
  const here = counted.filter((episode) => episode.downloaded).length;
  const announced = series.episodes.filter((episode) => !episode.available && !episode.downloaded && episode.monitored).length;
  const years = series.end_year && series.end_year !== series.year ? `${series.year}–${series.end_year}` : series.year;
  const size = files ? files.reduce((sum, file) => sum + file.size, 0) : 0;
  return [
    years,
    series.site,
    totalsText(here, counted.length, announced),
    size ? t("series.size", { size: bytes(size), files: count("series.files", files.length) }) : null,
    airing(entry),
  ];
}

function airing(entry) {
  if (entry?.next_airing) return t("series.next_airing", { episode: entry.next_episode, when: moment(entry.next_airing) });
  const status = STATUSES[entry?.status];
  return status ? t(`series.status.${status}`) : null;
}

function idsOf(series, entry) {
  const ids = new Set([...series.external_ids, ...(entry?.external_ids ?? [])]);
  return [...ids].flatMap((each) => {
    const [name, ...rest] = each.split("-");
    const known = DATABASES[name];
    return known ? [" · ", outside(known[1](encodeURIComponent(rest.join("-"))), known[0])] : [];
  });
}

function controls(series, { change, remove }) {
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
    button(t("series.remove"), { sign: "trash", kind: "danger", onclick: remove }),
  );
}
