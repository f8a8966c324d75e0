// Head of the series page: banner, poster, facts, ids, size on disk and settings.

import { button, calmed, make, outside, say } from "../../dom.js";
import { makeLanguageOrder } from "../../lists/language_order.js";
import { bytes, count, languageName, moment, t } from "../../texts.js";
import { bannerOfSeries, coverOfSeries, tile } from "../../tile.js";
import { isCounted } from "./state.js";
import { totalsText } from "./seasons.js";

const QUALITIES = ["best", "1080p", "720p", "480p", "360p", "worst"];
/** Milliseconds after the last move until an order is stored. */
const STORE_AFTER = 400;
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
  cancelled: "cancelled",
  ended: "finished",
  finished: "finished",
  hiatus: "paused",
  in_development: "upcoming",
  not_yet_released: "upcoming",
  releasing: "airing",
  running: "airing",
  to_be_determined: "undecided",
};

/**
 * Create the head of the page.
 *
 * @param {object} acts `change` stores settings, `remove` removes the series.
 */
export function makeHeader({ change, remove }) {
  const controls = makeControls({ change, remove });
  const pictures = new Map();

  /** Created once per address, so that its animation continues when the text around it changes. */
  function picture(kind, address, create) {
    const shown = pictures.get(kind);
    if (shown?.address === address) return shown.node;
    const node = create();
    pictures.set(kind, { address, node });
    return node;
  }

  return function draw(node, series, known) {
    const cover = coverOfSeries(series);
    const wide = known.banner ? bannerOfSeries(series) : null;
    const poster = picture("poster", cover, () => tile(series.title, cover));
    const banner = wide ? picture("banner", wide, () => bannerOf(series.title, wide)) : null;
    const text = about(series, known);
    // The controls stay in the document, so that they keep the focus.
    if (controls.node.parentNode === node) {
      for (const child of [...node.children]) if (child !== controls.node) child.remove();
      controls.node.before(...[banner, poster, text].filter(Boolean));
    } else node.replaceChildren(...[banner, poster, text].filter(Boolean), controls.node);
    controls.show(series);
  };
}

function bannerOf(title, address) {
  const node = tile(title, address);
  node.className = "banner";
  node.replaceChildren();
  return node;
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

/** Create the settings of the series; they are stored at once. */
function makeControls({ change, remove }) {
  const monitored = make("input", {
    type: "checkbox",
    role: "switch",
    onchange: () => change(monitored, { monitored: monitored.checked }),
  });
  const quality = make(
    "select.select",
    { onchange: () => change(quality, { quality: quality.value || null }) },
    make("option", { value: "" }, t("series.global_quality")),
    ...QUALITIES.map((name) => make("option", { value: name }, t(`quality.${name}`))),
  );
  const languages = makeLanguages(change);
  const node = make(
    "div.row.wide",
    { "data-needs": "control" },
    make("label.switch", {}, monitored, t("series.monitored")),
    make("label.row", {}, t("series.quality"), quality),
    make("label.row", {}, t("series.languages"), languages.choice),
    button(t("series.remove"), { sign: "trash", kind: "danger", onclick: remove }),
    languages.own,
  );
  return {
    node,
    show(series) {
      monitored.checked = series.monitored;
      quality.value = series.quality ?? "";
      languages.show(series);
    },
  };
}

/** Create the choice between the order of the settings and an own one, which starts as a copy. */
function makeLanguages(change) {
  let shown = null;
  const choice = make(
    "select.select",
    {
      onchange() {
        own.hidden = choice.value === "";
        if (choice.value) order.write(shown.wanted_languages);
        store();
      },
    },
    make("option", { value: "" }),
    make("option", { value: "own" }, t("edit.own_order")),
  );
  const later = calmed(() => send(), STORE_AFTER);
  const order = makeLanguageOrder(t("series.languages"), store, { isNamed: false });
  const own = make("div.own-order", { hidden: true }, order.node);
  let isWaiting = false;

  function store() {
    isWaiting = true;
    later();
  }

  async function send() {
    isWaiting = false;
    const codes = choice.value ? order.read() : [];
    await change(null, { languages: codes.length ? codes : null });
  }

  function show(series) {
    shown = series;
    // Several moves in a row are stored together; a response must not undo the latest one.
    if (isWaiting) return;
    choice.value = series.languages ? "own" : "";
    own.hidden = !series.languages;
    const isSame = JSON.stringify(order.read()) === JSON.stringify(series.languages ?? []);
    if (!isSame) order.write(series.languages ?? []);
    if (!series.languages) {
      const names = series.wanted_languages.map(languageName).join(", ");
      say(choice.options[0], t("series.global_order", { names }));
    }
  }

  return { choice, own, show };
}
