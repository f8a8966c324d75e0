// The queue page: active items, and pages of pending, failed and completed ones, with live updates.
//
// Each section is one request for the rows it shows, so that the page costs the same for ten and
// for thousands of items. Messages of the WebSocket bring the active items and all numbers; the
// sections are requested again when the numbers changed.

import { addressState } from "../address.js";
import { Problem, call, get, page, post, remove } from "../api.js";
import { button, by, calmed, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onReturn, socket } from "../live.js";
import { ask, complain, doing, tell } from "../messages.js";
import { seed } from "../speed.js";
import { code, count, loadMessageTexts, messageText, t } from "../texts.js";
import { makeItem, makeList, nameOf } from "./queue/lists.js";
import { orderable } from "./queue/order.js";
import { requestResting, showResting } from "./queue/resting.js";
import { FILTERS, makeSection } from "./queue/sections.js";
import { makeSelection } from "./queue/selection.js";
import { setOutlook, showCounts, showSpeed, startTotals } from "./queue/totals.js";

// The socket brings reasons, too.
await loadMessageTexts();

const SETTLE = 300;
/** Milliseconds without a key until the search is sent. */
const TYPED = 200;
const COUNTS = ["pending_count", "active_count", "completed_count", "failed_count"];
/** Answers that another page or worker was faster: the item is gone or has changed. */
const OUTRUN = [404, 409, 410];

const address = addressState(
  { state: ["all", ...Object.keys(FILTERS)], group: ["items", "series"], search: "", page: 1 },
  () => {
    by("needle").value = address.state.search;
    load();
  },
);
const selection = makeSelection(address, act);
const isPaused = () => state.is_paused;
const active = makeList(by("active"), (item) => makeItem(item, [takeOut(item)], null, isPaused));
const sections = Object.keys(FILTERS).map((name) =>
  makeSection(name, { address, choose: open, selection, actsOf, seriesActsOf, isPaused, isOrderable }),
);
const order = orderable(by("pending"), () => sections[0].list, isOrderable, (ids) =>
  act(null, () => post("/api/queue/reorder", { item_ids: ids })),
);
let state = { is_running: false, is_paused: false, waiting_for: null };
let numbers = null;
let reloads = null;
let acting = 0;
// The number of requests for the lists, and up to which one the answers are outdated.
let asked = 0;
let outdated = 0;

/** Whether rows are in the order of the queue from its beginning, so that moving them has a meaning. */
function isOrderable() {
  const { group, search, page: number } = address.state;
  return group === "items" && !search && number === 1;
}

/** Run an action, then request the lists. */
async function act(target, action) {
  acting += 1;
  try {
    await doing(target, () => outrun(action));
  } finally {
    acting -= 1;
    outdated = asked;
  }
  await load();
}

/** Run an action; say in one sentence that another page or worker was faster. */
async function outrun(action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Problem) || !OUTRUN.includes(error.status)) throw error;
    if (error.kind === "library_not_set") throw error;
    tell(t("queue.outrun"), { bad: true });
    return undefined;
  }
}

function takeOut(item) {
  const name = nameOf(item);
  const target = button(t("queue.remove", { name }), {
    "data-needs": "control",
    sign: "trash",
    kind: "subtle small danger",
    shown: false,
    onclick: async () => {
      const isBegun = item.status !== "completed" && item.progress.downloaded_bytes > 0;
      const isSure = !isBegun || (await ask(t("queue.remove", { name }), t("queue.remove_begun"), {
        yes: t("queue.remove_chosen"),
        danger: true,
      }));
      if (!isSure) return;
      await act(target, async () => {
        await remove(`/api/queue/${encodeURIComponent(item.id)}`);
        const isLost = item.status === "pending" && !isBegun;
        tell(t("queue.removed", { name }), isLost ? { action: undo(item) } : {});
      });
    },
  });
  return target;
}

/** Create the button that queues a removed item again. */
function undo(item) {
  const target = button(t("changes.undo"), {
    kind: "small",
    onclick: () =>
      act(target, async () => {
        const { season, episode } = item.episode;
        const body = { serie_id: item.serie_id, episodes: [code(season, episode)], priority: item.priority };
        await post("/api/queue/add", body);
        target.closest(".toast")?.remove();
      }),
  });
  return target;
}

/** Return the buttons of an item; one inside a series has no place that it could be moved to. */
function actsOf(section, item, { inside = false } = {}) {
  if (section === "pending") return [...order.buttons(item, { inside }), takeOut(item)];
  if (section === "completed") return [takeOut(item)];
  const again = button(t("queue.retry"), {
    "data-needs": "request",
    sign: "retry",
    kind: "small",
    "aria-label": `${t("queue.retry")}: ${nameOf(item)}`,
    onclick: () => act(again, () => post("/api/queue/retry", { item_ids: [item.id] })),
  });
  return [again, takeOut(item)];
}

/** Return the buttons of all items of a series in a section. */
function seriesActsOf(section, series) {
  const name = series.serie_name;
  const filter = { ...FILTERS[section], search: address.state.search, serie_id: [series.serie_id] };
  const actOn = (step, label, sign) => {
    const target = button(label, {
      "data-needs": step === "retry" ? "request" : "control",
      sign,
      kind: "small",
      "aria-label": `${label}: ${name}`,
      onclick: () =>
        act(target, async () => {
          const answer = await post(`/api/queue/${step}`, { filter });
          tell(count(`queue.done_${step}`, answer.retried ?? answer.moved));
        }),
    });
    return target;
  };
  const trash = button(t("queue.remove", { name }), {
    "data-needs": "control",
    sign: "trash",
    kind: "subtle small danger",
    shown: false,
    onclick: async () => {
      const text = `${count("queue.episodes", series.items)}. ${t("queue.remove_text")}`;
      const answer = await ask(t("queue.remove", { name }), text, { yes: t("queue.remove_chosen"), danger: true });
      if (!answer) return;
      await act(trash, async () => {
        const { removed } = await post("/api/queue/remove", { filter });
        tell(count("queue.done_remove", removed));
      });
    },
  });
  if (section === "pending") return [actOn("reorder", t("queue.to_top"), "top"), trash];
  if (section === "completed") return [trash];
  return [actOn("retry", t("queue.retry_all"), "retry"), trash];
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

/** Show the controls of the lists as the address says. */
function showControls() {
  const { state: chosen, group, search } = address.state;
  by("section").value = chosen;
  by("group").setAttribute("aria-pressed", String(group === "series"));
  if (document.activeElement !== by("needle")) by("needle").value = search;
}

function showActive(items) {
  active.show(items, items.length ? count("queue.items", items.length) : "");
  setOutlook({ active: items, isPaused: state.is_paused });
}

function showNumbers() {
  showCounts(numbers);
  by("retry-all").hidden = !numbers.failed_count;
  by("clear-pending").hidden = !numbers.pending_count;
  by("clear-failed").hidden = !numbers.failed_count;
  by("clear-completed").hidden = !numbers.completed_count;
}

/** Request the lists; an answer from before the user's last action would undo it on the page. */
async function load() {
  showControls();
  asked += 1;
  const mine = asked;
  try {
    const [summary, resting, { rows }, ...answers] = await Promise.all([
      get("/api/queue/summary"),
      requestResting(),
      page("/api/queue/items?status=downloading&limit=100"),
      ...sections.map((section) => section.request()),
    ]);
    if (acting || mine <= outdated) return;
    outdated = mine;
    state = summary;
    numbers = {
      pending_count: summary.pending,
      active_count: summary.downloading,
      completed_count: summary.completed,
      failed_count: summary.failed,
    };
    showState();
    seed(rows, state.is_paused);
    setOutlook({ pendingBytes: summary.pending_bytes });
    showActive(rows);
    showNumbers();
    showResting(resting, act);
    selection.totals(Object.fromEntries(sections.map(({ name }, n) => [name, answers[n]?.total])));
    if (order.isBusy()) return;
    by("loading").hidden = true;
    by("queue").hidden = false;
    const isWhole = await Promise.all(sections.map((section, n) => section.show(answers[n])));
    if (isWhole.every(Boolean)) address.settle();
  } catch (error) {
    complain(error);
  }
}

const settle = calmed(load, SETTLE);

/** Change what is listed, and request it. */
function choose(values, options) {
  if (!("page" in values)) selection.clear();
  address.set(values, options);
  load();
}

/** Change what is listed in a new step of the browser's history. */
function open(values) {
  choose(values, { push: true });
}

/** Show a message about the whole queue; request the lists if their numbers changed. */
function apply(data) {
  state = data;
  showState();
  if (!numbers) return;
  const before = new Map(active.rows);
  for (const item of data.active_downloads) {
    const known = before.get(item.id);
    if (known) item.progress = known.progress; // newer than the stored one
  }
  const isSame = reloads === null || reloads === data.queue_reloads;
  const isExplained = isSame && COUNTS.every((name) => numbers[name] === data.statistics[name]);
  reloads = data.queue_reloads;
  Object.assign(numbers, data.statistics);
  showActive(data.active_downloads);
  showNumbers();
  if (!isExplained) settle();
}

function progress(data) {
  const item = active.rows.get(data.download_id);
  if (!item) return;
  const { percent, speed_mbps, eta_seconds, downloaded_bytes, total_bytes, phase } = data;
  Object.assign(item.progress, { percent, speed_mbps, eta_seconds, downloaded_bytes, total_bytes, phase });
  active.renew(item);
  showSpeed();
}

function control(name) {
  const target = by(name);
  target.addEventListener("click", () =>
    act(target, () => post(`/api/queue/${name}`)).then(() => {
      // The pressed button is hidden now: focus the one that replaced it.
      const next = [...by("controls").querySelectorAll("button")].find((each) => !each.hidden);
      // Unless the user has gone elsewhere while the request was running.
      const { activeElement } = document;
      const isLeft = activeElement !== document.body && !by("controls").contains(activeElement);
      if (target.hidden && !isLeft) next?.focus();
    }),
  );
}

async function clear(target, status) {
  const items = count("queue.items", numbers[`${status}_count`]);
  const text = t(status === "pending" ? "queue.clear_pending_text" : "queue.clear_text");
  const answer = await ask(t(`queue.clear_${status}`), `${items}. ${text}`, {
    yes: t("queue.clear"),
    danger: status === "pending",
  });
  if (answer) await act(target, () => call("DELETE", `/api/queue/${status}`));
}

function listen() {
  for (const name of ["start", "stop", "pause", "resume"]) control(name);
  by("section").addEventListener("change", () => open({ state: by("section").value }));
  by("group").addEventListener("click", () =>
    open({ group: address.state.group === "series" ? "items" : "series" }),
  );
  by("needle").addEventListener("input", calmed(() => choose({ search: by("needle").value.trim() }), TYPED));
  const again = by("retry-all");
  again.addEventListener("click", () =>
    act(again, async () => {
      const { retried } = await post("/api/queue/retry");
      tell(count("queue.done_retry", retried));
    }),
  );
  for (const status of ["pending", "failed", "completed"]) {
    const target = by(`clear-${status}`);
    target.addEventListener("click", () => clear(target, status));
  }
  // A list is not updated while one of its lines is dragged.
  by("pending").addEventListener("dragend", load);
  socket.on("download_progress", progress);
  for (const [type, name] of [["download_complete", "queue.said_done"], ["download_failed", "queue.said_failed"]]) {
    socket.on(type, (data) => {
      announce(name, data);
      settle();
    });
  }
  socket.on("queue_status", apply);
  onReturn(load);
}

/** Announce the end of a download to screen readers; progress would be too much. */
function announce(name, data) {
  say(by("announcer"), t(name, { name: data.folder || data.key, code: code(data.season, data.episode) }));
}

if (isSignedIn) {
  startTotals();
  listen();
  load();
}
