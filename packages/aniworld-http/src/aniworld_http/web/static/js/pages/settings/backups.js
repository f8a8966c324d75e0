// Backups of the configuration.

import { Problem, call, get, post } from "../../api.js";
import { button, make } from "../../dom.js";
import { ask, complain, doing, tell } from "../../messages.js";
import { bytes, moment, t } from "../../texts.js";
import { confirmed } from "./access.js";

/** Restore a backup; ask for the password if the server needs it. Return `null` if cancelled. */
async function restoreWithPassword(path) {
  try {
    return await post(path);
  } catch (error) {
    if (!(error instanceof Problem) || error.fields[0]?.pointer !== "/current_password") throw error;
  }
  return confirmed(t("backup.restore"), (password) => post(path, { current_password: password }));
}

/** List the backups; `restored` is called with the restored configuration. */
export function offerBackups(restored) {
  const body = make("tbody");
  const table = make(
    "table",
    {},
    make("caption.unseen", {}, t("settings.backups")),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "col" }, t("backup.created")),
        make("th.number", { scope: "col" }, t("backup.size")),
        make("th", { scope: "col" }, t("backup.actions")),
      ),
    ),
    body,
  );
  const create = button(t("backup.create"), {
    onclick: () =>
      doing(create, async () => {
        await post("/api/config/backups");
        await load();
      }),
  });
  const node = make("div.stack", {}, make("div.row", {}, create), make("div.table-box", {}, table));

  function row(backup) {
    const path = `/api/config/backups/${encodeURIComponent(backup.name)}`;
    const when = moment(backup.created_at);
    const restore = button(t("backup.restore"), {
      kind: "small",
      "aria-label": t("backup.restore_named", { when }),
      onclick: async () => {
        const answer = await ask(t("backup.restore_named", { when }), t("backup.restore_text"), {
          yes: t("backup.restore"),
        });
        if (!answer) return;
        await doing(restore, async () => {
          const document = await restoreWithPassword(`${path}/restore`);
          if (!document) return;
          restored(document);
          tell(t("backup.restored"));
          await load();
        });
      },
    });
    const away = button(t("backup.remove_named", { when }), {
      sign: "trash",
      kind: "small subtle danger",
      shown: false,
      onclick: () => doing(away, () => call("DELETE", path).then(load)),
    });
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, when),
      make("td.number", {}, bytes(backup.size)),
      make("td", {}, make("div.row", {}, restore, away)),
    );
  }

  async function load() {
    const backups = await get("/api/config/backups");
    body.replaceChildren(...backups.map(row));
    table.parentNode.hidden = backups.length === 0;
  }

  load().catch(complain);
  return node;
}
