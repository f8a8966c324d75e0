// The totals of the queue: speed, time left and numbers, with the chart of the speed.

import { by, say } from "../../dom.js";
import { onReading, readings, total } from "../../speed.js";
import { speedChart } from "../../chart.js";
import { duration, integer, speed, t } from "../../texts.js";

/** Readings whose mean the remaining time is estimated with: half a minute. */
const STEADY = 15;
const chart = speedChart();
let known = { pending: 0, pendingBytes: null, isPaused: false, active: [] };

/** Begin with the chart of the last minutes. */
export function startTotals() {
  by("chart").append(chart);
  chart.update(readings());
  onReading((all) => {
    chart.update(all);
    showSpeed();
  });
}

/** Show the numbers of the statuses. */
export function showCounts({ pending_count: pending, completed_count: completed, failed_count: failed }) {
  say(by("total-waiting"), integer(pending));
  say(by("total-done"), integer(completed));
  say(by("total-failed"), integer(failed));
  known.pending = pending;
}

/** Take over what the remaining time depends on. */
export function setOutlook(values) {
  known = { ...known, ...values };
  showSpeed();
}

/** Show the speed of all active items, in the headline and as the last value of the chart. */
export function showSpeed() {
  const now = speed(known.isPaused ? 0 : total());
  say(by("total-speed"), now);
  chart.setNow(now);
  const seconds = timeLeft();
  say(by("total-left"), seconds === null ? "–" : t("queue.about", { time: duration(seconds) }));
}

/** Return the seconds until active and pending items are complete; `null` if unknown. */
function timeLeft() {
  const { pending, pendingBytes, isPaused, active } = known;
  if (isPaused || (!active.length && !pending) || (pending && pendingBytes === null)) return null;
  const latest = readings().slice(-STEADY).map(([, mbps]) => mbps);
  const mean = latest.length ? latest.reduce((sum, mbps) => sum + mbps, 0) / latest.length : 0;
  const rate = ((mean || total()) * 1e6) / 8;
  if (!rate) return null;
  let left = pending ? pendingBytes : 0;
  for (const { progress } of active) {
    if (progress.total_bytes === null) return null;
    left += progress.total_bytes * (1 - progress.percent / 100);
  }
  const slowest = Math.max(0, ...active.map(({ progress }) => progress.eta_seconds ?? 0));
  return coarse(Math.max(slowest, left / rate));
}

/** Round an estimate: seconds below two minutes, minutes below two hours, then ten minutes. */
function coarse(seconds) {
  const step = seconds < 120 ? 1 : seconds < 7200 ? 60 : 600;
  return Math.ceil(seconds / step) * step;
}
