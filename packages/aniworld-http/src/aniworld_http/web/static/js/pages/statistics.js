// Statistics page: size of the library, downloads per week, languages, hosters and the disk.

import { addressState } from "../address.js";
import { get } from "../api.js";
import { by, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onReturn } from "../live.js";
import { complain } from "../messages.js";
import { VARIETY, bytes, count, integer, languageName, moment, percent, speed, t } from "../texts.js";
import { bars, line, shares } from "./statistics/plots.js";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const PERIODS = ["12", "26", "52", "104"];
const address = addressState({ weeks: PERIODS }, () => {
  by("weeks").value = address.state.weeks;
  load();
});
const dates = new Intl.DateTimeFormat(VARIETY, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const SPANS = [
  [730, 365, "years"],
  [60, 30, "months"],
  [14, 7, "weeks"],
];

/** Format a date such as `2026-11-21`, so that it stays in one line. */
function day(text) {
  return dates.format(new Date(`${text}T00:00:00Z`)).replaceAll(" ", "\u00a0");
}

function row(head, ...values) {
  return make("tr", {}, make("th", { scope: "row" }, head), ...values.map((value) => make("td.number", {}, value)));
}

function fill(id, rows, sum) {
  by(`${id}-rows`).replaceChildren(...rows);
  if (sum) by(`${id}-sum`).replaceChildren(sum);
}

function showLibrary({ library, forecast }) {
  const facts = [
    [t("statistics.series"), integer(library.series)],
    [t("statistics.column.episodes"), integer(library.episodes)],
    [t("statistics.missing"), integer(library.missing)],
    [t("statistics.column.bytes"), bytes(library.bytes)],
    [t("statistics.free"), bytes(forecast.free_bytes)],
  ];
  by("library-facts").replaceChildren(
    ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
  say(by("forecast"), forecastText(forecast));
  const rate = forecast.bytes_per_day;
  const values = { n: forecast.measured_days, amount: bytes(Math.max(rate ?? 0, 0)) };
  say(by("forecast-why"), rate === null ? "" : t("statistics.forecast.why", values));
}

function forecastText({ kind, days, measured_days, needed_days }) {
  if (kind === "full_in") return t("statistics.forecast.full_in", { time: spanText(days) });
  return t(`statistics.forecast.${kind}`, { n: measured_days, needed: needed_days });
}

/** Return a number of days in the largest unit of which there are at least two. */
function spanText(days) {
  const span = SPANS.find(([least]) => days >= least);
  return span ? count(`statistics.${span[2]}`, Math.round(days / span[1])) : count("statistics.days", days);
}

function showSizes({ sizes }) {
  fill("sizes", [...sizes].reverse().map((each) => row(day(each.day), integer(each.episodes), bytes(each.bytes))));
  const points = sizes.map((each) => ({ name: day(each.day), value: each.bytes, text: bytes(each.bytes) }));
  line(by("sizes-plot"), t("statistics.sizes"), points);
}

function weekName({ start, is_current }) {
  return is_current ? t("statistics.this_week", { day: day(start) }) : day(start);
}

function showWeeks({ weeks, downloads }) {
  const newest = [...weeks].reverse();
  const numbers = ({ completed, upgraded, failed }) => [completed, upgraded, failed].map(integer);
  const sum = t("statistics.sum");
  fill("episodes", newest.map((each) => row(weekName(each), ...numbers(each))), row(sum, ...numbers(downloads)));
  fill("bytes", newest.map((each) => row(weekName(each), bytes(each.bytes))), row(sum, bytes(downloads.bytes)));
  const points = (name, text) =>
    weeks.map((each) => ({ name: day(each.start), value: each[name], text: text(each[name]) }));
  bars(by("episodes-plot"), t("statistics.episodes"), points("completed", integer));
  bars(by("bytes-plot"), t("statistics.bytes"), points("bytes", bytes));
}

function shareName(share, unknown, known = String) {
  if (share.name === null) return count("statistics.others", share.others);
  return share.name === "" ? t(unknown) : known(share.name);
}

function showLanguages({ languages, downloads }) {
  const used = languages.filter((each) => each.completed);
  const name = (each) => shareName(each, "statistics.no_language", languageName);
  const rows = used.map((each) => row(name(each), integer(each.completed), bytes(each.bytes)));
  fill("languages", rows, row(t("statistics.sum"), integer(downloads.completed), bytes(downloads.bytes)));
  const points = used.map((each) => ({ name: name(each), value: each.completed, text: integer(each.completed) }));
  shares(by("languages-plot"), t("statistics.languages"), points);
}

function showHosters({ hosters, downloads }) {
  const name = (each) => shareName(each, "statistics.no_hoster");
  const success = (each) => (each.success === null ? "–" : percent(each.success * 100));
  const pace = (each) => (each.speed_mbps === null ? "–" : speed(each.speed_mbps));
  fill(
    "hosters",
    hosters.map((each) => row(name(each), integer(each.completed), integer(each.failed), success(each), pace(each))),
    row(t("statistics.sum"), integer(downloads.completed), integer(downloads.failed), "", ""),
  );
  const points = hosters.map((each) => ({ name: name(each), value: each.success ?? 0, text: success(each) }));
  shares(by("hosters-plot"), t("statistics.success"), points, 1);
}

async function load() {
  try {
    const weeks = by("weeks").value;
    const view = await get(`/api/statistics?${new URLSearchParams({ weeks, tz: ZONE })}`);
    if (weeks !== by("weeks").value) return;
    showLibrary(view);
    showSizes(view);
    by("none").hidden = view.since !== null;
    by("downloads").hidden = view.since === null;
    if (view.since !== null) {
      showWeeks(view);
      showLanguages(view);
      showHosters(view);
    }
    const since = view.since === null ? "" : t("statistics.since", { time: moment(view.since) });
    say(by("rule"), [t("statistics.rule", { zone: ZONE }), since].filter(Boolean).join(" "));
    by("loading").hidden = true;
    by("statistics").hidden = false;
    address.settle();
  } catch (error) {
    complain(error);
  }
}

if (isSignedIn) {
  by("weeks").value = address.state.weeks;
  by("weeks").addEventListener("change", () => {
    address.set({ weeks: by("weeks").value });
    load();
  });
  onReturn(load);
  load();
}
