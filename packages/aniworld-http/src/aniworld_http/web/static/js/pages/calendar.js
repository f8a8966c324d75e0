// Calendar page: what airs, what is here, and which versions are expected, in the viewer's zone.

import { addressState } from "../address.js";
import { get, Problem } from "../api.js";
import { LANGUAGE, at } from "../context.js";
import { by, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn, socket } from "../live.js";
import { complain } from "../messages.js";
import { VARIETY, t } from "../texts.js";
import { addDays, addMonths, firstOfWeek, isDay, monthOf, today } from "./calendar/days.js";
import { entryLine, makeAgenda, makeWeek } from "./calendar/lists.js";
import { makeMonth } from "./calendar/month.js";
import { offerKeys } from "./settings/access.js";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
/** Days of the agenda. */
const AGENDA = 30;

const NARROW = matchMedia("(max-width: 40rem)").matches;
/** A day of the address is empty for the present day. */
const address = addressState(
  { view: NARROW ? ["agenda", "month", "week"] : ["month", "week", "agenda"], day: "" },
  load,
);
/** What is below the days appears with the first answer, so that nothing moves while the page loads. */
const shown = { entries: [], isLoaded: false, hasFailed: false };
const month = makeMonth({ select });
/** Number of the newest request: answers to older ones are dropped. */
let asked = 0;

/** View and day of the address. */
function state() {
  const { view, day } = address.state;
  return { view, day: isDay(day) ? day : today(ZONE) };
}

/** First and last day of the view. */
function period() {
  const { view, day } = state();
  if (view === "month") {
    const first = firstOfWeek(monthOf(day));
    return [first, addDays(first, 41)];
  }
  if (view === "week") {
    const first = firstOfWeek(day);
    return [first, addDays(first, 6)];
  }
  return [day, addDays(day, AGENDA - 1)];
}

const longMonth = new Intl.DateTimeFormat(VARIETY, { month: "long", year: "numeric", timeZone: "UTC" });
const longDay = new Intl.DateTimeFormat(VARIETY, { dateStyle: "long", timeZone: "UTC" });
const fullDay = new Intl.DateTimeFormat(VARIETY, { dateStyle: "full", timeZone: "UTC" });

function draw() {
  const [first, last] = period();
  const { view, day } = state();
  const { entries } = shown;
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  say(
    by("period"),
    view === "month" ? longMonth.format(new Date(day)) : longDay.formatRange(new Date(first), new Date(last)),
  );
  by("day-card").hidden = view !== "month" || !shown.isLoaded;
  by("feed").hidden = !shown.isLoaded;
  if (view === "month") {
    if (!month.node.isConnected) by("days").replaceChildren(month.node);
    month.show({ first, month: monthOf(day), selected: day, now: today(ZONE), entries });
    drawDay();
  } else {
    const list = view === "week" ? makeWeek : makeAgenda;
    const loading = shown.hasFailed ? [] : [make("p.loading", {}, t("frame.loading"))];
    // Before the first answer no day is known to be empty.
    const known = shown.isLoaded ? [list({ first, last, entries, now: today(ZONE) })] : loading;
    by("days").replaceChildren(...known);
  }
}

function drawDay() {
  const { day } = state();
  const found = shown.entries.filter((entry) => entry.day <= day && entry.last_day >= day);
  say(by("day-title"), fullDay.format(new Date(day)));
  by("day-entries").replaceChildren(...found.map(entryLine));
  by("day-nothing").hidden = found.length > 0;
}

/** Select a day; another month is loaded. */
function select(day) {
  const before = period()[0];
  address.set({ day: day === today(ZONE) ? "" : day }, { top: false });
  if (period()[0] === before) draw();
  else load();
}

/** Say why the days could not be read, in place of them: nothing is known about them. */
function showFailure(error) {
  if (!(error instanceof Problem)) throw error;
  if (error.kind === "offline") complain(error);
  Object.assign(shown, { entries: [], isLoaded: false, hasFailed: true });
  say(by("failed-why"), error.words);
  by("failed").hidden = false;
}

async function load() {
  const [first, last] = period();
  const number = ++asked;
  shown.entries = shown.entries.filter((entry) => entry.day <= last && entry.last_day >= first);
  by("days").setAttribute("aria-busy", "true");
  draw();
  try {
    const answer = await get(`/api/calendar?from=${first}&to=${last}&tz=${encodeURIComponent(ZONE)}`);
    if (number !== asked) return;
    shown.entries = answer.entries;
    Object.assign(shown, { isLoaded: true, hasFailed: false });
    by("failed").hidden = true;
  } catch (error) {
    if (number === asked) showFailure(error);
  } finally {
    if (number === asked) {
      draw();
      address.settle();
      by("days").setAttribute("aria-busy", "false");
    }
  }
}

function move(direction) {
  const { view, day } = state();
  if (view === "month") select(addMonths(day, direction));
  else select(addDays(day, direction * (view === "week" ? 7 : AGENDA)));
}

function show(view) {
  address.set({ view });
  load();
}

function offerFeed() {
  by("feed-tokens").replaceChildren(
    offerKeys({
      only: "calendar",
      secret: (key) => new URL(at(`/api/calendar.ics?token=${key}&lang=${LANGUAGE}`), location.href).href,
      once: t("calendar.feed_once"),
      create: t("calendar.feed_create"),
    }),
  );
}

if (isSignedIn) {
  by("before").addEventListener("click", () => move(-1));
  by("after").addEventListener("click", () => move(1));
  by("today").addEventListener("click", () => select(today(ZONE)));
  for (const button of document.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => show(button.dataset.view));
  }
  by("try-again").addEventListener("click", load);
  by("feed").addEventListener("toggle", offerFeed, { once: true });
  onLibraryChange(load);
  onReturn(load);
  socket.on("download_complete", load);
  socket.on("scan_complete", load);
  load();
}
