// Trying settings out: names of files as they would be, a trial message, a look at a catalogue.

import { Problem, post } from "../api.js";
import { button, calmed, make } from "../dom.js";
import { complain, doing, tell } from "../messages.js";
import { count, said, t } from "../texts.js";

const PARTS = ["series_folder", "season_folder", "episode"];

/** Show what the templates make of a few episodes, while they are typed. */
export function namingPreview() {
  const list = make("ul.stack", { "aria-live": "polite" });
  const node = make("div.stack", {}, make("h3", {}, t("naming.preview")), list);
  let asked = "";
  const ask = calmed(async (naming) => {
    try {
      const { paths } = await post("/api/config/naming-preview", naming);
      list.replaceChildren(...paths.map((path) => make("li.sample", {}, path)));
    } catch (error) {
      // What is wrong with a template stands at its field already.
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

/** Send a trial to everybody who is told. */
export function testNotifications() {
  const target = button(t("settings.test_notifications"), { onclick: send });
  function send() {
    return doing(target, async () => {
      const { results } = await post("/api/notifications/test");
      if (!results.length) tell(t("settings.nobody_told"));
      for (const { address, error } of results) {
        tell(error ? `${address}: ${said(error)}` : t("settings.told", { address }), { bad: Boolean(error) });
      }
    });
  }
  return target;
}

/** Search a catalogue, to see that it answers. */
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
