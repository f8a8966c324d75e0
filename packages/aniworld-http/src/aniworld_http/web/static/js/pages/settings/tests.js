// Tests of settings: a preview of file names, a test message, a search, a folder check.

import { Problem, post } from "../../api.js";
import { button, calmed, make } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { bytes, count, messageText, t } from "../../texts.js";

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

/** Send a test message to every configured address. */
export function testNotifications() {
  const target = button(t("settings.test_notifications"), { onclick: send });
  function send() {
    return doing(target, async () => {
      const { results } = await post("/api/notifications/test");
      if (!results.length) tell(t("settings.nobody_told"));
      for (const { address, error, error_kind: kind, error_values: values } of results) {
        if (error) tell(`${address}: ${messageText(error, kind, values)}`, { bad: true });
        else tell(t("settings.told", { address }));
      }
    });
  }
  return target;
}

/** Search a catalogue to check that it responds. */
export function testProvider(provider) {
  const target = button(t("settings.test_provider"), { onclick: search });
  function search() {
    return doing(target, async () => {
      const hits = await post("/api/anime/search", { query: "a", provider: provider.name });
      tell(count("settings.provider_answers", hits.length, { name: provider.site || provider.name }));
    });
  }
  return target;
}
