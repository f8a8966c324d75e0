// Changes of library files: plans that are shown before they are applied, and the history.

import { page, post } from "../api.js";
import { button, by, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn } from "../live.js";
import { complain, doing, tell } from "../messages.js";
import { count, messageText, moment, t } from "../texts.js";
import { planView } from "./changes/plan.js";
import { undoButton } from "./changes/undo.js";

const ROWS = 50;
let shown = ROWS;

/** Let a button show a plan in a box, and a button in the box apply exactly that plan. */
function offerPlan(target, box, name, body) {
  return doing(target, async () => {
    const plan = await post(`/api/library/${name}/plan`, body);
    const apply = button(t("changes.apply"), {
      kind: "primary",
      onclick: () =>
        doing(apply, async () => {
          const { change } = await post(`/api/library/${name}/apply`, { ...body, digest: plan.digest });
          box.replaceChildren();
          tell(t("changes.applied"), { action: change ? undoButton(change.id, load) : null });
          await load();
        }),
    });
    box.replaceChildren(planView(plan, apply));
  });
}

function entryLine(entry) {
  const origin = t(`changes.origin.${entry.origin}`);
  const what = [origin, entry.title].filter(Boolean).join(": ");
  const isUndoable = entry.status === "stuck" || (entry.status === "done" && !entry.is_undone);
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("div", {}, what),
      make(
        "div.meta",
        {},
        [moment(entry.at), t(`changes.status.${entry.is_undone ? "undone" : entry.status}`)].join(" · "),
      ),
      make("div.why", {}, entry.reason ? messageText(entry.reason, entry.reason_kind, entry.reason_values) : ""),
    ),
    make("div.acts", {}, isUndoable ? undoButton(entry.id, load, `${what}, ${moment(entry.at)}`) : null),
  );
}

async function load() {
  try {
    const { rows, total } = await page(`/api/library/history?limit=${shown}`);
    const card = by("history-card");
    say(card.querySelector("[data-amount]"), count("changes.count", total));
    card.querySelector("[data-nothing]").hidden = total > 0;
    const lines = rows.map(entryLine);
    if (rows.length < total) {
      const more = button(t("attention.more"), {
        kind: "small",
        onclick: () => {
          shown += ROWS * 4;
          return doing(more, load);
        },
      });
      lines.push(make("li.item", {}, make("span"), more));
    }
    card.querySelector("ul").replaceChildren(...lines);
  } catch (error) {
    complain(error);
  }
}

if (isSignedIn) {
  const rename = by("plan-rename");
  rename.onclick = () => offerPlan(rename, by("rename-plan"), "rename", { keys: [] });
  const sidecars = by("plan-sidecars");
  sidecars.onclick = () => offerPlan(sidecars, by("sidecars-plan"), "sidecars", { keys: [] });
  onLibraryChange(load);
  onReturn(load);
  load();
}
