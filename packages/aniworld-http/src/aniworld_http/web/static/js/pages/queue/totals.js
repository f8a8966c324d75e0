// The totals of the queue: speed, time left and numbers, with the chart of the speed.

import { by, say } from "../../dom.js";
import { remaining } from "../../lists/progress.js";
import { onReading, readings, total } from "../../speed.js";
import { speedChart } from "../../chart.js";
import { duration, integer, speed, t } from "../../texts.js";

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
  const now = known.isPaused ? 0 : total();
  say(by("total-speed"), speed(now));
  chart.setNow(now);
  const seconds = timeLeft();
  say(by("total-left"), seconds === null ? "–" : t("queue.about", { time: duration(seconds) }));
}

/**
 * Return the seconds until active and pending items are complete at the present speed; `null` if
 * unknown. Active items whose size is not known yet are left out.
 */
function timeLeft() {
  const { pending, pendingBytes, isPaused, active } = known;
  const rate = (total() * 1e6) / 8;
  if (isPaused || !rate || (pending && pendingBytes === null)) return null;
  const whole = active.reduce((sum, item) => sum + remaining(item.progress), pending ? pendingBytes : 0);
  return whole > 0 ? coarse(whole / rate) : null;
}

/** Round an estimate: seconds below two minutes, minutes below two hours, then ten minutes. */
function coarse(seconds) {
  const step = seconds < 120 ? 1 : seconds < 7200 ? 60 : 600;
  return Math.ceil(seconds / step) * step;
}
