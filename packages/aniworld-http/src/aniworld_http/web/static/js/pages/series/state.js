// State of an episode, with its reason and what a person can do about it.

import { at } from "../../context.js";
import { isFinishing } from "../../lists/progress.js";
import { failureText, languageName, messageText, moment, percent, sentMessage, t } from "../../texts.js";

/** States of files that do not surely are the episode. */
const DOUBTFUL = new Set(["unsure", "suspect", "damaged"]);

/** Return whether an episode is wanted and can be downloaded, but has no file. */
export function isMissing(episode) {
  return episode.available && episode.monitored && !episode.downloaded;
}

/** Return whether an episode counts in the totals of its series, as in the library. */
export function isCounted(episode) {
  return episode.downloaded || (episode.available && episode.monitored);
}

/**
 * Return the state of an episode.
 *
 * @param {object} episode the episode.
 * @param {object} known `item` of the queue, `file` of the library, `wanted` languages in order,
 *   and `airing`, the next broadcast of the series.
 * @returns {{name: string, text: string, tone: string, sign: string|null, reason: string, link:
 *   string|null, allow: string|null}} `link` opens what helps; `allow` is a language to allow.
 */
export function stateOf(episode, known) {
  const { item, file, wanted, airing } = known;
  if (item) return ofItem(item);
  if (file && DOUBTFUL.has(file.state)) {
    return state(`unsure`, { tone: "warn", sign: "warn", reason: file.reason ? sentMessage(file.reason) : "", link: at("/attention") });
  }
  if (episode.downloaded) return state("downloaded", { tone: "good", sign: "check" });
  if (!episode.monitored) return state("not_wanted");
  if (episode.unavailable) {
    const { text, kind, values } = episode.unavailable;
    return state("unavailable", { sign: "warn", reason: messageText(text, kind, values), link: episode.link });
  }
  if (!episode.available) return announced(episode, airing);
  const languages = episode.languages ?? [];
  if (languages.length && wanted.length && !languages.some((tag) => wanted.includes(tag))) {
    const names = languages.map(languageName).join(", ");
    return state("other_languages", { tone: "warn", reason: t("state.only_in", { languages: names }), allow: languages[0] });
  }
  return state("missing", { tone: "warn" });
}

function ofItem(item) {
  const reason = item.error ? failureText(item.error, item.error_kind, item.error_values) : "";
  if (item.status === "downloading") {
    const part = percent(item.progress.percent);
    const text = isFinishing(item.progress) ? t("queue.finishing") : t("state.downloading", { part });
    return state("downloading", { text, tone: "accent", sign: "queue", link: at("/queue") });
  }
  if (item.status === "pending") return state("pending", { tone: "accent", sign: "clock", reason, link: at("/queue") });
  if (item.error_kind === "needs_person") {
    return state("needs_person", { tone: "bad", sign: "person", reason, link: item.link ?? at("/queue") });
  }
  return state("failed", { tone: "bad", sign: "warn", reason, link: at("/queue") });
}

function announced(episode, airing) {
  const isNext = airing && airing.season === episode.season && airing.number === episode.episode;
  const reason = isNext ? t("state.airs", { when: moment(airing.at) }) : "";
  return state("announced", { sign: "clock", reason });
}

function state(name, { text = t(`state.${name}`), tone = "", sign = null, reason = "", link = null, allow = null } = {}) {
  return { name, text, tone, sign, reason, link, allow };
}
