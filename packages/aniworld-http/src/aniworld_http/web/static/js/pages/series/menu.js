// Menu of an episode.

import { button, by, make } from "../../dom.js";
import { at } from "../../context.js";
import { languageName, t } from "../../texts.js";

/**
 * Create the menu that all lines share.
 *
 * @param {object} acts what the entries do, each called with the episode, its item and its file.
 */
export function makeMenu(acts) {
  const list = make("div.menu", { role: "menu", popover: "auto" });
  by("main").append(list);
  let opener = null;

  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const entries = [...list.querySelectorAll("[role=menuitem]")].filter((each) => each.offsetParent);
    const place = entries.indexOf(document.activeElement);
    entries.at((place + step + entries.length) % entries.length).focus();
  });
  list.addEventListener("toggle", (event) => {
    if (event.newState === "closed") opener?.setAttribute("aria-expanded", "false");
  });
  addEventListener("scroll", () => list.matches(":popover-open") && list.hidePopover(), { passive: true });

  function entry(label, sign, act, needs = null) {
    return button(label, {
      "data-needs": needs,
      sign,
      kind: "subtle",
      role: "menuitem",
      onclick: () => {
        list.hidePopover();
        opener?.focus();
        act();
      },
    });
  }

  return function open(target, key, episode, known) {
    opener = target;
    list.setAttribute("aria-label", t("series.menu", { code: episode.code }));
    list.replaceChildren(...entriesOf(key, episode, known, acts, entry));
    list.showPopover();
    target.setAttribute("aria-expanded", "true");
    place(list, target);
    // Entries that the role of the caller does not include are hidden.
    [...list.querySelectorAll("[role=menuitem]")].find((each) => each.offsetParent)?.focus();
  };
}

function entriesOf(key, episode, { item, file, wanted }, acts, entry) {
  const found = [];
  if (episode.downloaded) {
    const watch = at(`/watch/${encodeURIComponent(key)}/${episode.code}`);
    found.push(make("a.button.subtle", { href: watch, role: "menuitem" }, t("menu.watch")));
  }
  if (item?.status === "failed") found.push(entry(t("menu.retry"), "retry", () => acts.retry(item), "control"));
  if (episode.available && !item) {
    if (episode.downloaded) found.push(entry(t("menu.again"), "retry", () => acts.again(episode), "request"));
    for (const tag of languagesOf(episode, wanted)) {
      const label = t("menu.language", { language: languageName(tag) });
      found.push(entry(label, "queue", () => acts.inLanguage(episode, tag), "request"));
    }
  }
  const mark = episode.monitored ? "menu.not_wanted" : "menu.wanted";
  found.push(entry(t(mark), "bookmark", () => acts.setWanted(episode), "control"));
  found.push(entry(t("menu.details"), "open", () => acts.details(episode)));
  found.push(entry(t("menu.history"), "clock", () => acts.history(episode)));
  found.push(entry(t("menu.attempt"), "system", () => acts.attempt(episode, item)));
  if (file) found.push(entry(t("menu.delete"), "trash", () => acts.deleteFile(file), "control"));
  return found;
}

/** Languages besides that of the file: those of the episode, otherwise the wanted ones. */
function languagesOf(episode, wanted) {
  const known = episode.languages?.length ? episode.languages : wanted;
  return known.filter((tag) => tag !== episode.file_language);
}

function place(list, target) {
  const [box, own] = [target.getBoundingClientRect(), list.getBoundingClientRect()];
  const below = box.bottom + own.height + 8 < innerHeight;
  list.style.setProperty("--x", `${Math.max(8, Math.min(box.right - own.width, innerWidth - own.width - 8))}px`);
  list.style.setProperty("--y", `${below ? box.bottom + 4 : Math.max(8, box.top - own.height - 4)}px`);
}
