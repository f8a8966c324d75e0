// Actions for several series: the selected ones, or all that match the filter.

import { post } from "../../api.js";
import { button, by, make, say } from "../../dom.js";
import { confirmJob } from "../../lists/jobs.js";
import { complain } from "../../messages.js";
import { count, t } from "../../texts.js";
import { askForChanges } from "./edit.js";

/**
 * Set up the footer; `update` shows or hides it and sets the number of selected series.
 *
 * @param {object} page `chosen()` returns the selection of a job, `selectAll()` selects all series
 *   of the filter, `done()` ends the selection, and `show(job)` shows a started job.
 */
export function offerBulk({ chosen, selectAll, done, show }) {
  const box = by("bulk");
  const amount = make("strong", { "aria-live": "polite" });
  const all = button("", { kind: "subtle", onclick: selectAll });
  const acts = [
    button(t("bulk.download"), { "data-needs": "control", sign: "queue", kind: "primary", onclick: download }),
    button(t("bulk.edit"), { "data-needs": "control", sign: "settings", onclick: edit }),
    button(t("bulk.monitor"), { "data-needs": "control", onclick: () => start({ kind: "edit", monitored: true }) }),
    button(t("bulk.unmonitor"), { "data-needs": "control", onclick: () => start({ kind: "edit", monitored: false }) }),
    button(t("bulk.remove"), { "data-needs": "control", sign: "trash", kind: "danger", onclick: takeOut }),
  ];
  let number = 0;
  box.append(amount, all, ...acts, button(t("bulk.done"), { kind: "subtle", onclick: done }));

  async function start(body) {
    try {
      show(await post("/api/jobs", { ...body, selection: chosen() }));
    } catch (error) {
      complain(error);
    }
  }

  async function download() {
    const job = await confirmJob({ kind: "download", selection: chosen() }, { yes: t("bulk.download") });
    if (job) show(job);
  }

  async function edit() {
    const changes = await askForChanges(number);
    if (changes) await start({ kind: "edit", ...changes });
  }

  async function takeOut() {
    const files = make("input", { type: "checkbox", name: "files" });
    const job = await confirmJob(
      { kind: "remove", selection: chosen() },
      {
        yes: t("bulk.remove"),
        danger: true,
        fields: [make("label.check", {}, files, t("remove.files"))],
        read: (body, answer) => ({ ...body, files: answer.has("files") }),
      },
    );
    if (job) show(job);
  }

  return {
    update({ selecting, selected, total, isWhole }) {
      box.hidden = !selecting;
      number = isWhole ? total : selected;
      say(amount, isWhole ? count("bulk.whole", total) : count("bulk.chosen", selected));
      say(all, isWhole ? t("bulk.single") : count("bulk.all", total));
      for (const act of acts) act.disabled = number === 0;
    },
  };
}
