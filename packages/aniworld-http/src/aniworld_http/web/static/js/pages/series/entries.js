// The entries of a series in metadata sources: what it is identified as, and candidates to choose.

import { get, post } from "../../api.js";
import { button, by, make, outside } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { count, knows, messageText, moment, t } from "../../texts.js";

/** Titles shown of one entry; the others are counted. */
const TITLES = 6;

function sourceName(source) {
  return knows(`entries.source.${source}`) ? t(`entries.source.${source}`) : source;
}

/**
 * Show the entries of a series below its seasons.
 *
 * @param {string} path address of the series in the API.
 * @param {() => Promise<void>} changed called after the entry changed.
 * @param {(results: object[]) => void} shown called with the results of the sources.
 */
export function makeEntries(path, changed, shown) {
  const address = `${path}/identify`;

  async function act(target, body, done) {
    await doing(target, async () => {
      show(await post(address, body));
      tell(done);
      await changed();
    });
  }

  function facts(entry) {
    const others = entry.titles.filter((title) => title !== entry.title);
    const more = others.length - TITLES;
    const titles = others.slice(0, TITLES).join(" · ") + (more > 0 ? ` · +${more}` : "");
    return make(
      "div.what",
      {},
      outside(entry.link, entry.title),
      make("div.meta", {}, [entry.year, entry.kind.toUpperCase(), entry.episode_count ? count("job.episodes", entry.episode_count) : null].filter(Boolean).join(" · ")),
      titles ? make("div.meta", {}, titles) : null,
      entry.external_ids.length ? make("div.chips", {}, ...entry.external_ids.map((id) => make("span.chip", {}, id))) : null,
      entry.poster_url ? make("div.meta", {}, outside(entry.poster_url, t("entries.poster"))) : null,
      entry.next_airing
        ? make("div.meta", {}, t("entries.next", { episode: entry.next_episode, when: moment(entry.next_airing) }))
        : null,
    );
  }

  function known(result) {
    const away = button(t("entries.forget"), {
      "data-needs": "control",
      kind: "small",
      onclick: () => act(away, { forget: result.source }, t("entries.forgotten")),
    });
    const origin = result.entry.chosen ? "entries.chosen" : "entries.found";
    return make("li.item.entry", {}, make("span.chip", {}, sourceName(result.source)), facts(result.entry), make("div.acts", {}, make("span.hint", {}, t(origin)), away));
  }

  function candidate(result, entry) {
    const choose = button(t("entries.choose"), {
      "data-needs": "control",
      kind: "small",
      "aria-label": `${t("entries.choose")}: ${entry.title}, ${entry.id}`,
      onclick: () => act(choose, { entry: entry.id }, t("entries.is_chosen", { title: entry.title })),
    });
    return make(
      "li.item.entry",
      {},
      make("span.chip", {}, sourceName(result.source)),
      facts(entry),
      make("div.acts", {}, make("span.hint", {}, t("entries.score", { score: entry.score })), choose),
    );
  }

  function problem(result) {
    const { error, kind, values } = result.error;
    return make("li.item.entry", {}, make("span.chip.bad", {}, sourceName(result.source)), make("div.why", {}, messageText(error, kind, values)));
  }

  function show(results) {
    shown(results);
    const lines = results.flatMap((result) => [
      ...(result.entry ? [known(result)] : []),
      ...(result.error ? [problem(result)] : []),
      ...result.candidates.filter((each) => each.id !== result.entry?.id).map((each) => candidate(result, each)),
    ]);
    const search = button(t("entries.search"), {
      "data-needs": "control",
      kind: "small",
      onclick: () => doing(search, async () => show(await get(`${address}?candidates=true`))),
    });
    const identify = button(t("entries.identify"), {
      "data-needs": "control",
      kind: "small",
      onclick: () => act(identify, {}, t("entries.asked")),
    });
    by("entries-list").replaceChildren(
      lines.length ? make("ul.items", {}, ...lines) : make("p.hint", {}, t(results.length ? "entries.none" : "entries.off")),
      results.length ? make("div.row.card-acts", {}, identify, search) : "",
    );
    by("entries").hidden = false;
  }

  return async function load() {
    try {
      show(await get(address));
    } catch (error) {
      complain(error);
    }
  };
}
