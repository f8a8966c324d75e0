// Tests of settings: a preview of file names, services with the values of the form, a folder.

import { Problem, post } from "../../api.js";
import { button, calmed, make } from "../../dom.js";
import { complain, doing } from "../../messages.js";
import { bytes, messageText, t } from "../../texts.js";

const PARTS = ["preset", "series_folder", "season_folder", "episode"];

/** Show the file names that the templates produce for a few episodes, while they are typed. */
export function namingPreview() {
  const list = make("ul.stack", { "aria-live": "polite" });
  const node = make("div.stack", {}, make("h3", {}, t("naming.preview")), list);
  let asked = "";
  const ask = calmed(async (naming) => {
    try {
      const { paths } = await post("/api/config/naming-preview", naming);
      list.replaceChildren(...paths.map((path) => make("li.sample", {}, path)));
    } catch (error) {
      // The problem of a template is shown at its field already.
      if (!(error instanceof Problem) || error.status !== 422) complain(error);
    }
  }, 300);
  return {
    node,
    update(valueOf) {
      const naming = Object.fromEntries(PARTS.map((part) => [part, valueOf(`/naming/${part}`)]));
      const next = JSON.stringify(naming);
      if (next !== asked) ask(naming);
      asked = next;
    },
  };
}

/** Test the folder named in an input by writing a file to it, which is removed again. */
export function testFolder(name, input) {
  const verdict = make("div.verdict", { role: "status" });
  const target = button(t("folder.test"), {
    "aria-label": t("folder.test_named", { name }),
    onclick: () =>
      doing(target, async () => {
        const path = input.value.trim();
        if (!path) verdict.replaceChildren(t("folder.empty"));
        else verdict.replaceChildren(...folderWords(await post("/api/config/test/folder", { path })));
      }),
  });
  input.addEventListener("input", () => verdict.replaceChildren());
  return { target, verdict };
}

function folderWords(trial) {
  const { is_usable: isUsable, filesystem } = trial;
  const chip = isUsable
    ? make("span.chip.good", {}, t("folder.usable"))
    : make("span.chip.bad", {}, t("folder.unusable"));
  const place = trial.is_network ? "folder.network" : "folder.local";
  const facts = [
    trial.problem && messageText(trial.problem, trial.problem_kind, trial.problem_values),
    trial.total_bytes !== null &&
      t("folder.free", { free: bytes(trial.free_bytes), total: bytes(trial.total_bytes) }),
    filesystem && t(place, { filesystem }),
    trial.is_same_disk && t("folder.same_disk"),
  ];
  return [chip, make("span.hint", {}, facts.filter(Boolean).join(" · "))];
}

/**
 * Test services with the values of the form, which need not be saved.
 *
 * @param {() => string} pointer returns the JSON pointer of a service or a section.
 * @param {() => object} draft returns the changed values of the form.
 * @param {() => {name: string}} named returns the name of the service, for screen readers.
 */
export function testService(pointer, draft, named, label = t("settings.test_server")) {
  const verdict = make("div.verdict.wide", { role: "status" });
  const target = button(label, {
    kind: "small",
    onclick: () =>
      doing(target, async () => {
        verdict.replaceChildren();
        const { name } = named();
        target.setAttribute("aria-label", name ? t("folder.test_named", { name }) : label);
        const body = { document: draft(), pointer: pointer() };
        const { results } = await post("/api/config/test", body);
        verdict.replaceChildren(...results.flatMap(trialWords));
        if (!results.length) verdict.replaceChildren(t("settings.nobody_told"));
      }),
  });
  return { target, verdict };
}

/** Return the nodes that say whether a service accepted its test. */
export function trialWords(result) {
  const chip = result.works
    ? make("span.chip.good", {}, t("folder.usable"))
    : make("span.chip.bad", {}, t("folder.unusable"));
  const detail = messageText(result.detail, result.detail_kind, result.detail_values);
  const hint = result.hint ? messageText(result.hint, result.hint_kind, result.hint_values) : "";
  const words = t("settings.works", { target: result.target, detail: [detail, hint].filter(Boolean).join(". ") });
  return [make("p.trial", {}, chip, " ", words)];
}
