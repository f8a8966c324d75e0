// Bulk jobs: start one, show its progress, and offer to cancel and undo it.
//
// A job runs in the server. Every page with `offerJobs` shows the running ones, also those that
// another tab or another person has started.

import { get, post, remove } from "../api.js";
import { bar, button, fillBar, make, say } from "../dom.js";
import { onReturn, socket } from "../live.js";
import { ask, complain, doing } from "../messages.js";
import { bytes, count, integer, loadMessageTexts, messageText, t } from "../texts.js";

/** Milliseconds that the result of a job stays, with its *Undo*. */
const SHOWN_FOR = 12_000;
const ENDED = ["done", "cancelled", "undone"];
/** No job returns to these after its end. */
const BEFORE = ["waiting", "running"];

/** Return what a job does, has done, or has undone, with its numbers. */
export function jobText(job) {
  const part = t("job.part", { done: integer(job.done), series: count("job.series", job.series) });
  if (job.status === "undoing") return `${t("job.undoing")}: ${part}`;
  if (!ENDED.includes(job.status)) return `${t(`job.${job.kind}.running`)}: ${part}`;
  const number = count("job.series", job.status === "undone" ? job.series - job.kept - job.failed : job.changed);
  const episodes = count("job.episodes", job.episodes);
  const texts = [
    job.status === "undone"
      ? t("job.undone", { series: number })
      : t(`job.${job.kind}.done`, { series: number, episodes }),
  ];
  if (job.status === "cancelled") texts.push(t("job.cancelled", { part }));
  if (job.kept) texts.push(count("job.kept", job.kept));
  if (job.failed) {
    const why = messageText(job.reason, job.reason_kind, job.reason_values);
    texts.push(count("job.failed", job.failed, { why }));
  }
  return texts.join(" ");
}

/** Create the button that undoes a job. */
export function undoJobButton(job, done = () => {}) {
  const target = button(t("job.undo"), {
    "data-needs": "control",
    sign: "retry",
    kind: "small",
    onclick: () =>
      doing(target, async () => {
        await post(`/api/jobs/${job.id}/undo`);
        await done();
      }),
  });
  return target;
}

/**
 * Show the running jobs in a box, and the results of those that end while the page is open.
 *
 * @param {Element} box where they are shown.
 * @param {(job: object) => void} ended called when a job has ended.
 * @returns {(job: object) => void} shows a job that the page has started.
 */
export function offerJobs(box, ended) {
  const lines = new Map();

  function show(job) {
    const isEnded = ENDED.includes(job.status);
    // What ended before the page was opened is in the history.
    if (isEnded && !lines.has(job.id)) return;
    let line = lines.get(job.id);
    if (!line) {
      line = makeLine(() => drop(job.id));
      lines.set(job.id, line);
      box.append(line.node);
    }
    box.hidden = false;
    // A response may be older than an event that came before it.
    if (line.isEnded && BEFORE.includes(job.status)) return;
    const wasEnded = line.isEnded;
    line.update(job, isEnded);
    if (isEnded && !wasEnded) ended(job);
  }

  function drop(id) {
    lines.get(id)?.node.remove();
    lines.delete(id);
    box.hidden = !lines.size;
  }

  /** Show a job of a response, then its present state: it may have ended before the response. */
  function follow(job) {
    if (!lines.has(job.id)) show({ ...job, status: "waiting" });
    renew();
  }

  async function renew() {
    if (!lines.size) return;
    try {
      const jobs = await get("/api/jobs?limit=100");
      jobs.filter((job) => lines.has(job.id)).forEach(show);
    } catch (error) {
      complain(error);
    }
  }

  socket.join("jobs");
  socket.on("job_progress", async (job) => {
    if (job.reason) await loadMessageTexts();
    show(job);
  });
  onReturn(renew);
  return follow;
}

function makeLine(close) {
  const [words, acts, line] = [make("p"), make("div.row"), bar(0)];
  const node = make("div.job", {}, words, acts, line);
  const self = { node, isEnded: false, update };
  let timer = null;

  function hold() {
    clearTimeout(timer);
  }

  function letGo() {
    clearTimeout(timer);
    if (self.isEnded) timer = setTimeout(close, SHOWN_FOR);
  }

  function update(job, isEnded) {
    say(words, jobText(job));
    fillBar(line, job.percent / 100, isEnded);
    if (acts.dataset.status !== job.status) {
      acts.dataset.status = job.status;
      acts.replaceChildren(...actsOf(job, isEnded, close));
    }
    self.isEnded = isEnded;
    letGo();
  }

  node.addEventListener("pointerenter", hold);
  node.addEventListener("pointerleave", letGo);
  node.addEventListener("focusin", hold);
  node.addEventListener("focusout", letGo);
  return self;
}

function actsOf(job, isEnded, close) {
  if (isEnded) {
    const shut = button(t("action.close"), { sign: "close", kind: "subtle small", shown: false, onclick: close });
    return job.is_undoable ? [undoJobButton(job), shut] : [shut];
  }
  const stop = button(t("job.cancel"), {
    "data-needs": "control",
    kind: "small",
    onclick: () => doing(stop, () => remove(`/api/jobs/${job.id}`)),
  });
  return [stop];
}

/** Say what a job will do, such as "Queue 17,065 episodes of 743 series?". */
function question(body, { series, episodes, queued, size_bytes: size }) {
  const values = { series: count("job.series", series), episodes: count("job.episodes", episodes) };
  const parts = [t(`job.${body.kind}.ask`, values)];
  const rest = [];
  if (body.kind === "remove") {
    if (episodes) rest.push(t("job.remove.files", { ...values, size: bytes(size) }));
    if (queued) rest.push(count("job.remove.queued", queued));
    rest.push(t("job.undo_hint"));
  }
  return [parts.join(" "), rest.join(" ")];
}

/**
 * Count what a job will do, ask, and start it.
 *
 * @param {object} body the body of `POST /api/jobs`.
 * @param {object} options the name of the confirming button, and fields of the dialog; `read`
 *   changes the body by the answer.
 * @returns {Promise<object|null>} the job; `null` if nothing is done.
 */
export async function confirmJob(body, { yes, danger = false, fields = [], read = (given) => given }) {
  try {
    const estimate = await post("/api/jobs/estimate", body);
    if (!estimate.series) {
      await ask(t("job.nothing"), t(`job.${body.kind}.nothing`), { yes: t("action.close") });
      return null;
    }
    const [title, text] = question(body, estimate);
    const answer = await ask(title, text, { yes, danger, fields });
    return answer ? await post("/api/jobs", read(body, answer)) : null;
  } catch (error) {
    complain(error);
    return null;
  }
}
