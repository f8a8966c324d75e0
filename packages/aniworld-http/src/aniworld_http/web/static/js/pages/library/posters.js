// One page of the library as posters, with letters to jump to.

import { bar, by, fillBar, make, say } from "../../dom.js";
import { seriesPath } from "../../context.js";
import { count, t } from "../../texts.js";
import { coverOfSeries, tile } from "../../tile.js";
import { makeTick } from "./ticks.js";

/** Create the poster grid; posters that stay on the page are kept. */
export function makePosters(selection) {
  const node = make("ul.posters", {});
  const cards = new Map();

  function show(rows) {
    const former = new Map(cards);
    cards.clear();
    for (const series of rows) {
      const card = former.get(series.key) ?? makeCard(series, selection);
      cards.set(series.key, card);
      card.update(series);
    }
    node.replaceChildren(...[...cards.values()].map((card) => card.node));
    showSelection();
  }

  function showSelection() {
    for (const card of cards.values()) card.tick.update();
  }

  return { node, show, showSelection, size: 96, nodeOf: (key) => cards.get(key)?.node };
}

function makeCard(series, selection) {
  const name = make("span.name", {}, series.name);
  const line = bar(0);
  const figures = make("span.figures");
  const tick = makeTick(series, selection);
  const link = make(
    "a",
    {
      href: seriesPath(series.key),
      onclick: (event) => {
        if (!selection.isOn() || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        tick.node.click();
      },
    },
    tile(series.name, coverOfSeries(series)),
    line,
    name,
    figures,
  );
  const resting = make("span.chip.resting", {}, t("series.unmonitored"));
  return {
    node: make("li.poster", {}, link, resting, tick.box),
    tick,
    update(latest) {
      say(name, latest.name);
      say(figures, figuresOf(latest));
      fillBar(line, latest.total ? latest.have / latest.total : 0);
      resting.hidden = latest.monitored;
    },
  };
}

/** Say how many episodes are there: "4 / 4 · 1 announced". */
function figuresOf({ have, total, announced }) {
  const here = total ? `${have} / ${total}` : "";
  const later = announced ? count("library.announced", announced) : "";
  return [here, later].filter(Boolean).join(" · ") || t("library.no_episodes");
}

/** Show the letters of a list by name; `jump` gets the place of the first series of a letter. */
export function showLetters(places, jump) {
  const box = by("letters");
  if (!box.childElementCount) {
    for (const letter of "#ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
      const label = t("library.jump", { letter });
      box.append(make("button", { type: "button", "data-letter": letter, "aria-label": label }, letter));
    }
  }
  for (const each of box.children) {
    const place = places[each.dataset.letter];
    each.disabled = place === undefined;
    each.onclick = () => jump(place);
  }
}
