// Days as texts such as "2026-11-30", without a time zone.

import { now } from "../../context.js";
import { VARIETY } from "../../texts.js";

const DAY = 86_400_000;
/** First day of the week: 1 is Monday. */
const locale = new Intl.Locale(VARIETY);
export const WEEK_START = (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;

function text(date) {
  return date.toISOString().slice(0, 10);
}

/** Return whether a text is a day of the calendar. */
export function isDay(given) {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(given) ? given : NaN);
  return !Number.isNaN(date.getTime()) && text(date) === given;
}

/** The present day in a time zone. */
export function today(zone) {
  // The Swedish format of a date is ISO 8601.
  return new Intl.DateTimeFormat("sv", { timeZone: zone }).format(now());
}

export function addDays(day, number) {
  return text(new Date(Date.parse(day) + number * DAY));
}

/** The same day of another month, or its last day. */
export function addMonths(day, number) {
  const [year, month, date] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + number, 0)).getUTCDate();
  return text(new Date(Date.UTC(year, month - 1 + number, Math.min(date, last))));
}

/** The first day of the month of a day. */
export function monthOf(day) {
  return `${day.slice(0, 7)}-01`;
}

/** The first day of the week of a day. */
export function firstOfWeek(day) {
  const weekday = new Date(day).getUTCDay();
  return addDays(day, -((weekday - WEEK_START + 7) % 7));
}

/** Every day from one to another. */
export function daysBetween(first, last) {
  const days = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}
