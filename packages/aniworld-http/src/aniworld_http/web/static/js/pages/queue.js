// The queue: what is on its way, what waits, what went wrong, and what is done.

import { call, get, post, remove } from "../api.js";
import { button, by, calmed, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onReturn, socket } from "../live.js";
import { ask, complain, doing, tell } from "../messages.js";
import { onReading, readings, total } from "../speed.js";
import { speedChart } from "../chart.js";
import { code, count, duration, integer, said, speed, t } from "../texts.js";
import { makeItem, makeList } from "./queue_lists.js";
import { orderable } from "./queue_order.js";

const SETTLE = 300;
const lists = {
  active: makeList(by("active"), { make: makeItem, acts: activeActs }),
  pending: makeList(by("pending"), { make: makeItem, acts: pendingActs }),
  person: makeList(by("person"), { make: makeItem, acts: failedActs }),
  failed: makeList(by("failed"), { make: makeItem, acts: failedActs, most: 50 }),
  completed: makeList(by("completed"), { make: makeItem, acts: doneActs, most: 50 }),
};
const order = orderable(by("pending"), lists.pending, (ids) => act(null, () => reorder(ids)));
const chart = speedChart();
let state = { is_running: false, is_paused: false, waiting_for: null };
let counts = "";
let acting = 0;
// How many times everything was asked for, and which answers are older than what is shown.
let asked = 0;
let outdated = 0;

async function reorder(ids) {
  await post("/api/queue/reorder", { item_ids: ids });
}

/** Do something and show what came of it. */
async function act(target, action) {
  acting += 1;
  try {
    await doing(target, action);
  } finally {
    acting -= 1;
    outdated = asked;
  }
  await load();
}

function takeOut(item) {
  const name = `${item.serie_name} ${code(item.episode.season, item.episode.episode)}`;
  return button(t("queue.remove", { name }), {
    sign: "trash",
    kind: "subtle small danger",
    shown: false,
    onclick: (event) => act(event.currentTarget, () => remove(`/api/queue/${encodeURIComponent(item.id)}`)),
  });
}

function activeActs(item) {
  return [takeOut(item)];
}

function pendingActs(item) {
  return [...order.buttons(item), takeOut(item)];
}

function failedActs(item) {
  const again = button(t("queue.retry"), {
    sign: "retry",
    kind: "small",
    onclick: () => act(again, () => post("/api/queue/retry", { item_ids: [item.id] })),
  });
  return [again, takeOut(item)];
}

function doneActs(item) {
  return [takeOut(item)];
}

function showState() {
  const waiting = state.waiting_for;
  by("waiting").hidden = !waiting;
  say(by("waiting").querySelector("p"), waiting ? t("queue.waits", { why: said(waiting) }) : "");
  by("start").hidden = state.is_running;
  by("stop").hidden = !state.is_running;
  by("pause").hidden = !state.is_running || state.is_paused;
  by("resume").hidden = !state.is_running || !state.is_paused;
  const name = !state.is_running ? "stopped" : state.is_paused ? "paused" : "running";
  say(by("run-state"), t(`queue.${name}`));
}

function showTotals({ pending_count: waiting, completed_count: done, failed_count: failed }) {
  say(by("total-waiting"), integer(waiting));
  say(by("total-done"), integer(done));
  say(by("total-failed"), integer(failed));
}

function showSpeed() {
  say(by("total-speed"), speed(total()));
  const left = [...lists.active.items.values()].map((item) => item.progress.eta_seconds);
  const isKnown = left.length > 0 && left.every((seconds) => seconds !== null);
  say(by("total-left"), isKnown ? duration(Math.max(...left)) : "–");
}

/** Show everything anew; an answer older than what people just did would undo it before them. */
async function load() {
  asked += 1;
  const mine = asked;
  try {
    const status = await get("/api/queue/status");
    if (acting || mine <= outdated) return;
    outdated = mine;
    state = status;
    const isPerson = (item) => item.error_kind === "needs_person";
    lists.active.show(status.active_downloads);
    if (!order.isBusy()) lists.pending.show(status.pending_queue);
    lists.person.show(status.failed_downloads.filter(isPerson));
    lists.failed.show(status.failed_downloads.filter((item) => !isPerson(item)));
    lists.completed.show(status.completed_downloads);
    by("person-card").hidden = !status.failed_downloads.some(isPerson);
    by("retry-all").hidden = !status.failed_downloads.length;
    by("clear-failed").hidden = !status.failed_downloads.length;
    by("clear-completed").hidden = !status.completed_downloads.length;
    by("loading").hidden = true;
    by("queue").hidden = false;
    showState();
    showTotals(status.statistics);
    showSpeed();
  } catch (error) {
    complain(error);
  }
}

function progress(data) {
  const item = lists.active.items.get(data.download_id);
  if (!item) return;
  Object.assign(item.progress, {
    percent: data.percent,
    speed_mbps: data.speed_mbps,
    eta_seconds: data.eta_seconds,
    downloaded_bytes: data.downloaded_bytes,
    total_bytes: data.total_bytes,
  });
  lists.active.renew(item);
}

function control(name) {
  const target = by(name);
  target.addEventListener("click", () =>
    act(target, () => post(`/api/queue/${name}`)).then(() => {
      // The button that was pressed is gone; its opposite takes over.
      const next = [...by("controls").querySelectorAll("button")].find((each) => !each.hidden);
      if (target.hidden) next?.focus();
    }),
  );
}

async function clear(target, status) {
  const answer = await ask(t(`queue.clear_${status}`), t("queue.clear_text"), {
    yes: t("queue.clear"),
  });
  if (answer) await act(target, () => call("DELETE", `/api/queue/${status}`));
}

function listen() {
  for (const name of ["start", "stop", "pause", "resume"]) control(name);
  const again = by("retry-all");
  again.addEventListener("click", () =>
    act(again, async () => {
      const { retried } = await post("/api/queue/retry");
      tell(count("queue.retried", retried));
    }),
  );
  for (const status of ["failed", "completed"]) {
    const target = by(`clear-${status}`);
    target.addEventListener("click", () => clear(target, status));
  }
  const settle = calmed(load, SETTLE);
  // What was held back while a line was dragged.
  by("pending").addEventListener("dragend", load);
  socket.on("download_progress", progress);
  socket.on("download_complete", (data) => {
    announce("queue.said_done", data);
    settle();
  });
  socket.on("download_failed", (data) => {
    announce("queue.said_failed", data);
    settle();
  });
  socket.on("queue_status", (data) => {
    state = data;
    showState();
    showTotals(data.statistics);
    const ids = data.active_downloads.map((item) => item.id);
    const next = JSON.stringify([data.statistics, ids]);
    // Said several times while nothing but the speed changes.
    if (next !== counts) settle();
    counts = next;
  });
  onReturn(load);
  onReading((all) => {
    showSpeed();
    chart.update(all);
  });
}

/** Tell those who listen what ended; how far something is would only be chatter. */
function announce(name, data) {
  say(by("announcer"), t(name, { key: data.key, code: code(data.season, data.episode) }));
}

if (isSignedIn) {
  by("chart").append(chart);
  chart.update(readings());
  listen();
  load();
}
