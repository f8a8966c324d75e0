// Texts in the language of the page; numbers and times in its format.

import { LANGUAGE, now, storageKey } from "./context.js";

const FILE = `${LANGUAGE === "de" ? "de" : "en"}.js`;
const texts = { ...(await import(`../locale/pages/${FILE}`)).default };

/** Load the names of the settings, which only pages with settings show. */
export async function loadSettingTexts() {
  Object.assign(texts, (await import(`../locale/settings/${FILE}`)).default);
}

/**
 * Load the texts of `messageText`. The answers of requests have done that already; events of the
 * socket have not. Without them, messages are shown in the server's own words.
 */
export async function loadMessageTexts() {
  try {
    Object.assign(texts, (await import(`../locale/messages/${FILE}`)).default);
  } catch {
    // The server is away, or has another version since.
  }
}

const plural = new Intl.PluralRules(LANGUAGE);
/**
 * A placeholder, with its forms for one and for other numbers as in `{n:# file|# files}`, or a
 * doubled brace that stands for a single one.
 */
const PLACE = /\{\{|\}\}|\{(\w+)(?::([^{}|]*)\|([^{}]*))?\}/g;

function fill(text, values, format = String) {
  return text.replace(PLACE, (place, name, one, other) => {
    if (name === undefined) return place[0];
    if (values[name] === undefined) return place;
    if (other === undefined) return format(values[name], name);
    const form = plural.select(values[name]) === "one" ? one : other;
    return form.replace("#", integer(values[name]));
  });
}

/** Return a text by its name, with its placeholders filled. */
export function t(name, values = {}) {
  return fill(texts[name] ?? name, values);
}

/**
 * Return a message of the server in the language of the page.
 *
 * @param {string|null} english the server's own text; shown when the kind is not known here.
 * @param {string|null} [kind] the kind of the message.
 * @param {object} [values] what the message is built from; see `aniworld_core.messages`.
 */
export function messageText(english, kind, values = {}) {
  const template = texts[`message.${kind}`];
  if (!template) return english ?? "";
  const text = withoutMissing(template, values);
  return placesOf(text).every((name) => name in values) ? fill(text, values, valueText) : english;
}

/** Return a text as a sentence: with a capital letter, unless it begins with a name, and a full stop. */
export function sentence(text) {
  const trimmed = text?.trim();
  if (!trimmed) return "";
  const isWord = /^\p{Ll}[\p{L}-]*(?:[\s,]|$)/u.test(trimmed);
  const begun = isWord ? trimmed[0].toLocaleUpperCase(LANGUAGE) + trimmed.slice(1) : trimmed;
  return /[.!?…]["“”»)]?$/.test(begun) ? begun : `${begun}.`;
}

/**
 * Return what happened and what a person can do about it, as sentences.
 *
 * @param {string|null} english the server's own text.
 * @param {string|null} kind the kind of the error.
 * @param {object} [values] its values.
 */
export function failureText(english, kind, values = {}) {
  const text = messageText(english, kind, values);
  // The page to open is a link of its own.
  const hint = kind === "needs_person" ? "" : messageText("", `${kind}.hint`, values);
  return [text, hint].map(sentence).filter(Boolean).join(" ");
}

/** Return a message of the server that has its kind and values with it; plain text stays. */
export function sentMessage(sent) {
  return typeof sent === "string" ? sent : messageText(sent.text, sent.kind, sent.values);
}

function placesOf(text) {
  return [...text.matchAll(PLACE)].map(([, name]) => name).filter(Boolean);
}

/** Remove bracketed parts whose values are missing. */
function withoutMissing(template, values) {
  const [first, ...parts] = template.split("[");
  const kept = parts.map((part) => {
    const [inside, ...after] = part.split("]");
    const isThere = placesOf(inside).every((name) => (values[name]?.length ?? values[name]) || 0);
    return (isThere ? inside : "") + after.join("]");
  });
  return first + kept.join("");
}

/** Format a value of a message by its type and by the end of its name. */
function valueText(value, name) {
  if (Array.isArray(value)) {
    const shown = value.map((each) => valueText(each, name));
    return shown.join(value.some((each) => each?.kind) ? "; " : ", ");
  }
  if (value?.kind) return messageText(value.text, value.kind, value.values);
  if (name.endsWith("_bytes")) return bytes(value);
  if (name.endsWith("_seconds")) return value < 60 && value % 1 ? `${decimal(value)} s` : duration(value);
  if (name.endsWith("_at")) return moment(value);
  if (name.endsWith("_languages")) return languageName(value);
  // The kind of a track, such as `audio`; a number is its position.
  if (name === "track" && knows(`track.${value}`)) return t(`track.${value}`);
  return String(value);
}

/** Return whether the text exists. */
export function knows(name) {
  return name in texts;
}

/** Return a text that depends on a number: `name.one` or `name.other`. */
export function count(name, number, values = {}) {
  return t(`${name}.${plural.select(number)}`, { n: integer(number), ...values });
}

/** Locale for dates: the browser's regional variant of the language, such as en-GB. */
export const VARIETY = navigator.languages.find((tag) => tag.startsWith(LANGUAGE)) ?? LANGUAGE;
const integers = new Intl.NumberFormat(VARIETY, { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat(VARIETY, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

export function integer(number) {
  return integers.format(number);
}

/** Format with one decimal digit. */
export function decimal(number) {
  return decimals.format(number);
}

const SIZES = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Format bytes in the largest suitable unit. */
export function bytes(number) {
  if (number === null || number === undefined) return "–";
  let unit = 0;
  while (number >= 1000 && unit < SIZES.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${(unit < 2 ? integers : decimals).format(number)} ${SIZES[unit]}`;
}

/** Units of a speed: the name, and the megabits per second of one. */
const UNITS = { bytes: ["MB/s", 8], bits: ["Mbit/s", 1] };
const UNIT_KEY = storageKey("aniworld.unit");
const [unitName, unitSize] = UNITS[speedUnit()];

/** Return the unit of speeds that this browser shows: `bytes` or `bits`. */
export function speedUnit() {
  return localStorage.getItem(UNIT_KEY) === "bits" ? "bits" : "bytes";
}

/** Return the text and the scale of the unit of a setting; a rate has the unit of this browser. */
export function unitOf({ name, scale }) {
  if (name !== "mb_per_second") return { text: t(`unit.${name}`), scale };
  return { text: unitName, scale: (scale * unitSize) / UNITS.bytes[1] };
}

/** Store the unit of speeds; pages show it after they are loaded again. */
export function keepSpeedUnit(unit) {
  localStorage.setItem(UNIT_KEY, unit);
}

/** Round megabits per second as they are shown; the result is in megabits per second again. */
export function roundedSpeed(mbps) {
  return (Math.round((mbps / unitSize) * 10) / 10) * unitSize;
}

/** Format megabits per second in the unit of this browser. */
export function speed(mbps) {
  return `${decimals.format(mbps / unitSize)} ${unitName}`;
}

export function percent(number) {
  return `${integers.format(Math.floor(number))} %`;
}

/** Format seconds as hours, minutes and seconds. */
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

/** Format a time of the server. */
export function moment(iso) {
  return iso ? moments.format(new Date(iso)) : "–";
}

const days = new Intl.DateTimeFormat(VARIETY, {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
});

/** Format a date such as `2026-11-21` without time zone conversion. */
export function day(iso) {
  const [year, month, number] = iso.split("-").map(Number);
  return days.format(new Date(year, month - 1, number));
}

const today = new Intl.DateTimeFormat(VARIETY, { timeStyle: "medium" });
const other = new Intl.DateTimeFormat(VARIETY, { dateStyle: "short", timeStyle: "medium" });

/** Format a time with seconds; with the date if it is not today. */
export function instant(iso) {
  const date = new Date(iso);
  return (date.toDateString() === now().toDateString() ? today : other).format(date);
}

export function timeOfDay(date) {
  return clock.format(date);
}

/** `S01E05`. */
export function code(season, episode) {
  const two = (number) => String(number).padStart(2, "0");
  return `S${two(season)}E${two(episode)}`;
}

/** Return the name of a season; season 0 has the films. */
export function seasonName(season) {
  return Number(season) === 0 ? t("series.films") : t("series.season", { n: season });
}

const languageNames = new Intl.DisplayNames([LANGUAGE], { type: "language", fallback: "code" });

/** Return the name of a language, or its code if there is no translation. */
export function languageName(tag) {
  if (knows(`language.${tag}`)) return t(`language.${tag}`);
  const [audio, subtitles] = tag.split("+");
  if (subtitles) {
    return t("language.subtitled", { audio: languageName(audio), subtitles: languageName(subtitles) });
  }
  try {
    return languageNames.of(tag);
  } catch {
    return tag;
  }
}
