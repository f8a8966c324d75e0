// Browse lists of the catalogues, shown while no search is entered.

import { get, Problem } from "../../api.js";
import { button, by, empty, make, say } from "../../dom.js";
import { count, day, languageName, moment, t } from "../../texts.js";
import { unanswered } from "./unanswered.js";

const NAMES = ["popular", "new", "calendar"];
const MOST = 100;

/**
 * Show the browse lists of some catalogues.
 *
 * @param {object[]} catalogues the enabled catalogues with their capabilities.
 * @param {function(object, string): Node} hit creates an entry of a list, with a remark.
 * @returns {{choose: function(string), show: function(boolean)}} `choose` takes the name of the
 *   catalogue to query, empty for all; `show` shows or hides the lists.
 */
export function offerBrowseLists(catalogues, hit) {
  let provider = "";
  let current = NAMES[0];
  let isShown = false;
  let asked = 0;
  const buttons = new Map(
    NAMES.map((name) => [
      name,
      button(t(`add.browse.${name}`), { "aria-pressed": "false", onclick: () => turn(name) }),
    ]),
  );
  by("browse-lists").replaceChildren(...buttons.values());

  function offered() {
    const some = catalogues.filter((each) => !provider || each.name === provider);
    return NAMES.filter((name) => some.some((each) => each.capabilities.includes(name)));
  }

  function turn(name) {
    current = name;
    return load();
  }

  async function load() {
    const names = offered();
    by("browse").hidden = !isShown || !names.length;
    if (by("browse").hidden) return;
    if (!names.includes(current)) current = names[0];
    for (const [name, each] of buttons) {
      each.hidden = !names.includes(name);
      each.setAttribute("aria-pressed", String(name === current));
    }
    asked += 1;
    const mine = asked;
    say(by("browse-state"), t("add.browse.loading"));
    const query = new URLSearchParams({ list: current, limit: String(MOST) });
    if (provider) query.set("provider", provider);
    try {
      const { entries, silent } = await get(`/api/anime/browse/report?${query}`);
      if (mine !== asked) return;
      // Without an answer nothing is known about the number.
      say(by("browse-state"), entries.length || !silent.length ? count("add.browse.count", entries.length) : "");
      const nothing = silent.length ? [] : [make("li", {}, empty("search", t("add.browse.empty")))];
      by("browse-entries").replaceChildren(
        ...(silent.length ? [unanswered(silent, load, "add.browse.silent")] : []),
        ...(entries.length ? entries.map((entry) => hit(entry, remark(entry))) : nothing),
      );
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (mine !== asked) return;
      // Shown in place of the list, not as a toast: the user requested nothing yet.
      say(by("browse-state"), error.words);
      by("browse-entries").replaceChildren();
    }
  }

  return {
    choose(name) {
      provider = name;
      return load();
    },
    show(wanted) {
      if (wanted === isShown) return undefined;
      isShown = wanted;
      return load();
    },
  };
}

function remark(entry) {
  const when = entry.at ? moment(entry.at) : entry.date ? day(entry.date) : "";
  const spoken = (entry.languages ?? []).map(languageName).join(", ");
  return [when, entry.code, spoken].filter(Boolean).join(" · ");
}
