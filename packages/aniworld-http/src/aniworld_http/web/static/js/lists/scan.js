// The scan of the library: start, progress and result in place.

import { get, post, remove } from "../api.js";
import { bar, button, by, fillBar, make, say } from "../dom.js";
import { onReturn, socket } from "../live.js";
import { complain, doing } from "../messages.js";
import { at } from "../context.js";
import { count, integer, loadMessageTexts, messageText, sentMessage, t } from "../texts.js";

/** Milliseconds that the result stays. */
const SHOWN_FOR = 15_000;
/** Milliseconds without a message until the state of a scan is requested. */
const QUIET = 3000;

/** Return the numbers of a finished scan, such as "7 series, 1 file, 2 episodes missing". */
export function scanSummary(report) {
  return t("scan.summary", {
    series: count("job.series", report.series),
    files: count("attention.files", report.files),
    missing: count("scan.missing", report.missing),
  });
}

/** Return why series could not be refreshed, each reason with the number of series, most first. */
export function scanFailures(report) {
  const reasons = new Map();
  for (const message of Object.values(report?.failure_messages ?? {})) {
    const why = sentMessage(message);
    reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  return [...reasons]
    .sort(([, one], [, other]) => other - one)
    .map(([why, number]) => t("wanted.silent_why", { series: count("job.series", number), why }));
}

/** Set up the button *Scan* and the line with the progress. */
export function offerScan() {
  const box = by("scan-state");
  const [words, line, acts] = [make("p"), bar(0), make("div.row")];
  const stop = button(t("scan.cancel"), {
    "data-needs": "control",
    kind: "small",
    onclick: () => doing(stop, () => remove("/api/anime/scan")),
  });
  const shut = button(t("action.close"), { sign: "close", kind: "subtle small", shown: false, onclick: close });
  let timer = null;
  box.append(make("div.job", {}, words, acts, line));

  function close() {
    box.hidden = true;
  }

  function show(text, part, isEnded, ...more) {
    clearTimeout(timer);
    box.hidden = false;
    say(words, text);
    fillBar(line, part, isEnded);
    acts.replaceChildren(...more, isEnded ? shut : stop);
    timer = isEnded ? setTimeout(close, SHOWN_FOR) : setTimeout(ended, QUIET);
  }

  function progress({ status, done, total, percent }) {
    if (status !== "running") return;
    const number = total ? t("job.part", { done: integer(done), series: count("job.series", total) }) : "";
    show([t("scan.scanning"), number].filter(Boolean).join(": "), percent / 100, false);
  }

  async function failed(data) {
    await loadMessageTexts();
    const why = messageText(data.error, data.error_kind, data.error_values);
    show(t("scan.failed_why", { why }), 1, true, again());
  }

  function again() {
    return button(t("action.try_again"), { kind: "small", sign: "retry", onclick: () => by("scan").click() });
  }

  /**
   * Show the result with what could not be read, which the message does not contain. Also called
   * when nothing was heard for a while: the last progress can arrive after the end of a short scan.
   */
  async function ended() {
    try {
      const scan = await get("/api/anime/scan");
      const { status, report } = scan;
      if (status === "running") return progress(scan);
      if (status === "failed" && scan.error) {
        return failed({ error: scan.error.error, error_kind: scan.error.kind, error_values: scan.error.values });
      }
      if (!report) return close();
      const summary = scanSummary(report);
      const errors = Object.keys(report.failures).length;
      const state = status === "cancelled" ? t("scan.cancelled") : t("scan.completed");
      const why = errors ? count("scan.silent", errors) : "";
      const acted = errors ? [make("a.button.small", { href: at("/wanted") }, t("nav.wanted")), again()] : [];
      show([`${state}: ${summary}.`, why].filter(Boolean).join(" "), 1, true, ...acted);
    } catch (error) {
      complain(error);
    }
  }

  by("scan").addEventListener("click", (event) =>
    doing(event.currentTarget, async () => {
      await post("/api/anime/rescan");
      show(t("scan.scanning"), 0, false);
    }),
  );
  socket.on("scan_progress", progress);
  socket.on("scan_complete", ended);
  socket.on("scan_failed", failed);
  onReturn(async () => {
    if (!box.hidden) await ended();
  });
}
