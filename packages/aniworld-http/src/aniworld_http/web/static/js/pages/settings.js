// Settings page: built from the server's description of every setting, validated by the server.

import { keepScroll } from "../address.js";
import { Problem, get, getVersion, post, putVersion } from "../api.js";
import { at, storageKey } from "../context.js";
import { by, calmed, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { complain, doing, tell } from "../messages.js";
import { count, knows, messageText, t } from "../texts.js";
import { confirmed, offerKeys, offerPassword } from "./settings/access.js";
import { offerBackups } from "./settings/backups.js";
import { labelOf, providerFields, putAt, sectionsOf, valueAt } from "./settings/described.js";
import { makeField } from "./settings/inputs.js";
import { makeSections } from "./settings/sections.js";
import { serverStates } from "./settings/server_states.js";
import { offerServices, storedAddresses } from "./settings/services.js";
import { namingPreview, testService } from "./settings/tests.js";

const ADVANCED = storageKey("settings-advanced");
const fields = [];
const sections = makeSections(fields, isChanged);
let stored = {};
let version = null;
let preview = null;
let addresses = null;

/** Return the changed values as a part of the document. */
function changes() {
  const part = {};
  for (const each of fields) {
    if (isChanged(each)) putAt(part, each.field.pointer, each.read());
  }
  return part;
}

function isChanged(each) {
  return JSON.stringify(each.read()) !== JSON.stringify(each.before);
}

const validate = calmed(async () => {
  try {
    const { errors, warnings } = await post("/api/config/validate", changes());
    show(errors, warnings);
  } catch (error) {
    if (error instanceof Problem && error.fields.length) show(error.fields, []);
    else complain(error);
  }
}, 350);

function show(errors, warnings) {
  const homeless = [];
  const found = new Map();
  for (const each of fields) each.clearParts?.();
  for (const [kind, findings] of [["error", errors], ["warning", warnings]]) {
    for (const { pointer, detail: english, kind: name, values } of findings) {
      const detail = messageText(english, name, values);
      const owner = fields.find(
        ({ field }) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`),
      );
      if (!owner) {
        if (kind === "error") homeless.push(`${pointer}: ${detail}`);
        continue;
      }
      if (kind === "error" && owner.blamePart?.(pointer, detail)) continue;
      const words = found.get(owner) ?? {};
      words[kind] = words[kind] ? `${words[kind]}; ${detail}` : detail;
      found.set(owner, words);
    }
  }
  for (const each of fields) each.blame(found.get(each)?.error, found.get(each)?.warning);
  by("save").disabled = errors.length > 0;
  const wrong = errors.length ? count("settings.wrong", errors.length) : "";
  say(by("verdict"), [wrong, ...homeless].filter(Boolean).join(" · "));
  sections.refresh();
}

function onChange() {
  const number = fields.filter(isChanged).length;
  by("save-bar").hidden = number === 0;
  say(by("changes"), count("settings.changes", number));
  if (number) validate();
  else show([], []);
  preview?.update(valueOf);
}

function valueOf(pointer) {
  return fields.find((each) => each.field.pointer === pointer)?.read();
}

async function save(event) {
  event.preventDefault();
  const part = changes();
  const isGuarded = fields.some((each) => isChanged(each) && each.field.needs_password);
  const send = (password) =>
    putVersion("/api/config", password ? { ...part, current_password: password } : part, version);
  await doing(by("save"), async () => {
    try {
      const saved = await (isGuarded ? confirmed(t("action.save"), send) : send());
      if (!saved) return;
      fill(saved.data, saved.version);
      await addresses.load();
      tell(t("settings.saved"));
      if (part.other?.anime_directory) await post("/api/queue/start");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === "config_changed") {
        await takeOverOthers();
        return;
      }
      if (error.fields.length) show(error.fields, []);
      throw error;
    }
  });
}

/** Show what somebody else stored meanwhile, and keep the entries of this page. */
async function takeOverOthers() {
  const twice = await takeOver();
  const text = twice.length
    ? t("settings.changed_elsewhere", { names: twice.join(", ") })
    : t("settings.changed_elsewhere_other");
  tell(text, { bad: true });
}

/** Show the stored values, keep the entries, and return the labels of fields with both. */
async function takeOver() {
  const { data, version: next } = await getVersion("/api/config");
  const twice = [];
  for (const each of fields) {
    const entered = each.read();
    const isMine = isChanged(each);
    const theirs = valueAt(data, each.field.pointer);
    const before = JSON.stringify(each.before);
    each.write(theirs);
    each.before = each.read();
    if (!isMine) continue;
    if (JSON.stringify(each.before) !== before) twice.push(labelOf(each.field));
    each.write(entered);
  }
  stored = data;
  version = next;
  onChange();
  await addresses.load();
  return twice;
}

function fill(document, next = version) {
  stored = document;
  version = next;
  for (const each of fields) {
    each.write(valueAt(stored, each.field.pointer));
    each.before = each.read();
  }
  onChange();
}

function form(descriptions) {
  const own = descriptions.map((field) => makeField(field, onChange, changes));
  fields.push(...own);
  return make("div.form", {}, ...own.map((each) => each.node));
}

function providerCard(settings, provider, document) {
  const name = provider.site || provider.name;
  const test = testService(() => `/providers/${provider.name}`, changes, () => ({ name }));
  return make(
    "details.card",
    {},
    make("summary", {}, make("strong", {}, name), " ", make("span.chip", {}, provider.name)),
    form(providerFields(settings, provider.name, document)),
    make("div.row", {}, test.target),
    test.verdict,
  );
}

function sectionContent(name, own) {
  const content = [form(own)];
  if (name === "naming") {
    preview = namingPreview();
    content.push(preview.node);
  }
  if (name === "notifications") {
    const label = t("settings.test_notifications");
    const test = testService(() => "/notifications", changes, () => ({ name: "" }), label);
    const trial = make("div.stack", {}, make("div.row", {}, test.target), test.verdict);
    addresses = storedAddresses(() => version, takeOver);
    content.unshift(addresses.node);
    content.push(make("div.stack", {}, trial, offerServices(takeOver)));
  }
  if (name === "oidc") {
    const test = testService(() => "/oidc", changes, () => ({ name: "" }));
    content.push(make("div.stack", {}, make("div.row", {}, test.target), test.verdict));
  }
  if (name === "media_servers") content.push(serverStates());
  const lead = knows(`settings.${name}.lead`) ? make("p.lead", {}, t(`settings.${name}.lead`)) : null;
  return [lead, ...content].filter(Boolean);
}

async function build() {
  const [{ data: document, version: read }, providers, settings] = await Promise.all([
    getVersion("/api/config"),
    get("/api/providers"),
    get("/api/config/settings"),
  ]);
  for (const { name, fields: own } of sectionsOf(settings)) {
    sections.add(name, t(`settings.${name}`), ...sectionContent(name, own));
  }
  const catalogues = providers.filter((each) => each.kind === "catalogue");
  for (const each of catalogues) {
    if (valueAt(document, `/providers/${each.name}/enabled`) == null) {
      putAt(document, `/providers/${each.name}/enabled`, each.enabled);
    }
  }
  const cards = catalogues.map((each) => providerCard(settings, each, document));
  sections.add("providers", t("settings.providers"), make("div.stack", {}, ...cards));
  // A restored backup has another version.
  const reload = async (restored) => {
    fill(restored);
    version = (await getVersion("/api/config")).version;
    await addresses.load();
  };
  sections.add("backups", t("settings.backups"), offerBackups(reload));
  sections.add("keys", t("settings.keys"), offerKeys());
  sections.add("password", t("settings.password"), offerPassword());
  // Hides the sections, too: a test of fields without values would be refused.
  fill(document, read);
  // Before the sections are shown, because cards that appear later move the fields.
  await addresses.load();
  by("loading").hidden = true;
  sections.open(location.pathname.slice(at("/settings").length + 1) || location.hash.slice(1));
}

if (isSignedIn) {
  keepScroll();
  const advanced = by("advanced");
  advanced.checked = localStorage.getItem(ADVANCED) === "1";
  advanced.addEventListener("change", () => {
    localStorage.setItem(ADVANCED, advanced.checked ? "1" : "0");
    sections.refresh();
  });
  by("search-settings").addEventListener("input", () => sections.refresh());
  by("save-form").addEventListener("submit", save);
  by("discard").addEventListener("click", () => fill(stored));
  addEventListener("beforeunload", (event) => {
    if (!by("save-bar").hidden) event.preventDefault();
  });
  build().catch(complain);
}
