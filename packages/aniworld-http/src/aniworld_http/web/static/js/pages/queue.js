// The queue page: active, pending, failed and completed items, with live updates.
//
// The lists come from one request. Messages of the WebSocket then move items between the lists; the
// page requests them again only after a message whose numbers they do not explain.

import { call, get, post, remove } from "../api.js";
import { button, by, calmed, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onReturn, socket } from "../live.js";
import { ask, complain, doing, tell } from "../messages.js";
import { onReading, readings, total } from "../speed.js";
import { speedChart } from "../chart.js";
import { code, count, duration, integer, messageText, speed, t } from "../texts.js";
import { makeItem, makeList } from "./queue/lists.js";
import { orderable } from "./queue/order.js";

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
// The items of each list in their order, and the number of all items of each status.
const held = { active: [], pending: [], failed: [], completed: [] };
let numbers = null;
const COUNTS = ["pending_count", "active_count", "completed_count", "failed_count"];
/** Pending items that the list holds at least, while there are more. */
const FEW = 100;
let reloads = null;
let acting = 0;
// The number of requests for the lists, and up to which one the answers are outdated.
let asked = 0;
let outdated = 0;

async function reorder(ids) {
  await post("/api/queue/reorder", { item_ids: ids });
}

/** Run an action, then request the lists. */
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
    "data-needs": "control",
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
    "data-needs": "request",
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
  const why = messageText(waiting, state.waiting_kind, state.waiting_values);
  say(by("waiting").querySelector("p"), waiting ? t("queue.waits", { why }) : "");
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

/** Show the lists and the totals. */
function show() {
  const isPerson = (item) => item.error_kind === "needs_person";
  const people = held.failed.filter(isPerson);
  lists.active.show(held.active, numbers.active_count);
  if (!order.isBusy()) lists.pending.show(held.pending, numbers.pending_count);
  lists.person.show(people);
  lists.failed.show(
    held.failed.filter((item) => !isPerson(item)),
    numbers.failed_count - people.length,
  );
  lists.completed.show(held.completed, numbers.completed_count);
  by("person-card").hidden = !people.length;
  by("retry-all").hidden = !numbers.failed_count;
  by("clear-pending").hidden = !numbers.pending_count;
  by("clear-failed").hidden = !numbers.failed_count;
  by("clear-completed").hidden = !numbers.completed_count;
  by("loading").hidden = true;
  by("queue").hidden = false;
  showTotals(numbers);
  showSpeed();
}

/** Request the lists; an answer from before the user's last action would undo it on the page. */
async function load() {
  asked += 1;
  const mine = asked;
  try {
    const status = await get("/api/queue/status");
    if (acting || mine <= outdated) return;
    outdated = mine;
    state = status;
    numbers = status.statistics;
    held.active = status.active_downloads;
    held.pending = status.pending_queue;
    held.failed = status.failed_downloads;
    held.completed = status.completed_downloads;
    showState();
    show();
  } catch (error) {
    complain(error);
  }
}

const settle = calmed(load, SETTLE);

/** Remove an item from a list and return it. */
function take(name, id) {
  const index = held[name].findIndex((item) => item.id === id);
  return index < 0 ? null : held[name].splice(index, 1)[0];
}

/** Move an active item to the beginning of another list. */
function moveActive(data, name, changes) {
  const item = numbers && take("active", data.download_id);
  if (!item) {
    settle();
    return;
  }
  const progress = { ...item.progress, speed_mbps: 0, eta_seconds: null, ...changes.progress };
  held[name].unshift({ ...item, ...changes, progress, status: name });
  numbers.active_count -= 1;
  numbers[`${name}_count`] += 1;
  show();
}

function complete(data) {
  const { language, hoster, file, completed_at, total_bytes, notice_messages } = data;
  const progress = { percent: 100, downloaded_bytes: total_bytes, total_bytes };
  moveActive(data, "completed", { language, hoster, file, completed_at, progress, notice_messages, error: null });
}

function fail(data) {
  const { error, error_kind, error_values, link, retry_count, completed_at } = data;
  moveActive(data, "failed", { error, error_kind, error_values, link, retry_count, completed_at });
}

/** Show a message about the whole queue; request the lists if it does not explain its numbers. */
function apply(data) {
  state = data;
  showState();
  if (!numbers) return;
  const known = new Map(held.active.map((item) => [item.id, item]));
  for (const item of data.active_downloads) {
    const before = known.get(item.id);
    known.delete(item.id);
    if (before) {
      item.progress = before.progress; // newer than the stored one
    } else if (take("pending", item.id)) {
      numbers.pending_count -= 1;
      numbers.active_count += 1;
    }
  }
  held.active = data.active_downloads;
  const isExplained =
    known.size === 0 &&
    (reloads === null || reloads === data.queue_reloads) &&
    COUNTS.every((name) => numbers[name] === data.statistics[name]);
  reloads = data.queue_reloads;
  Object.assign(numbers, data.statistics);
  show();
  if (!isExplained || held.pending.length < Math.min(numbers.pending_count, FEW)) settle();
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
      // The pressed button is hidden now: focus the one that replaced it.
      const next = [...by("controls").querySelectorAll("button")].find((each) => !each.hidden);
      // Unless the user has gone elsewhere while the request was running.
      const isLeft = ![target, document.body].includes(document.activeElement);
      if (target.hidden && !isLeft) next?.focus();
    }),
  );
}

async function clear(target, status) {
  const items = count("queue.clear_items", numbers[`${status}_count`]);
  const text = t(status === "pending" ? "queue.clear_pending_text" : "queue.clear_text");
  const answer = await ask(t(`queue.clear_${status}`), `${items}. ${text}`, {
    yes: t("queue.clear"),
    danger: status === "pending",
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
  for (const status of ["pending", "failed", "completed"]) {
    const target = by(`clear-${status}`);
    target.addEventListener("click", () => clear(target, status));
  }
  // A list is not updated while one of its lines is dragged.
  by("pending").addEventListener("dragend", load);
  socket.on("download_progress", progress);
  socket.on("download_complete", (data) => {
    announce("queue.said_done", data);
    complete(data);
  });
  socket.on("download_failed", (data) => {
    announce("queue.said_failed", data);
    fail(data);
  });
  socket.on("queue_status", apply);
  onReturn(load);
  onReading((all) => {
    showSpeed();
    chart.update(all);
  });
}

/** Announce the end of a download to screen readers; progress would be too much. */
function announce(name, data) {
  say(by("announcer"), t(name, { key: data.key, code: code(data.season, data.episode) }));
}

if (isSignedIn) {
  by("chart").append(chart);
  chart.update(readings());
  listen();
  load();
}
