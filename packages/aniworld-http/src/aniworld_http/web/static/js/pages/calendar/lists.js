// Lines of entries, and the lists of the week and the agenda.

import { LANGUAGE, seriesPath } from "../../context.js";
import { empty, make } from "../../dom.js";
import { VARIETY, count, languageName, t, timeOfDay } from "../../texts.js";
import { queueButton } from "../../queue_episode.js";
import { daysBetween } from "./days.js";

const range = new Intl.DateTimeFormat(VARIETY, { day: "numeric", month: "long", timeZone: "UTC" });
const heading = new Intl.DateTimeFormat(VARIETY, {
  weekday: "long",
  day: "numeric",
  month: "long",
  timeZone: "UTC",
});
const KINDS = { downloaded: "good", aired: "warn", expected: "accent", unwanted: "" };

/** What is expected, and when: "German dub expected 8–12 December". */
export function promise(entry) {
  const days = range.formatRange(new Date(entry.day), new Date(entry.last_day));
  return t("calendar.version", { language: languageName(entry.language), days });
}

function evidence(entry) {
  const name = entry.of_series ? "calendar.from_series" : "calendar.from_all";
  return count(name, entry.episodes, { percent: entry.confidence });
}

/** One entry with a link to its series. */
export function entryLine(entry) {
  const title = entry.titles[LANGUAGE] ?? entry.titles.de ?? entry.titles.en;
  const isVersion = entry.kind === "version";
  const facts = [entry.code, title, isVersion ? evidence(entry) : timeOfDay(new Date(entry.at))];
  return make(
    "li.item",
    { "data-state": isVersion ? "version" : entry.state },
    make("span.mark", { "aria-hidden": "true" }),
    make(
      "div.what",
      {},
      make("a", { href: seriesPath(entry.key) }, entry.name),
      isVersion ? make("div.promise", {}, promise(entry)) : null,
      make("div.meta", {}, facts.filter(Boolean).join(" · ")),
    ),
    isVersion ? make("span") : make("div.acts", {}, ...actions(entry)),
  );
}

/** An episode that aired and is not here can be queued. */
function actions({ key, name, code, state }) {
  return state === "aired" ? [chip(state), queueButton(key, code, name)] : [chip(state)];
}

function chip(state) {
  const kind = KINDS[state];
  return make(kind ? `span.chip.${kind}` : "span.chip", {}, t(`calendar.chip.${state}`));
}

function dayCard(day, entries, now) {
  const title = make("h3", {}, heading.format(new Date(day)));
  return make(
    "section.card.list-card",
    { "aria-label": title.textContent, "data-day": day, "aria-current": day === now ? "date" : null },
    make("header", {}, title),
    entries.length
      ? make("ul.items", {}, ...entries.map(entryLine))
      : make("p.hint.card-hint", {}, t("calendar.nothing_day")),
  );
}

/** Seven days, each with its entries; a range is on each of its days. */
export function makeWeek({ first, last, entries, now }) {
  const days = daysBetween(first, last);
  const on = (day) => entries.filter((entry) => entry.day <= day && entry.last_day >= day);
  return make("div.week", {}, ...days.map((day) => dayCard(day, on(day), now)));
}

/** The days that have entries; a range is listed once. */
export function makeAgenda({ first, last, entries, now }) {
  const on = (day) => entries.filter((entry) => (entry.day < first ? first : entry.day) === day);
  const days = daysBetween(first, last).filter((day) => on(day).length);
  if (!days.length) return empty("calendar", t("calendar.nothing"), t("calendar.nothing_hint"));
  return make("div.stack", {}, ...days.map((day) => dayCard(day, on(day), now)));
}
