// Sections of the settings: one at a time by its address, or all that match a search.

import { at } from "../../context.js";
import { by, make, say } from "../../dom.js";
import { count, t } from "../../texts.js";
import { matches } from "./described.js";

/**
 * Manage the sections.
 *
 * @param {object[]} fields the fields of all sections.
 * @param {(field: object) => boolean} isChanged returns whether a field was edited.
 */
export function makeSections(fields, isChanged) {
  const nodes = new Map();
  let current = "";

  function add(name, title, ...content) {
    const link = make("a", { href: at(`/settings/${name}`) }, title);
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      by("search-settings").value = "";
      open(name);
      history.pushState(null, "", link.getAttribute("href"));
      scrollTo(0, 0);
    });
    by("settings-menu").append(link);
    const node = make(
      "section.card",
      { id: name, "aria-labelledby": `${name}-title` },
      make("h2", { id: `${name}-title` }, title),
      ...content,
    );
    nodes.set(name, { node, link });
    by("sections").append(node);
  }

  /** Show a section; the first one if there is none of this name. */
  function open(name) {
    current = nodes.has(name) ? name : nodes.keys().next().value;
    for (const [each, { link }] of nodes) {
      if (each === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const menu = by("settings-menu");
    // Narrow screens show the menu as one line.
    menu.scrollLeft = nodes.get(current).link.offsetLeft - menu.offsetLeft - (menu.clientWidth - nodes.get(current).link.offsetWidth) / 2;
    refresh();
  }

  /** Apply the search, the switch for advanced settings and the section of the address. */
  function refresh() {
    const query = by("search-settings").value.trim();
    const isAdvanced = by("advanced").checked;
    const found = new Set();
    for (const each of fields) {
      const isWrong = each.node.querySelector(":scope > .problem:not([hidden])") !== null;
      const isOpen = isAdvanced || !each.field.is_advanced || isChanged(each) || isWrong;
      const isShown = query ? matches(each.field, query) : isOpen;
      each.node.hidden = !isShown;
      if (query && isShown) found.add(each.node.closest("section"));
    }
    for (const [name, { node }] of nodes) node.hidden = query ? !found.has(node) : name !== current;
    for (const card of by("sections").querySelectorAll("details")) {
      const hasFields = card.querySelector(".field:not([hidden])") !== null;
      card.hidden = Boolean(query) && !hasFields;
      if (query && hasFields) card.open = true;
    }
    const number = fields.filter((each) => !each.node.hidden).length;
    say(by("found"), query ? (number ? count("settings.found", number) : t("settings.nothing_found")) : "");
  }

  addEventListener("popstate", () => open(location.pathname.slice(at("/settings").length + 1)));
  return { add, open, refresh };
}
