// Dialogs of an episode: its history, and its last attempt.

import { Problem, get, page } from "../../api.js";
import { button, icon, make, outside } from "../../dom.js";
import { complain } from "../../messages.js";
import { technical } from "../../frame/technical.js";
import { failureText, instant, knows, languageName, messageText, moment, t } from "../../texts.js";

/** Newest entries of an episode that are shown. */
const MOST_ENTRIES = 100;
/** Newest log lines that are shown. */
const MOST_LINES = 60;

function dialogOf(title, ...children) {
  const dialog = make(
    "dialog.wide",
    { "aria-labelledby": "dialog-title" },
    make("h2", { id: "dialog-title" }, title),
    ...children,
    make("div.row.end", {}, button(t("action.close"), { onclick: () => dialog.close() })),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Show what happened to an episode, newest first. */
export async function showHistory(key, episode) {
  const list = make("ul.items", { "aria-live": "polite" }, make("li.hint", {}, t("frame.loading")));
  dialogOf(t("menu.history_of", { code: episode.code }), list);
  try {
    const query = new URLSearchParams({ key, season: episode.season, episode: episode.episode, limit: MOST_ENTRIES });
    const { rows } = await page(`/api/history?${query}`);
    list.replaceChildren(...(rows.length ? rows.map(entryLine) : [make("li.hint", {}, t("history.nothing"))]));
  } catch (error) {
    complain(error);
  }
}

function entryLine(entry) {
  const kind = `history.kind.${entry.kind}`;
  const by = knows(`history.by.${entry.by}`) ? t(`history.by.${entry.by}`) : entry.by;
  const detail = messageText(entry.detail, entry.detail_kind, entry.detail_values);
  return make(
    "li.item.entry",
    {},
    make("span.chip", {}, knows(kind) ? t(kind) : entry.kind),
    make("div.what", {}, detail || entry.file || entry.title, make("div.meta", {}, [moment(entry.at), by].filter(Boolean).join(" · "))),
  );
}

/** Show the last attempt at an episode: its result, and its lines in the log. */
export async function showAttempt(key, episode, item) {
  const lines = make("ol.attempt", { "aria-live": "polite" }, make("li.hint", {}, t("frame.loading")));
  dialogOf(t("menu.attempt_of", { code: episode.code }), facts(item), item?.error ? technicalOf(key, episode, item) : "", make("h3", {}, t("attempt.log")), lines);
  try {
    const query = new URLSearchParams({ search: `${key} ${episode.code}`, level: "INFO", limit: String(MOST_LINES) });
    const records = await get(`/api/logs?${query}`);
    lines.replaceChildren(...(records.length ? records.map(logLine) : [make("li.hint", {}, t("attempt.no_log"))]));
  } catch (error) {
    if (error instanceof Problem && error.status === 403) lines.replaceChildren(make("li.hint", {}, error.message));
    else complain(error);
  }
}

function logLine({ at, level, message }) {
  const isBad = level === "ERROR" || level === "WARNING" || level === "CRITICAL";
  return make("li", {}, make("time", {}, instant(at)), " ", isBad ? icon("warn") : null, " ", message);
}

function technicalOf(key, episode, item) {
  const source = [item.provider, item.hoster, item.language].filter(Boolean).join(" · ");
  return technical([`${key} ${episode.code}`, item.error_kind, item.error, source, item.started_at, `retry_count: ${item.retry_count}`]);
}

function facts(item) {
  if (!item) return make("p.hint", {}, t("attempt.none"));
  const found = [
    ["result", item.error ? failureText(item.error, item.error_kind, item.error_values) : t(`state.${item.status === "downloading" ? "running" : item.status}`)],
    ["started", item.started_at && moment(item.started_at)],
    ["attempts", item.started_at && String(item.retry_count + 1)],
    ["next", item.not_before && moment(item.not_before)],
    ["hoster", item.hoster],
    ["catalogue", item.provider],
    ["language", item.language && languageName(item.language)],
  ];
  return make(
    "dl.facts",
    {},
    ...found
      .filter(([, value]) => value)
      .flatMap(([name, value]) => [make("dt", {}, t(`attempt.${name}`)), make("dd", {}, value)]),
    ...(item.link ? [make("dt", {}, t("attempt.page")), make("dd", {}, outside(item.link, t("state.open.needs_person")))] : []),
  );
}
