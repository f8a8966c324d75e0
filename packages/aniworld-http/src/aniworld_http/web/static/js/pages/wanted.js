// Wanted page: episodes that are missing, announced, or need action.

import { addressState } from "../address.js";
import { get, page } from "../api.js";
import { button, by, calmed, empty, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn, socket } from "../live.js";
import { complain } from "../messages.js";
import { confirmJob, offerJobs } from "../lists/jobs.js";
import { makePager } from "../lists/pager.js";
import { offerScan } from "../lists/scan.js";
import { count, moment, t } from "../texts.js";
import { scanFailures } from "../lists/scan.js";
import { showItems, showUpgrades } from "./wanted/items.js";
import { seriesLine } from "./wanted/series.js";

/** Series of a page, and lines of the other cards. */
const ROWS = 50;
const FEW = 20;
const LATER = "not_yet_available";
const PERSON = "needs_person";
/** Reasons that are named when catalogues did not answer. */
const MOST_REASONS = 3;

const address = addressState({ search: "", sort: ["name", "missing", "added"], page: 1 }, draw);
const { state } = address;
const pager = makePager(ROWS, (number) => change({ page: number }, { push: true }));
const showJob = isSignedIn ? offerJobs(by("jobs"), () => load()) : () => {};
/** Number of the newest request: answers to older ones are dropped. */
let asked = 0;

function change(values, options) {
  address.set(values, options);
  return draw();
}

/** Show the state of the address in the fields, and load its series. */
function draw() {
  if (document.activeElement !== by("needle")) by("needle").value = state.search;
  by("sort").value = state.sort;
  return load();
}

async function load() {
  const mine = ++asked;
  const { search, sort, page: number } = state;
  const query = new URLSearchParams({ search, sort, limit: ROWS, offset: (number - 1) * ROWS });
  const totalsOf = new URLSearchParams({ filter: "missing", search });
  const items = (filter) => page(`/api/queue/items?limit=${FEW}&${filter}`);
  try {
    const [series, totals, person, later, failed, scan, schedule] = await Promise.all([
      page(`/api/library/wanted?${query}`),
      get(`/api/anime/totals?${totalsOf}`),
      items(`status=failed&error_kind=${PERSON}`),
      items(`status=failed&status=pending&error_kind=${LATER}`),
      items(`status=failed&error_kind_not=${PERSON}&error_kind_not=${LATER}`),
      get("/api/anime/scan"),
      get("/api/scheduler/status"),
    ]);
    if (mine !== asked || !pager.show(number, series.total)) return;
    showItems(by("person-card"), person, load);
    showItems(by("later-card"), later, load);
    showItems(by("failed-card"), failed, load);
    showMissing(series.rows, totals);
    showSilent(!series.total, scan, schedule);
    address.settle();
  } catch (error) {
    complain(error);
  }
}

function showMissing(rows, totals) {
  say(by("amount"), count("wanted.amount", totals.missing, { series: count("job.series", totals.series) }));
  by("loading").hidden = true;
  by("wanted").hidden = false;
  by("missing").replaceChildren(...rows.map((row) => seriesLine(row, load)));
  by("download-all").toggleAttribute("data-absent", !rows.length);
}

/**
 * Say which series could not be refreshed at the last scan, and why: what is missing of them is
 * unknown. "Nothing is missing" is said only if all of them were read.
 */
function showSilent(isEmpty, scan, schedule) {
  const reasons = scanFailures(scan.report);
  const box = by("silent");
  box.hidden = !reasons.length;
  box.querySelector("ul").replaceChildren(
    ...reasons.slice(0, MOST_REASONS).map((text) => make("li", {}, text)),
  );
  by("nothing").hidden = !isEmpty;
  if (!isEmpty) return;
  const isNever = !scan.ended_at && !schedule.last_run;
  const text = state.search
    ? t("wanted.no_hits")
    : reasons.length
      ? t("wanted.nothing_known")
      : isNever
        ? t("wanted.never_scanned")
        : t("wanted.nothing");
  const next = schedule.next_run ? t("wanted.next_scan", { time: moment(schedule.next_run) }) : t("wanted.no_schedule");
  by("nothing").replaceChildren(
    empty(
      reasons.length ? "warn" : state.search ? "search" : "check",
      text,
      state.search ? "" : next,
      state.search ? button(t("library.show_all"), { onclick: () => change({ search: "" }) }) : null,
    ),
  );
}

async function downloadAll() {
  const selection = { filter: "missing", search: state.search };
  const body = { kind: "download", monitored_only: true, selection };
  const job = await confirmJob(body, { yes: t("bulk.download") });
  if (job) showJob(job);
}

async function loadUpgrades() {
  try {
    showUpgrades(await page(`/api/library/upgrades?limit=${FEW}`), () => Promise.all([load(), loadUpgrades()]));
  } catch (error) {
    complain(error);
  }
}

if (isSignedIn) {
  by("missing-card").append(pager.node);
  by("needle").addEventListener("input", calmed(() => change({ search: by("needle").value.trim() }), 250));
  by("sort").addEventListener("change", () => change({ sort: by("sort").value }));
  by("download-all").addEventListener("click", downloadAll);
  by("try-again").addEventListener("click", () => by("scan").click());
  offerScan();
  const again = calmed(load, 500);
  for (const type of ["download_complete", "download_failed", "scan_complete"]) socket.on(type, again);
  onLibraryChange(again);
  onReturn(again);
  // Their list is read from all series, so rarely.
  const upgradesAgain = calmed(loadUpgrades, 5000);
  for (const type of ["download_complete", "scan_complete"]) socket.on(type, upgradesAgain);
  draw();
  loadUpgrades();
}
