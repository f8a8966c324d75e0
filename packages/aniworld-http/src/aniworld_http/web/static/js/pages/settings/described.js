// The settings as the server describes them, and values of a document by JSON pointer.

import { LANGUAGE } from "../../context.js";
import { knows, loadSettingTexts, t, unitOf } from "../../texts.js";

await loadSettingTexts();

/** Sections of the page in this order; a section that is not listed comes after them. */
const ORDER = [
  "library",
  "languages",
  "downloads",
  "naming",
  "scheduler",
  "media_servers",
  "notifications",
  "network",
  "maintenance",
];
/** Other sections of the page, which hold no settings of their own form. */
export const OTHERS = ["providers", "backups", "keys", "password"];
const PROVIDERS = "providers";
const ANY = "*";

/** Return the sections of the page, each with its settings, without those of providers. */
export function sectionsOf(settings) {
  const groups = new Map(ORDER.map((name) => [name, []]));
  for (const each of settings.map((one) => withParts(one, settings))) {
    if (each.group === PROVIDERS || isPart(each)) continue;
    if (!groups.has(each.group)) groups.set(each.group, []);
    groups.get(each.group).push(each);
  }
  return [...groups].map(([name, fields]) => ({ name, fields: fields.toSorted(byDepth) }));
}

/** Return whether a setting is one of an entry of a list. */
function isPart({ pointer }) {
  return steps(pointer).slice(1).includes(ANY) && !pointer.startsWith(`/${PROVIDERS}/`);
}

/** Return a setting; a list of servers with the settings of an entry. */
function withParts(setting, settings) {
  const prefix = `${setting.pointer}/${ANY}/`;
  const parts = setting.kind === "servers" ? settings.filter(({ pointer }) => pointer.startsWith(prefix)) : [];
  return { ...setting, parts };
}

/** Compare two settings: those that stand in no section of the document come last. */
function byDepth(one, other) {
  const isTop = ({ pointer }) => Number(steps(pointer).length === 1);
  return isTop(one) - isTop(other);
}

/** Return the settings of one provider, with its name in their pointers. */
export function providerFields(settings, name, document) {
  const parts = settings.filter(({ pointer }) => pointer.startsWith(`/${PROVIDERS}/${ANY}/servers/`));
  const hasServers = settings.some(
    ({ kind, providers }) => kind === "servers" && providers?.includes(name),
  );
  // The list of servers counts; an address from an older configuration can still be removed.
  const isShown = ({ pointer }) =>
    !hasServers ||
    steps(pointer).at(-1) !== "base_url" ||
    Boolean(valueAt(document, `/${PROVIDERS}/${escaped(name)}/base_url`));
  return settings
    .filter((each) => each.group === PROVIDERS && !parts.includes(each))
    .filter(({ providers }) => !providers || providers.includes(name))
    .filter(isShown)
    .map((each) => ({
      ...each,
      pointer: each.pointer.replace(`/${PROVIDERS}/${ANY}/`, `/${PROVIDERS}/${escaped(name)}/`),
      parts: each.kind === "servers" ? parts : [],
    }));
}

/** Return the label of a setting, with the unit of a number. */
export function labelOf(setting) {
  const label = setting.labels[LANGUAGE] ?? setting.labels.en;
  const text = label ?? (knows(setting.text) ? t(setting.text) : steps(setting.pointer).at(-1));
  return setting.unit ? `${text} (${unitOf(setting.unit).text})` : text;
}

/** Return the help text of a setting, or an empty text. */
export function hintOf(setting) {
  const hint = setting.hints[LANGUAGE] ?? setting.hints.en;
  return hint ?? (knows(`${setting.text}.hint`) ? t(`${setting.text}.hint`) : "");
}

/** Return what an empty value means, or an empty text. */
export function usualOf(setting) {
  if (setting.usual) return t("settings.default_is", { value: setting.usual });
  return setting.example;
}

/** Return whether every word of a search is in the label, the help text or the key of a setting. */
export function matches(setting, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const own = [setting.pointer.slice(1).replaceAll("/", "."), labelOf(setting), hintOf(setting), setting.words];
  const text = [...own, ...(setting.parts ?? []).map((part) => part.words)].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Return the text of one choice of a setting. */
export function choiceText(setting, choice) {
  if (choice === "") return t("settings.usual");
  const name = `${setting.choice_texts}.${choice}`;
  return setting.choice_texts && knows(name) ? t(name) : choice;
}

/** Return a name as a part of a JSON pointer (RFC 6901). */
function escaped(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Return the names that a JSON pointer leads through. */
export function steps(pointer) {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Return the value of a document at a pointer. */
export function valueAt(document, pointer) {
  return steps(pointer).reduce((inner, step) => inner?.[step], document);
}

/** Put a value into a document, and add the sections on the way. */
export function putAt(document, pointer, value) {
  const path = steps(pointer);
  const last = path.pop();
  let inner = document;
  for (const step of path) inner = inner[step] ??= {};
  inner[last] = value;
}
