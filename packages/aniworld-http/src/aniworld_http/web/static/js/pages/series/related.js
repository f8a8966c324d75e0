// Sequels, prequels and other relatives of a series, and whether the library has them.

import { get, post } from "../../api.js";
import { button, by, make } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { go, seriesPath } from "../../context.js";
import { count, knows, seasonName, t } from "../../texts.js";

/**
 * Show the relatives of a series; the section is hidden if a source names none.
 *
 * @param {string} key key of the series.
 */
export async function showRelated(key) {
  try {
    const found = await get(`/api/anime/${encodeURIComponent(key)}/related`);
    by("related-list").replaceChildren(...found.map((each) => row(key, each)));
    by("related").hidden = !found.length;
  } catch (error) {
    complain(error);
  }
}

function row(key, related) {
  const name = `relation.${related.relation}`;
  const relation = knows(name) ? t(name) : related.relation.replaceAll("_", " ");
  const episodes = related.episode_count ? count("job.episodes", related.episode_count) : null;
  const facts = [related.year, related.kind.replaceAll("_", " ").toUpperCase(), episodes];
  return make(
    "li.item.entry",
    {},
    make("span.chip", {}, relation),
    make("div.what", {}, related.title, make("div.meta", {}, facts.filter(Boolean).join(" · "))),
    make("div.acts", {}, place(key, related)),
  );
}

function place(key, related) {
  if (related.key === key) return make("span.hint", {}, seasonName(related.season));
  if (related.key) return make("a.button.small", { href: seriesPath(related.key) }, t("add.open"));
  const label = `${t("add.add")}: ${related.title}`;
  const add = button(t("add.add"), { "data-needs": "request", kind: "small", sign: "add", "aria-label": label, onclick: () => take(add, related) });
  return add;
}

/** Add the only catalogue result with this title; otherwise show the results to choose from. */
function take(target, related) {
  return doing(target, async () => {
    const query = related.title.slice(0, 200);
    const { hits } = await post("/api/anime/search/report", { query });
    const same = hits.filter((hit) => hit.name.toLowerCase() === related.title.toLowerCase());
    if (same.length !== 1) return go(`/add?q=${encodeURIComponent(query)}`);
    const { link, provider } = same[0];
    const series = await post("/api/anime/add", { link, provider });
    tell(t(series.created ? "add.added" : "add.known", { name: series.title }));
    target.replaceWith(make("a.button.small", { href: seriesPath(series.key) }, t("add.open")));
    return undefined;
  });
}
