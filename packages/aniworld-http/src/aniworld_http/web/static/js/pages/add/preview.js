// Card of a series before it is added: cover, episodes, and what is on disk already.

import { post } from "../../api.js";
import { button, make, outside } from "../../dom.js";
import { doing, tell } from "../../messages.js";
import { count, messageText, seasonName, t } from "../../texts.js";
import { coverOfHit, coverOfSeries, tile } from "../../tile.js";

/**
 * Create the card of a link.
 *
 * @param {object} series answer to a preview.
 * @param {string} link the link.
 * @param {function(object): Node[]} after creates the actions for a series of the library.
 * @param {function(): object|undefined} rules returns the filters and numbering, if any are set.
 */
export function previewCard(series, link, after, rules) {
  const acts = make("div.acts.row");
  const add = button(t("add.add"), { sign: "add", kind: "primary", onclick: take });
  acts.append(...(series.created ? [add] : after(series)));

  function take() {
    return doing(add, async () => {
      const added = await post("/api/anime/add", { link, list_rules: rules() });
      acts.replaceChildren(...after(added));
      acts.querySelector("button, a").focus();
      tell(t(added.created ? "add.added" : "add.known", { name: added.title }));
    });
  }

  return make(
    "li.card.hit",
    {},
    tile(series.title, series.created ? coverOfHit(series) : coverOfSeries(series)),
    make(
      "div",
      {},
      make("h2", {}, series.title),
      make("p.subtitle", {}, series.year ? `${series.year} · ` : "", outside(series.link, series.site)),
      make("p.subtitle", {}, episodesOf(series)),
      make("p.subtitle", {}, onDisk(series)),
      ...series.notice_messages.map(({ kind, values }, index) =>
        make("p.subtitle", {}, messageText(series.notices[index], kind, values)),
      ),
      series.description ? make("p.description", {}, series.description) : null,
    ),
    acts,
  );
}

function episodesOf({ episodes }) {
  const seasons = new Map();
  for (const { season } of episodes) seasons.set(season, (seasons.get(season) ?? 0) + 1);
  const parts = [...seasons].map(([season, number]) => `${seasonName(season)}: ${number}`);
  const coming = episodes.filter((episode) => !episode.available && !episode.downloaded).length;
  const all = count("add.preview.episodes", episodes.length);
  const facts = [all, parts.length > 1 ? parts.join(", ") : "", coming ? count("add.preview.coming", coming) : ""];
  return facts.filter(Boolean).join(" · ");
}

function onDisk(series) {
  if (!series.created) return t("add.known", { name: series.title });
  const { existing } = series;
  if (!existing) return t("add.preview.new", { folder: series.folder });
  return count("add.preview.existing", existing.episodes, {
    all: series.episodes.length,
    folders: existing.folders.join(", "),
  });
}
