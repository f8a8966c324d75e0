// Dialog to choose or create a folder of the server.

import { page, post } from "../../api.js";
import { button, make, say } from "../../dom.js";
import { complain, doing } from "../../messages.js";
import { t } from "../../texts.js";

const AT_ONCE = 200;

/** Create the button that fills an input with a folder chosen in the dialog. */
export function browseButton(name, input) {
  return button(t("folder.browse"), {
    sign: "folder",
    "aria-label": t("folder.browse_named", { name }),
    onclick: async () => {
      const chosen = await pickFolder(input.value.trim());
      if (chosen === null) return;
      input.value = chosen;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    },
  });
}

/**
 * Let the user choose a folder.
 *
 * @param {string} start the folder to begin with; another one if it cannot be listed.
 * @returns {Promise<string|null>} its path; `null` if the dialog was cancelled.
 */
export function pickFolder(start) {
  return new Promise((answer) => {
    const place = make("p.folder-path", { role: "status" });
    const list = make("ul.folder-list", { "aria-label": t("folder.folders") });
    const places = make("div.row");
    const more = button(t("folder.more"), { kind: "small", onclick: () => doing(more, showMore) });
    const up = button(t("folder.up"), { sign: "up", kind: "small", onclick: () => doing(up, () => open(current.parent)) });
    const name = make("input.input.grow", {
      "aria-label": t("folder.new_name"),
      placeholder: t("folder.new_name"),
      maxlength: "255",
      autocomplete: "off",
      spellcheck: "false",
    });
    const create = button(t("folder.create"), { kind: "small", onclick: () => doing(create, makeFolder) });
    const choose = button(t("folder.choose"), { kind: "primary", onclick: () => close(current.path) });
    const dialog = make(
      "dialog.folder-dialog",
      { "aria-labelledby": "folder-title" },
      make("h2", { id: "folder-title" }, t("folder.pick")),
      places,
      make("div.row", {}, up, place),
      list,
      more,
      make("div.row", {}, name, create),
      make("div.row.end", {}, button(t("action.cancel"), { onclick: () => close(null) }), choose),
    );
    let current = { path: "", parent: null };
    let chosen = null;

    function close(path) {
      chosen = path;
      dialog.close();
    }

    function row(folder) {
      const open_ = button(folder.name, {
        sign: "folder",
        kind: "subtle",
        disabled: !folder.is_readable,
        onclick: () => doing(open_, () => open(folder.path)),
      });
      return make("li", {}, open_);
    }

    async function fetchPart(path, offset) {
      const query = new URLSearchParams({ limit: AT_ONCE, offset });
      if (path) query.set("path", path);
      return page(`/api/config/folders?${query}`);
    }

    async function open(path) {
      const { rows: listing, total } = await fetchPart(path, 0);
      current = listing;
      say(place, listing.path);
      up.disabled = listing.parent === null;
      create.disabled = !listing.is_writable;
      places.replaceChildren(
        ...listing.places.map((each) => button(each, { kind: "small", onclick: () => open(each).catch(complain) })),
      );
      list.replaceChildren(...listing.folders.map(row));
      if (!listing.folders.length) list.append(make("li.hint", {}, t("folder.none")));
      more.hidden = listing.folders.length >= total;
    }

    async function showMore() {
      const { rows: listing, total } = await fetchPart(current.path, list.children.length);
      list.append(...listing.folders.map(row));
      more.hidden = list.children.length >= total || !listing.folders.length;
    }

    async function makeFolder() {
      const wanted = name.value.trim();
      if (!wanted) {
        name.focus();
        return;
      }
      const { path } = await post("/api/config/folders", { path: `${current.path.replace(/\/$/, "")}/${wanted}` });
      name.value = "";
      await open(path);
    }

    name.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      doing(create, makeFolder);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
    choose.focus();
    // A path that cannot be browsed is no reason to browse nothing.
    open(start).catch(() => open("").catch(complain));
  });
}
