// Filters and numbering of a series that is a channel, playlist or feed.

import { patch } from "../../api.js";
import { button, by } from "../../dom.js";
import { makeRules } from "../add/rules.js";
import { doing, tell } from "../../messages.js";
import { t } from "../../texts.js";

/**
 * Show the rules of a series below its seasons.
 *
 * @param {string} key key of the series.
 * @param {string} path address of the series in the API.
 * @param {(series: object) => Promise<void>} changed called with the changed series.
 */
export function makeSeriesRules(key, path, changed) {
  const save = button(t("rules.save"), {
    "data-needs": "control",
    kind: "primary",
    onclick: () =>
      doing(save, async () => {
        const series = await patch(path, { list_rules: rules.get() });
        rules.clear();
        tell(t("rules.saved", { n: series.episodes.length }));
        await changed(series);
      }),
  });
  const rules = makeRules(() => key, save);
  by("rules-form").append(rules.node);
  let drawn = "";

  return function draw(listRules) {
    by("rules").hidden = listRules === null;
    const latest = JSON.stringify(listRules);
    // What a person is typing stays when a download redraws the page.
    if (listRules === null || latest === drawn) return;
    drawn = latest;
    rules.set(listRules);
  };
}
