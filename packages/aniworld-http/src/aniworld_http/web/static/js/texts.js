// Texts in the language of the page, and numbers and times as people of that language write them.

import { LANGUAGE } from "./surroundings.js";

const isGerman = LANGUAGE === "de";
const [{ default: texts }, sayings] = await Promise.all([
  import(`../locale/${isGerman ? "de" : "en"}.js`),
  isGerman ? sayingsOfServer() : {},
]);
/** The server speaks English; what it says often is known in German too. */
async function sayingsOfServer() {
  try {
    return await (await fetch(new URL("../server/locale/de.json", import.meta.url))).json();
  } catch {
    return {}; // then it is read in English
  }
}

const plural = new Intl.PluralRules(LANGUAGE);

/** A text by its name, with its `{places}` filled. */
export function t(name, values = {}) {
  const text = texts[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (place, key) => String(values[key] ?? place));
}

const patterns = Object.entries(sayings).map(([english, german]) => {
  const names = [...english.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const parts = english.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return { names, german, form: new RegExp(`^${parts.join("(.+?)")}$`, "s") };
});

/** What the server said, in the language of the page where that is known, else as it is. */
export function said(text) {
  if (typeof text !== "string" || text.length > 1000) return text;
  for (const { names, german, form } of patterns) {
    const found = form.exec(text);
    if (!found) continue;
    const values = Object.fromEntries(names.map((name, index) => [name, said(found[index + 1])]));
    return german.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
  }
  return text;
}

/** Whether there is such a text. */
export function knows(name) {
  return name in texts;
}

/** A text that depends on a number: `name.one` or `name.other`. */
export function count(name, number, values = {}) {
  return t(`${name}.${plural.select(number)}`, { n: integer(number), ...values });
}

/** The reader's own variety of the language: dates are written otherwise in London. */
const VARIETY = navigator.languages.find((tag) => tag.startsWith(LANGUAGE)) ?? LANGUAGE;
const integers = new Intl.NumberFormat(VARIETY, { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat(VARIETY, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

export function integer(number) {
  return integers.format(number);
}

/** One digit behind the point. */
export function decimal(number) {
  return decimals.format(number);
}

const SIZES = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in the largest unit that keeps them readable. */
export function bytes(number) {
  if (number === null || number === undefined) return "–";
  let unit = 0;
  while (number >= 1000 && unit < SIZES.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${(unit < 2 ? integers : decimals).format(number)} ${SIZES[unit]}`;
}

/** Megabits per second. */
export function speed(mbps) {
  return `${(mbps >= 100 ? integers : decimals).format(mbps)} Mbit/s`;
}

export function percent(number) {
  return `${integers.format(Math.floor(number))} %`;
}

/** Seconds as hours, minutes and seconds. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.max(0, Math.round(seconds));
  const [days, hours] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24];
  const minutes = Math.floor(whole / 60) % 60;
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

const moments = new Intl.DateTimeFormat(VARIETY, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(VARIETY, { hour: "2-digit", minute: "2-digit" });

/** A time of the server. */
export function moment(iso) {
  return iso ? moments.format(new Date(iso)) : "–";
}

const days = new Intl.DateTimeFormat(VARIETY, {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
});

/** A day such as `2026-11-21`, wherever the reader is. */
export function day(iso) {
  const [year, month, number] = iso.split("-").map(Number);
  return days.format(new Date(year, month - 1, number));
}

const today = new Intl.DateTimeFormat(VARIETY, { timeStyle: "medium" });
const other = new Intl.DateTimeFormat(VARIETY, { dateStyle: "short", timeStyle: "medium" });

/** A time to the second; the day is said when it is another one. */
export function instant(iso) {
  const date = new Date(iso);
  return (date.toDateString() === new Date().toDateString() ? today : other).format(date);
}

export function timeOfDay(date) {
  return clock.format(date);
}

/** `S01E05`. */
export function code(season, episode) {
  const two = (number) => String(number).padStart(2, "0");
  return `S${two(season)}E${two(episode)}`;
}

/** What a season is called; films are season 0. */
export function seasonName(season) {
  return Number(season) === 0 ? t("series.films") : t("series.season", { n: season });
}

const languageNames = new Intl.DisplayNames([LANGUAGE], { type: "language", fallback: "code" });

/** What a language is called; one that nobody translated keeps its code. */
export function languageName(tag) {
  if (knows(`language.${tag}`)) return t(`language.${tag}`);
  try {
    return languageNames.of(tag);
  } catch {
    return tag;
  }
}
