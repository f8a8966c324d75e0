// The library as posters, with letters to jump to.

import { bar, by, fillBar, inParts, make, say } from "../../dom.js";
import { seriesPath } from "../../context.js";
import { t } from "../../texts.js";
import { coverOfSeries, tile } from "../../tile.js";

const FIRST = 24;

/** Create the poster grid; each poster is created once, then moved, shown or hidden. */
export function makePosters({ selected, onSelect }) {
  const node = make("ul.posters", {});
  const cards = new Map();
  let selecting = false;
  let drawing = 0;

  function cardOf(series) {
    let card = cards.get(series.key);
    if (!card) {
      card = makeCard(series, { selected, onSelect, selecting: () => selecting });
      cards.set(series.key, card);
    }
    card.update(series);
    return card.node;
  }

  function show(rows, { sort }) {
    drawing += 1;
    const mine = drawing;
    const first = rows.slice(0, FIRST).map(cardOf);
    node.replaceChildren(...first);
    offerLetters(sort === "name" ? rows : [], (series) => {
      const target = cardOf(series);
      target.scrollIntoView({ block: "start" });
      target.querySelector("a").focus({ preventScroll: true });
    });
    inParts(rows.slice(FIRST), (part) => {
      if (mine !== drawing) return false;
      node.append(...part.map(cardOf));
      return true;
    });
  }

  return {
    node,
    show,
    renew: (series) => cards.get(series.key)?.update(series),
    showSelection: () => cards.forEach((card, key) => card.check(selected.has(key))),
    setSelecting(on) {
      selecting = on;
      for (const [key, card] of cards) {
        card.setSelecting(on);
        card.check(selected.has(key));
      }
    },
  };
}

function makeCard(series, { selected, onSelect, selecting }) {
  const name = make("span.name", {}, series.name);
  const line = bar(0);
  const figures = make("span.figures");
  const link = make(
    "a",
    {
      href: seriesPath(series.key),
      onclick: (event) => {
        if (!selecting() || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        tick.click();
      },
    },
    tile(series.name, coverOfSeries(series)),
    line,
    name,
    figures,
  );
  const tick = make("input.tick", {
    type: "checkbox",
    "aria-label": t("library.choose", { name: series.name }),
    onchange: () => {
      if (tick.checked) selected.add(series.key);
      else selected.delete(series.key);
      onSelect();
    },
  });
  const resting = make("span.chip.resting", {}, t("series.unmonitored"));
  const node = make("li.poster", {}, link, resting, tick);
  tick.hidden = !selecting();

  return {
    node,
    check: (on) => (tick.checked = on),
    setSelecting: (on) => (tick.hidden = !on),
    update(latest) {
      say(name, latest.name);
      say(figures, latest.total ? `${latest.have} / ${latest.total}` : t("library.no_episodes"));
      fillBar(line, latest.total ? latest.have / latest.total : 0);
      resting.hidden = latest.monitored;
    },
  };
}

/** Return the letter under which a name is listed; `#` for all other characters. */
function letterOf(name) {
  const letter = name.normalize("NFD").charAt(0).toUpperCase();
  return letter >= "A" && letter <= "Z" ? letter : "#";
}

function offerLetters(rows, jump) {
  const first = new Map();
  for (const series of rows) {
    const letter = letterOf(series.name);
    if (!first.has(letter)) first.set(letter, series);
  }
  const box = by("letters");
  if (!box.childElementCount) {
    for (const letter of "#ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
      box.append(make("button", { type: "button", "data-letter": letter }, letter));
    }
  }
  for (const each of box.children) {
    const series = first.get(each.dataset.letter);
    each.disabled = !series;
    each.setAttribute("aria-label", t("library.jump", { letter: each.dataset.letter }));
    each.onclick = () => jump(series);
  }
}
