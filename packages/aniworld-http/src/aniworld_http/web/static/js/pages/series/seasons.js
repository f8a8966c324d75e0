// Seasons of a series with one line per episode.

import { asRow, bar, button, fillBar, icon, make, outside, say } from "../../dom.js";
import { at } from "../../context.js";
import { code, count, languageName, percent, messageText, seasonName, t } from "../../texts.js";

/** Create the list of seasons; lines are reused, so that the page does not jump. */
export function makeSeasons({ queue, setWanted, details }) {
  const node = make("div.stack");
  const seasons = new Map();
  const lines = new Map();

  function show(episodes) {
    const groups = Map.groupBy
      ? Map.groupBy(episodes, (episode) => episode.season)
      : grouped(episodes);
    // Films and specials come last.
    const order = [...groups.keys()].sort((a, b) => (a || Infinity) - (b || Infinity));
    const codes = new Set(episodes.map((episode) => episode.code));
    for (const [name, row] of lines) {
      if (codes.has(name)) continue;
      row.node.remove();
      lines.delete(name);
    }
    for (const [season, box] of seasons) {
      if (groups.has(season)) continue;
      box.node.remove();
      seasons.delete(season);
    }
    for (const [place, season] of order.entries()) {
      let box = seasons.get(season);
      if (!box) {
        box = makeSeason(season, queue, setWanted, details);
        seasons.set(season, box);
      }
      put(node, box.node, place);
      box.update(groups.get(season), lines);
    }
    const last = order.at(-1);
    const unfinished = order.find((s) => groups.get(s).some(isMissing));
    seasons.get(unfinished ?? order.find((s) => s > 0) ?? last)?.openOnce();
  }

  return {
    node,
    show,
    showItems(items) {
      const open = new Map(items.map((i) => [code(i.episode.season, i.episode.episode), i]));
      for (const [name, line] of lines) line.setItem(open.get(name) ?? null);
    },
    progress: (data) => lines.get(code(data.season, data.episode))?.progress(data.percent),
  };
}

/** Put a node at a place among its siblings; one that is there already is not touched. */
function put(parent, node, place) {
  const there = parent.children[place] ?? null;
  if (there !== node) parent.insertBefore(node, there);
}

function grouped(episodes) {
  const groups = new Map();
  for (const episode of episodes) {
    if (!groups.has(episode.season)) groups.set(episode.season, []);
    groups.get(episode.season).push(episode);
  }
  return groups;
}

function makeSeason(season, queue, setWanted, details) {
  const [figures, line, body] = [make("span.subtitle"), bar(0), make("tbody", { role: "rowgroup" })];
  let missing = [];
  let areWanted = true;
  const mark = button("", {
    "data-needs": "control",
    kind: "small",
    onclick: () => setWanted(mark, [`S${String(season).padStart(2, "0")}`], !areWanted),
  });
  const fetch = button(t("series.download_season"), {
    "data-needs": "request",
    sign: "queue",
    kind: "small",
    onclick: (event) => {
      event.preventDefault();
      queue(fetch, missing);
    },
  });
  const heads = ["code", "title", "languages", "state", "actions"].map((name) =>
    make("th", { scope: "col" }, t(`series.column.${name}`)),
  );
  const table = make(
    "table.stacked.episodes",
    { role: "table" },
    make("caption.unseen", {}, seasonName(season)),
    make("thead.unseen", { role: "rowgroup" }, asRow(make("tr", {}, ...heads))),
    body,
  );
  const node = make(
    "details.card.season",
    {},
    make("summary", {}, make("h2", {}, seasonName(season)), line, figures),
    make("div.row.season-acts", {}, fetch, mark),
    make("div.table-box", {}, table),
  );
  let opened = false;

  return {
    node,
    openOnce() {
      node.open = opened ? node.open : true;
      opened = true;
    },
    update(episodes, lines) {
      const here = episodes.filter((episode) => episode.downloaded).length;
      missing = episodes
        .filter(isMissing)
        .map((episode) => episode.code);
      fetch.hidden = !missing.length;
      areWanted = episodes.some((episode) => episode.monitored);
      say(mark, t(areWanted ? "series.season_not_wanted" : "series.season_wanted"));
      say(figures, count("series.here", here, { all: episodes.length }));
      fillBar(line, episodes.length ? here / episodes.length : 0);
      for (const [place, episode] of episodes.entries()) {
        let row = lines.get(episode.code);
        if (!row) {
          row = makeLine(queue, setWanted, details);
          lines.set(episode.code, row);
        }
        put(body, row.node, place);
        row.update(episode);
      }
    },
  };
}

function isMissing(episode) {
  return episode.available && episode.monitored && !episode.downloaded;
}

function makeLine(queue, setWanted, details) {
  const [name, title, languages] = [make("td"), make("th", { scope: "row" }), make("td")];
  const chips = make("div.chips");
  languages.append(chips);
  const stateBox = make("td");
  const fetch = button("", {
    "data-needs": "request",
    sign: "queue",
    kind: "small",
    shown: false,
    onclick: () => queue(fetch, [episode.code]),
  });
  const mark = button("", {
    "data-needs": "control",
    sign: "bookmark",
    kind: "small",
    shown: false,
    onclick: () => setWanted(mark, [episode.code], !episode.monitored),
  });
  const more = button("", {
    sign: "open",
    kind: "small",
    shown: false,
    "data-details": true,
    onclick: () => details(episode),
  });
  const acts = make("td", {}, make("div.row", {}, fetch, mark, more));
  const node = asRow(make("tr", {}, name, title, languages, stateBox, acts));
  let episode = null;
  let item = null;

  function drawState() {
    const [text, kind, sign] = stateOf(episode, item);
    const chip = make(kind ? `span.chip.${kind}` : "span.chip", {}, sign && icon(sign), text);
    const link = item ? make("a", { href: at("/queue") }, chip) : chip;
    stateBox.replaceChildren(link);
    if (item?.error) {
      const error = messageText(item.error, item.error_kind, item.error_values);
      stateBox.append(make("p.hint", {}, error));
    };
    const reason = episode.downloaded ? null : episode.unavailable;
    if (reason) {
      const text = messageText(reason.text, reason.kind, reason.values);
      stateBox.append(make("p.hint", {}, episode.link ? outside(episode.link, text) : text));
    }
    fetch.hidden = !isMissing(episode) || Boolean(item);
    const purpose = episode.monitored ? "series.not_wanted_named" : "series.wanted_named";
    mark.title = t(purpose, { name: episode.code });
    mark.setAttribute("aria-label", mark.title);
    more.title = t("details.of", { code: episode.code });
    more.setAttribute("aria-label", more.title);
    const label = t("series.download", { code: episode.code });
    fetch.title = label;
    fetch.setAttribute("aria-label", label);
  }

  return {
    node,
    update(latest) {
      episode = latest;
      if (episode.downloaded) item = null;
      say(name, episode.code);
      say(title, episode.title);
      const known = episode.languages ?? [];
      chips.replaceChildren(
        ...known.map((tag) => {
          const isFile = tag === episode.file_language;
          return make(isFile ? "span.chip.accent" : "span.chip", {}, languageName(tag));
        }),
      );
      drawState();
    },
    setItem(latest) {
      if (item === latest || (item && latest && same(item, latest))) return;
      item = latest;
      drawState();
    },
    progress(part) {
      if (item?.status !== "downloading") return;
      item.progress.percent = part;
      drawState();
    },
  };
}

function same(one, other) {
  return (
    one.id === other.id &&
    one.status === other.status &&
    one.error === other.error &&
    one.progress.percent === other.progress.percent
  );
}

function stateOf(episode, item) {
  if (item?.status === "downloading") {
    return [t("state.downloading", { part: percent(item.progress.percent) }), "accent", "queue"];
  }
  if (item?.status === "pending") return [t("state.pending"), "accent", "clock"];
  if (item?.status === "failed") return [t("state.failed"), "bad", "warn"];
  if (episode.downloaded) return [t("state.downloaded"), "good", "check"];
  if (!episode.monitored) return [t("state.not_wanted"), "", null];
  if (episode.unavailable) return [t("state.unavailable"), "", "warn"];
  if (!episode.available) return [t("state.announced"), "", "clock"];
  return [t("state.missing"), "warn", null];
}
