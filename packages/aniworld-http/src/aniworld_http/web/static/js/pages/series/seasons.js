// Seasons of a series: totals and buttons of each, and one page of its episodes when it is open.

import { asRow, bar, button, fillBar, make, say } from "../../dom.js";
import { code, count, seasonName, t } from "../../texts.js";
import { makePager } from "../../lists/pager.js";
import { makeLine } from "./line.js";
import { isCounted, isMissing } from "./state.js";

/** Lines of a season on the page at once: a long season must not slow the page down. */
const LINES = 80;

/**
 * Create the list of seasons; lines are reused, so that the page does not jump.
 *
 * @param {object} actions what buttons do; see `line.js`, and `setWanted` and `playlist`.
 * @param {object} address state of the address with `open`, the open seasons.
 */
export function makeSeasons(actions, address) {
  const node = make("div.stack");
  const seasons = new Map();
  const known = { items: new Map(), files: new Map(), wanted: [], airing: null };
  let isChosen = address.state.open !== "";

  function knownOf(name) {
    const { items, files, wanted, airing } = known;
    return { item: items.get(name) ?? null, file: files.get(name) ?? null, wanted, airing };
  }

  /** Keep the open seasons and their pages in the address. */
  function noteOpen() {
    isChosen = true;
    const open = [...seasons.values()].filter((box) => box.isOpen()).map((box) => box.mark());
    address.set({ open: open.join(" ") || "none" }, { top: false });
  }

  function show(episodes) {
    const groups = grouped(episodes);
    // Films and specials come last.
    const order = [...groups.keys()].sort((a, b) => (a || Infinity) - (b || Infinity));
    for (const [season, box] of seasons) {
      if (groups.has(season)) continue;
      box.node.remove();
      seasons.delete(season);
    }
    const opened = isChosen ? readOpen(address.state.open) : new Map([[firstOpen(order, groups), 1]]);
    for (const [place, season] of order.entries()) {
      const isNew = !seasons.has(season);
      const box = seasons.get(season) ?? makeSeason(season, actions, { knownOf, noteOpen });
      seasons.set(season, box);
      put(node, box.node, place);
      box.update(groups.get(season));
      if (isNew && opened.has(season)) box.open(opened.get(season));
    }
  }

  function redraw() {
    for (const box of seasons.values()) box.draw();
  }

  return {
    node,
    show,
    /** Open the seasons that the address names; after *Back*. */
    reopen() {
      const opened = readOpen(address.state.open);
      for (const [season, box] of seasons) {
        if (opened.has(season)) box.open(opened.get(season));
        else box.close();
      }
    },
    showItems(items) {
      known.items = new Map(items.map((item) => [code(item.episode.season, item.episode.episode), item]));
      redraw();
    },
    showFiles(files) {
      known.files = filesByCode(files);
      redraw();
    },
    showFacts({ wanted, airing }) {
      Object.assign(known, wanted && { wanted }, airing && { airing });
      redraw();
    },
    progress: (data) => seasons.get(data.season)?.progress(code(data.season, data.episode), data),
  };
}

function firstOpen(order, groups) {
  const unfinished = order.find((season) => groups.get(season).some(isMissing));
  return unfinished ?? order.find((season) => season > 0) ?? order.at(-1);
}

/** Read the open seasons with their pages: `1 2.3` is season 1, and the third page of season 2. */
function readOpen(text) {
  const parts = text.split(" ").map((part) => part.split(".").map(Number));
  return new Map(parts.filter(([season]) => Number.isInteger(season)).map(([season, page]) => [season, page || 1]));
}

/** Files by the codes of their episodes; a doubtful file comes before none, the present one first. */
function filesByCode(files) {
  const found = new Map();
  for (const file of files) {
    for (const number of file.numbers) {
      const name = code(file.season, number);
      if (!found.has(name) || file.state === "present") found.set(name, file);
    }
  }
  return found;
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

function makeSeason(season, actions, { knownOf, noteOpen }) {
  const lines = new Map();
  const [figures, line, body] = [make("span.subtitle"), bar(0), make("tbody", { role: "rowgroup" })];
  const boxId = `season-${season}`;
  const toggle = make("button.season-toggle", { type: "button", "aria-controls": boxId, onclick: flip }, seasonName(season));
  const acts = makeActs(season, actions);
  const pager = makePager(LINES, (number) => {
    page = number;
    draw();
    noteOpen();
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
  const box = make("div", { id: boxId, hidden: true }, make("div.table-box", {}, table), pager.node);
  const head = make("div.season-head", {}, make("h2", {}, toggle), line, figures, acts.node);
  const node = make("section.card.season", {}, head, box);
  let episodes = [];
  let page = 1;
  setOpen(false);

  function setOpen(open) {
    box.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) return draw();
    // Lines of a closed season only slow the page down.
    body.replaceChildren();
    lines.clear();
    return undefined;
  }

  function flip() {
    setOpen(box.hidden);
    noteOpen();
  }

  function draw() {
    if (box.hidden || !pager.show(page, episodes.length)) return;
    const shown = episodes.slice((page - 1) * LINES, page * LINES);
    const codes = new Set(shown.map((episode) => episode.code));
    for (const [name, row] of lines) {
      if (codes.has(name)) continue;
      row.node.remove();
      lines.delete(name);
    }
    for (const [place, episode] of shown.entries()) {
      let row = lines.get(episode.code);
      if (!row) {
        row = makeLine(actions);
        lines.set(episode.code, row);
      }
      put(body, row.node, place);
      row.update(episode, knownOf(episode.code));
    }
  }

  return {
    node,
    draw,
    isOpen: () => !box.hidden,
    mark: () => (page > 1 ? `${season}.${page}` : String(season)),
    open(number) {
      page = number;
      setOpen(true);
    },
    close: () => setOpen(false),
    update(latest) {
      episodes = latest;
      acts.update(episodes);
      const counted = episodes.filter(isCounted);
      const here = counted.filter((episode) => episode.downloaded).length;
      const announced = episodes.filter((episode) => !episode.available && !episode.downloaded && episode.monitored).length;
      say(figures, totalsText(here, counted.length, announced));
      fillBar(line, counted.length ? here / counted.length : 0);
      draw();
    },
    progress: (name, data) => lines.get(name)?.progress(data),
  };
}

/** Text of totals, counted as in the library. */
export function totalsText(here, all, announced) {
  const text = count("series.here", here, { all });
  return announced ? `${text}, ${count("series.announced", announced)}` : text;
}

function makeActs(season, actions) {
  let missing = [];
  let areWanted = true;
  const name = `S${String(season).padStart(2, "0")}`;
  const fetch = button(t("series.download_season"), {
    "data-needs": "request",
    sign: "queue",
    kind: "small",
    "aria-label": `${t("series.download_season")}: ${seasonName(season)}`,
    onclick: () => actions.queue(fetch, missing),
  });
  const mark = button("", { "data-needs": "control", kind: "small", onclick: () => actions.setWanted(mark, [name], !areWanted) });
  const open = button(t("watch.open"), {
    sign: "play",
    kind: "small",
    shown: false,
    onclick: () => actions.playlist(open, name),
  });
  open.title = `${t("watch.open_season")}: ${seasonName(season)}`;
  open.setAttribute("aria-label", open.title);
  return {
    node: make("div.row.season-acts", {}, fetch, mark, open),
    update(episodes) {
      missing = episodes.filter(isMissing).map((episode) => episode.code);
      fetch.hidden = !missing.length;
      open.hidden = !episodes.some((episode) => episode.downloaded);
      areWanted = episodes.some((episode) => episode.monitored);
      const text = t(areWanted ? "series.season_not_wanted" : "series.season_wanted");
      say(mark, text);
      mark.setAttribute("aria-label", `${text}: ${seasonName(season)}`);
    },
  };
}
