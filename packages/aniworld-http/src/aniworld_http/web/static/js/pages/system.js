// System page: health, catalogues, schedule and download speed.

import { keepScroll } from "../address.js";
import { call, get, post } from "../api.js";
import { speedChart } from "../chart.js";
import { bar, by, calmed, fillBar, make } from "../dom.js";
import { isSignedIn, setCounter } from "../frame.js";
import { onReturn, socket } from "../live.js";
import { complain, doing } from "../messages.js";
import { scanFailures, scanSummary } from "../lists/scan.js";
import { onReading, readings, total } from "../speed.js";
import { bytes, decimal, duration, integer, moment, messageText, t } from "../texts.js";
import { showDisks } from "./system/disk.js";
import { offerLog } from "./system/log.js";
import { showProblems } from "./system/problems.js";
import { showStorage, showVersions } from "./system/installation.js";
import { loadTasks } from "./system/tasks.js";
import { showHosters, showProviders } from "./system/providers.js";

const EVERY = 10_000;
/** Most reasons of a scan that are listed. */
const MOST_REASONS = 50;
const scanBar = bar(0, { thick: true });
let reserve = null;

function facts(id, rows) {
  const box = by(id);
  const shown = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  box.replaceChildren(
    ...shown.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
}

function condition(status) {
  const kind = { ok: "good", degraded: "warn", failed: "bad" }[status] ?? "warn";
  return make(`span.chip.${kind}`, {}, t(`health.${status}`));
}

/** Return name and state of a process that shares the database. */
function machine(node) {
  const roles = node.roles.map((role) => t(`system.role.${role}`));
  const state = [
    roles.join(", "),
    node.slots ? t("system.slots", { n: node.slots }) : "",
    node.is_leader ? t("system.leader") : "",
    node.version,
    t("system.silent", { time: duration(node.silent_seconds) }),
  ];
  const text = state.filter(Boolean).join(" · ");
  return [node.host, node.status === "ok" ? text : make("span", {}, condition(node.status), ` ${text}`)];
}

function showHealth(health) {
  const { database, disk, queue, loop, providers } = health;
  by("condition").replaceChildren(condition(health.status));
  facts("facts-server", [
    [t("system.version"), health.version],
    [t("system.uptime"), duration(health.uptime_seconds)],
    [t("system.connections"), integer(health.connections)],
    ...health.nodes.map(machine),
    [t("system.loop"), `${integer(loop.lag_ms)} ms (${t("system.worst")} ${integer(loop.worst_lag_ms)} ms)`],
  ]);
  facts("facts-database", [
    [t("system.condition"), condition(database.status)],
    [t("system.latency"), database.latency_ms === null ? "" : `${decimal(database.latency_ms)} ms`],
    ["", database.detail && messageText(database.detail, database.detail_kind, database.detail_values)],
  ]);
  showDisks(by("disks"), disk, reserve);
  facts("facts-disk", [
    [t("system.condition"), condition(disk.status)],
    [t("system.library"), disk.library],
    [t("system.free"), bytes(disk.library_free_bytes)],
    [t("system.free_data"), disk.is_same_disk ? "" : bytes(disk.data_free_bytes)],
    [t("system.reserve"), reserve === null ? "" : bytes(reserve)],
    ["", disk.detail && messageText(disk.detail, disk.detail_kind, disk.detail_values)],
  ]);
  facts("facts-queue", [
    [t("system.condition"), condition(queue.status)],
    [t("system.state"), t(`queue.${!queue.is_running ? "stopped" : queue.is_paused ? "paused" : "running"}`)],
    ...Object.entries(queue.items).map(([status, number]) => [t(`state.${status}`, { part: "" }), integer(number)]),
    ["", queue.waiting_for && messageText(queue.waiting_for, queue.waiting_kind, queue.waiting_values)],
  ]);
  const broken = Object.values(providers).filter((each) => each.status !== "ok").length;
  const parts = [database, disk, queue, loop].filter((each) => each.status !== "ok").length;
  setCounter("system", broken + parts, { bad: true });
}

function showSchedule(schedule) {
  facts("facts-schedule", [
    [t("system.enabled"), schedule.enabled ? t("word.yes") : t("word.no")],
    [t("system.next"), moment(schedule.next_run)],
    [t("system.last"), moment(schedule.last_run)],
    [
      t("system.result"),
      messageText(schedule.last_result, schedule.last_result_kind, schedule.last_result_values),
    ],
  ]);
}

function showScan(scan) {
  const isRunning = scan.status === "running";
  by("scan-cancel").hidden = !isRunning;
  by("scan-start").hidden = isRunning;
  scanBar.hidden = !isRunning;
  fillBar(scanBar, scan.percent / 100, false);
  const { report } = scan;
  facts("facts-scan", [
    [t("system.state"), t(`scan.${scan.status}`)],
    [t("scan.progress"), isRunning ? `${integer(scan.done)} / ${integer(scan.total)}` : ""],
    [t("scan.report"), report ? scanSummary(report) : ""],
    [t("scan.unreadable"), report?.unreadable.length ? report.unreadable.join(", ") : ""],
    [t("scan.error"), scan.error && messageText(scan.error.error, scan.error.kind, scan.error.values)],
  ]);
  by("scan-failures").replaceChildren(
    ...scanFailures(report).slice(0, MOST_REASONS).map((text) => make("li.hint", {}, text)),
  );
}

async function load() {
  try {
    const [health, schedule, scan, providers, tasks, problems] = await Promise.all([
      get("/health/detailed"),
      get("/api/scheduler/status"),
      get("/api/anime/scan"),
      get("/api/providers"),
      loadTasks(),
      get("/api/system/problems"),
    ]);
    showHealth(health);
    showProblems(health, tasks ?? [], problems);
    showSchedule(schedule);
    showScan(scan);
    showProviders(by("providers"), providers);
    showHosters(by("hosters"), providers);
    by("loading").hidden = true;
    by("system").hidden = false;
  } catch (error) {
    complain(error);
  }
}

function scanned(action) {
  return (event) =>
    doing(event.currentTarget, async () => {
      await action();
      showScan(await get("/api/anime/scan"));
    });
}

if (isSignedIn) {
  keepScroll();
  by("scan-start").addEventListener("click", scanned(() => post("/api/scheduler/trigger-rescan")));
  by("scan-cancel").addEventListener("click", scanned(() => call("DELETE", "/api/anime/scan")));
  by("scan-bar").append(scanBar);
  const chart = speedChart();
  const showSpeed = (all) => {
    chart.update(all);
    chart.setNow(total());
  };
  by("chart").append(chart);
  showSpeed(readings());
  onReading(showSpeed);
  socket.on("scan_progress", (scan) => {
    if (scan.status === "running") showScan({ ...scan, report: null, error: null });
  });
  const again = calmed(load, 500);
  for (const type of ["scan_complete", "scan_failed"]) socket.on(type, again);
  socket.on("task_changed", calmed(loadTasks, 100));
  onReturn(again);
  setInterval(() => document.hidden || load(), EVERY);
  get("/api/config")
    .then((config) => (reserve = config.downloads.reserve_bytes))
    .catch(complain)
    .then(load);
  get("/api/system")
    .then((system) => {
      facts("facts-versions", showVersions(system));
      facts("facts-storage", showStorage(system));
    })
    .catch(complain);
  offerLog();
}
