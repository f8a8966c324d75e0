// Settings page: built from the server's description of every setting, validated by the server.

import { Problem, get, post, put } from "../api.js";
import { by, calmed, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { complain, doing, tell } from "../messages.js";
import { count, knows, messageText, t } from "../texts.js";
import { confirmed, offerKeys, offerPassword } from "./settings/access.js";
import { offerBackups } from "./settings/backups.js";
import { providerFields, putAt, sectionsOf, valueAt } from "./settings/described.js";
import { makeField } from "./settings/inputs.js";
import { namingPreview, testNotifications, testProvider } from "./settings/tests.js";

const fields = [];
let stored = {};
let preview = null;

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
      const words = found.get(owner) ?? {};
      words[kind] = words[kind] ? `${words[kind]}; ${detail}` : detail;
      found.set(owner, words);
    }
  }
  for (const each of fields) each.blame(found.get(each)?.error, found.get(each)?.warning);
  by("save").disabled = errors.length > 0;
  const wrong = errors.length ? count("settings.wrong", errors.length) : "";
  say(by("verdict"), [wrong, ...homeless].filter(Boolean).join(" · "));
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
  const send = (password) => put("/api/config", password ? { ...part, current_password: password } : part);
  await doing(by("save"), async () => {
    try {
      const document = await (isGuarded ? confirmed(t("action.save"), send) : send());
      if (!document) return;
      fill(document);
      tell(t("settings.saved"));
      if (part.other?.anime_directory) await post("/api/queue/start");
    } catch (error) {
      if (error instanceof Problem && error.fields.length) show(error.fields, []);
      throw error;
    }
  });
}

function fill(document) {
  stored = document;
  for (const each of fields) {
    each.write(valueAt(stored, each.field.pointer));
    each.before = each.read();
  }
  onChange();
}

function section(name, title, ...content) {
  by("menu").append(make("a", { href: `#${name}` }, title));
  const node = make(
    "section.card",
    { id: name, "aria-labelledby": `${name}-title` },
    make("h2", { id: `${name}-title` }, title),
    ...content,
  );
  by("sections").append(node);
  return node;
}

function form(descriptions) {
  const own = descriptions.map((field) => makeField(field, onChange));
  fields.push(...own);
  return make("div.form", {}, ...own.map((each) => each.node));
}

function providerCard(settings, provider) {
  return make(
    "details.card",
    {},
    make(
      "summary",
      {},
      make("strong", {}, provider.site || provider.name),
      " ",
      make("span.chip", {}, provider.name),
    ),
    form(providerFields(settings, provider.name)),
    make("div.row", {}, testProvider(provider)),
  );
}

async function build() {
  const [document, providers, settings] = await Promise.all([
    get("/api/config"),
    get("/api/providers"),
    get("/api/config/settings"),
  ]);
  for (const { name, fields: own } of sectionsOf(settings)) {
    const content = [form(own)];
    if (name === "naming") {
      preview = namingPreview();
      content.push(preview.node);
    }
    if (name === "notifications") content.push(make("div.row", {}, testNotifications()));
    const lead = knows(`settings.${name}.lead`) ? make("p.lead", {}, t(`settings.${name}.lead`)) : null;
    section(name, t(`settings.${name}`), ...[lead].filter(Boolean), ...content);
  }
  const catalogues = providers.filter((each) => each.kind === "catalogue");
  for (const each of catalogues) {
    if (valueAt(document, `/providers/${each.name}/enabled`) == null) {
      putAt(document, `/providers/${each.name}/enabled`, each.enabled);
    }
  }
  section("providers", t("settings.providers"), make("div.stack", {}, ...catalogues.map((each) => providerCard(settings, each))));
  const backups = offerBackups((restored) => fill(restored));
  section("backups", t("settings.backups"), backups);
  section("keys", t("settings.keys"), offerKeys());
  section("password", t("settings.password"), offerPassword());
  by("loading").hidden = true;
  fill(document);
}

if (isSignedIn) {
  by("save-form").addEventListener("submit", save);
  by("discard").addEventListener("click", () => fill(stored));
  addEventListener("beforeunload", (event) => {
    if (!by("save-bar").hidden) event.preventDefault();
  });
  build().catch(complain);
}
