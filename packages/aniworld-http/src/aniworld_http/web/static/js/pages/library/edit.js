// The dialog that changes settings of several series.

import { make } from "../../dom.js";
import { makeLanguageOrder } from "../../lists/language_order.js";
import { ask } from "../../messages.js";
import { count, knows, t } from "../../texts.js";

const QUALITIES = ["best", "1080p", "720p", "480p", "360p", "worst"];
const SEASONS = ["all", "latest", "none", "films", "no_films"];

function choice(name, options) {
  const same = make("option", { value: "same" }, t("edit.same"));
  const input = make(
    "select.select",
    { name },
    same,
    ...options.map(([value, text]) => make("option", { value }, text)),
  );
  return make("label.field", {}, make("span.label", {}, t(`edit.${name}`)), input);
}

/**
 * Ask which settings of the selected series are changed.
 *
 * @returns {Promise<object|null>} the changed settings as in `POST /api/jobs`; `null` if none.
 */
export async function askForChanges(number) {
  const order = makeLanguageOrder(t("edit.languages"), check, { isNamed: false });
  const own = make("div", { hidden: true }, order.node);
  const languages = choice("languages", [
    ["global", t("edit.global_order")],
    ["own", t("edit.own_order")],
  ]);
  const folder = make("input.input", { name: "parent_folder", hidden: true, "aria-label": t("edit.folder_name"), placeholder: t("edit.folder_name") });
  const parent = choice("parent", [
    ["root", t("edit.library_folder")],
    ["own", t("edit.other_folder")],
  ]);
  const isOwn = (field) => field.querySelector("select").value === "own";

  /** Show the inputs of own values, which must then have a value. */
  function check() {
    own.hidden = !isOwn(languages);
    const lacks = isOwn(languages) && !order.read().length;
    languages.querySelector("select").setCustomValidity(lacks ? t("edit.no_language") : "");
    folder.hidden = !isOwn(parent);
    folder.required = isOwn(parent);
  }
  languages.addEventListener("change", check);
  parent.addEventListener("change", check);
  const answer = await ask(count("edit.title", number), t("edit.text"), {
    yes: t("edit.yes"),
    fields: [
      make(
        "div.form",
        {},
        choice("monitored", [
          ["yes", t("edit.monitored_yes")],
          ["no", t("edit.monitored_no")],
        ]),
        choice("seasons", SEASONS.map((name) => [name, t(`edit.seasons.${name}`)])),
        languages,
        own,
        choice("quality", [
          ["global", t("edit.global_quality")],
          ...QUALITIES.map((name) => [name, knows(`quality.${name}`) ? t(`quality.${name}`) : name]),
        ]),
        parent,
        folder,
      ),
    ],
  });
  return answer && changesOf(answer, order.read());
}

function changesOf(answer, order) {
  const given = (name) => (answer.get(name) === "same" ? null : answer.get(name));
  const changes = {};
  if (given("monitored")) changes.monitored = given("monitored") === "yes";
  if (given("seasons")) changes.seasons = given("seasons");
  if (given("languages") === "global") changes.languages = [];
  if (given("languages") === "own") changes.languages = order;
  if (given("quality")) changes.quality = given("quality") === "global" ? "" : given("quality");
  if (given("parent") === "root") changes.parent = "";
  const folder = (answer.get("parent_folder") ?? "").trim().replace(/\/+$/, "");
  if (given("parent") === "own" && folder) changes.parent = folder;
  return Object.keys(changes).length ? changes : null;
}
