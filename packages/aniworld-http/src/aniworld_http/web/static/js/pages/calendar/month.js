// The month as a grid of days that arrow keys move through.

import { make } from "../../dom.js";
import { listKeys } from "../../frame/shortcuts.js";
import { VARIETY, count, languageName, timeOfDay } from "../../texts.js";
import { addDays, addMonths, firstOfWeek } from "./days.js";

/** Entries in a cell; the selected day lists all below the grid. */
const SHOWN = 3;
const WEEKS = 6;
const weekday = new Intl.DateTimeFormat(VARIETY, { weekday: "short", timeZone: "UTC" });
const longWeekday = new Intl.DateTimeFormat(VARIETY, { weekday: "long", timeZone: "UTC" });
const fullDay = new Intl.DateTimeFormat(VARIETY, { dateStyle: "full", timeZone: "UTC" });

listKeys(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"], "keys.day");
listKeys(["PageUp", "PageDown"], "keys.month");

/** Days to move by key. */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/**
 * Create the grid.
 *
 * @param {{select: (day: string) => void}} actions `select` gets the day that was chosen.
 */
export function makeMonth({ select }) {
  const head = make("tr");
  const body = make("tbody");
  const node = make(
    "table.month",
    { role: "grid", "aria-labelledby": "period", onkeydown: press },
    make("thead", {}, head),
    body,
  );
  let wasPressed = false;

  function press(event) {
    const day = event.target.closest("[data-day]")?.dataset.day;
    if (!day || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = target(event.key, day);
    if (!next) return;
    event.preventDefault();
    wasPressed = true;
    select(next);
  }

  function target(key, day) {
    if (key in STEPS) return addDays(day, STEPS[key]);
    if (key === "Home") return firstOfWeek(day);
    if (key === "End") return addDays(firstOfWeek(day), 6);
    if (key === "PageUp") return addMonths(day, -1);
    if (key === "PageDown") return addMonths(day, 1);
    return null;
  }

  function show({ first, month, selected, now, entries }) {
    head.replaceChildren(...[0, 1, 2, 3, 4, 5, 6].map((index) => headCell(addDays(first, index))));
    const rows = [];
    for (let week = 0; week < WEEKS; week += 1) {
      const days = [0, 1, 2, 3, 4, 5, 6].map((index) => addDays(first, week * 7 + index));
      rows.push(make("tr", {}, ...days.map((day) => cell(day, { month, selected, now, entries }))));
    }
    const hadFocus = wasPressed || node.contains(document.activeElement);
    body.replaceChildren(...rows);
    if (hadFocus) body.querySelector(`[data-day="${selected}"]`)?.focus();
    wasPressed = false;
  }

  function cell(day, { month, selected, now, entries }) {
    const found = entries.filter((entry) => entry.day <= day && entry.last_day >= day);
    const isOther = day.slice(0, 7) !== month.slice(0, 7);
    const label = `${fullDay.format(new Date(day))}, ${count("calendar.entries", found.length)}`;
    const more = found.length - SHOWN;
    return make(
      "td",
      { "aria-selected": String(day === selected) },
      make(
        isOther ? "button.day.other" : "button.day",
        {
          type: "button",
          tabindex: day === selected ? "0" : "-1",
          "data-day": day,
          "aria-label": label,
          "aria-current": day === now ? "date" : null,
          onclick: () => select(day),
        },
        make("span.number", {}, String(Number(day.slice(8)))),
      ),
      // The name of the button has their number, and the list below the grid has all of them.
      make(
        "div.marks",
        { "aria-hidden": "true" },
        ...found.slice(0, SHOWN).map(mark),
        more > 0 ? make("span.more", {}, `+${more}`) : null,
      ),
    );
  }

  return { node, show };
}

function headCell(day) {
  const date = new Date(day);
  return make("th", { scope: "col", abbr: longWeekday.format(date) }, weekday.format(date));
}

function mark(entry) {
  const isVersion = entry.kind === "version";
  const words = isVersion
    ? `${entry.name} ${entry.code} ${languageName(entry.language)}`
    : `${timeOfDay(new Date(entry.at))} ${entry.name} ${entry.code}`;
  return make(
    "span.mark",
    { "data-state": isVersion ? "version" : entry.state },
    make("span", {}, words),
  );
}
