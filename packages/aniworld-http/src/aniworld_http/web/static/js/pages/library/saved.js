// Saved filters, stored in this browser by name.

import { button, by, make } from "../../dom.js";
import { ask } from "../../messages.js";
import { storageKey } from "../../context.js";
import { t } from "../../texts.js";

const KEY = storageKey("aniworld.filters");
const PARTS = ["search", "filter", "sort"];
const MOST = 50;

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Fill the menu of saved filters. */
export function offerSaved({ current, apply }) {
  const box = by("saved");
  const list = make("ul.stack", {});
  box.append(
    make("h2", {}, t("saved.title")),
    list,
    button(t("saved.save"), { sign: "bookmark", onclick: save }),
  );

  function write(filters) {
    localStorage.setItem(KEY, JSON.stringify(filters));
    refresh();
  }

  async function save() {
    box.hidePopover();
    const name = make("input.input", { name: "name", required: true, maxlength: "40" });
    const answer = await ask(t("saved.save"), "", {
      yes: t("action.save"),
      fields: [make("label.field", {}, t("saved.name"), name)],
    });
    const given = answer?.get("name").trim();
    if (!given) return;
    const values = Object.fromEntries(PARTS.map((part) => [part, current()[part]]));
    write([...read().filter((each) => each.name !== given), { name: given, ...values }]);
  }

  function refresh() {
    const filters = read();
    list.replaceChildren(
      ...filters.map((filter) =>
        make(
          "li.row",
          {},
          button(filter.name, {
            kind: "subtle grow",
            onclick: () => {
              box.hidePopover();
              apply(Object.fromEntries(PARTS.map((part) => [part, filter[part] ?? ""])));
            },
          }),
          button(t("saved.forget", { name: filter.name }), {
            sign: "close",
            kind: "subtle small",
            shown: false,
            onclick: () => write(read().filter((each) => each.name !== filter.name)),
          }),
        ),
      ),
    );
    list.hidden = !filters.length;
  }

  refresh();
  return { refresh };
}
