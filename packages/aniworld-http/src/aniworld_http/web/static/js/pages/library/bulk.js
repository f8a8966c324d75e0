// Actions for several selected series.

import { patch, post, remove } from "../../api.js";
import { button, by, make, say } from "../../dom.js";
import { ask, complain, tell } from "../../messages.js";
import { count, t } from "../../texts.js";
import { codesOf } from "../../lists/wanted_codes.js";

/** Set up the footer; `update` shows or hides it and sets the number of selected series. */
export function offerBulk({ chosen, selectAll, done, changed }) {
  const box = by("bulk");
  const amount = make("strong", { "aria-live": "polite" });
  const acts = [
    button(t("bulk.download"), { "data-needs": "request", sign: "queue", kind: "primary", onclick: () => each(download) }),
    button(t("bulk.monitor"), { "data-needs": "control", onclick: () => each((s) => monitor(s, true)) }),
    button(t("bulk.unmonitor"), { "data-needs": "control", onclick: () => each((s) => monitor(s, false)) }),
    button(t("bulk.remove"), { "data-needs": "control", sign: "trash", kind: "danger", onclick: takeOut }),
  ];
  box.append(
    amount,
    button(t("bulk.all"), { kind: "subtle", onclick: selectAll }),
    ...acts,
    button(t("bulk.done"), { kind: "subtle", onclick: done }),
  );

  async function each(action) {
    const list = chosen();
    let finished = 0;
    for (const act of acts) act.disabled = true;
    try {
      for (const series of list) {
        if ((await action(series)) !== false) finished += 1;
      }
      tell(count("bulk.finished", finished));
    } catch (error) {
      complain(error);
    } finally {
      await changed();
    }
  }

  async function takeOut() {
    const files = make("input", { type: "checkbox", name: "files" });
    const answer = await ask(count("bulk.remove_title", chosen().length), t("remove.text"), {
      yes: t("bulk.remove"),
      danger: true,
      fields: [make("label.check", {}, files, t("remove.files"))],
    });
    if (!answer) return;
    const query = answer.has("files") ? "?files=true" : "";
    await each((series) => remove(`/api/anime/${encodeURIComponent(series.key)}${query}`));
  }

  return {
    update(selecting, number) {
      box.hidden = !selecting;
      say(amount, count("bulk.chosen", number));
      for (const act of acts) act.disabled = number === 0;
    },
  };
}

async function download(series) {
  const episodes = codesOf(series.missing_episodes);
  if (!episodes.length) return false;
  await post("/api/queue/add", { serie_id: series.key, episodes });
  return true;
}

function monitor(series, on) {
  return patch(`/api/anime/${encodeURIComponent(series.key)}`, { monitored: on });
}
