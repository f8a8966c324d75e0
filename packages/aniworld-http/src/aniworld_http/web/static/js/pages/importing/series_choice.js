// A dialog to choose a series: of the library, or of a catalogue.

import { get, post } from "../../api.js";
import { button, make, say } from "../../dom.js";
import { doing } from "../../messages.js";
import { count, t } from "../../texts.js";

const MOST = 30;

/**
 * Let a person choose a series.
 *
 * @param {string} title first text of the search.
 * @returns {Promise<object|null>} key, name, year and, for a series of a catalogue, link and
 *   provider; `null` if the dialog was closed.
 */
export function chooseSeries(title) {
  return new Promise((answer) => {
    let chosen = null;
    const state = make("p.hint", { role: "status" });
    const list = make("ul.choices");
    const query = make("input.input", { type: "search", "aria-label": t("import.search"), value: title });
    const search = make("button.button.primary", { type: "submit" }, t("add.search"));
    const form = make(
      "form.with-button",
      {
        onsubmit: (event) => {
          event.preventDefault();
          find();
        },
      },
      query,
      search,
    );
    const dialog = make(
      "dialog.wide",
      { "aria-labelledby": "choice-title" },
      make("h2", { id: "choice-title" }, t("import.choose")),
      form,
      state,
      list,
      make("div.row.end", {}, button(t("action.cancel"), { onclick: () => dialog.close() })),
    );

    function entry(found, place, other = {}) {
      const name = found.year ? `${found.name} (${found.year})` : found.name;
      const pick = button(name, {
        kind: "grow",
        onclick: () => {
          chosen = { key: found.key, name: found.name, year: found.year ?? null, ...other };
          dialog.close();
        },
      });
      return make("li", {}, pick, make("span.hint", {}, place));
    }

    function find() {
      return doing(search, async () => {
        const text = query.value.trim();
        const stored = await get(`/api/anime?search=${encodeURIComponent(text)}&limit=${MOST}`);
        const lines = stored.map((each) => entry(each, t("adoption.in_library")));
        list.replaceChildren(...lines);
        say(state, count("add.hits", lines.length));
        if (!text) return;
        say(state, t("add.searching"));
        const known = new Set(stored.map((each) => each.key));
        let hits = [];
        try {
          hits = await post("/api/anime/search", { query: text });
        } finally {
          const others = hits.filter((hit) => !known.has(hit.key)).slice(0, MOST);
          lines.push(...others.map((hit) => entry(hit, hit.site, { link: hit.link, provider: hit.provider })));
          list.replaceChildren(...lines);
          say(state, count("add.hits", lines.length));
        }
      });
    }

    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
    query.focus();
    find();
  });
}
