// Why an item failed or waits: a sentence with cause and remedy, and the details for a report.

import { outside } from "../../dom.js";
import { technical } from "../../frame/technical.js";
import { code, failureText, knows, sentMessage, t } from "../../texts.js";

/** Show the reason of an item; the element stays as it is while the reason is the same. */
export function showReason(why, item) {
  const text = reasonOf(item);
  const seen = `${item.status} ${text}`;
  why.hidden = !text;
  if (why.dataset.seen === seen) return;
  why.dataset.seen = seen;
  why.classList.toggle("calm", !item.error);
  const page = item.error_kind === "needs_person" ? item.link : null;
  why.replaceChildren(
    text,
    ...(page ? [" ", outside(page, t("queue.open_page"))] : []),
    ...(item.error ? [technical(report(item))] : []),
  );
}

function reasonOf(item) {
  if (item.error) return [failureText(item.error, item.error_kind, item.error_values), remedyOf(item)].join(" ").trim();
  const sent = item.notice_messages ?? [];
  if (sent.length) return t("queue.notices", { notices: sent.map(sentMessage).join(" · ") });
  return item.reason ? sentMessage(item.reason) : "";
}

/** What happens without a person, or what a person can do where the failure itself does not say it. */
function remedyOf(item) {
  if (item.status !== "failed") return t("queue.retries_itself");
  const isSaid = item.error_kind === "needs_person" || knows(`message.${item.error_kind}.hint`);
  return isSaid ? "" : t("queue.remedy");
}

/** Return the technical lines about a failure. */
function report(item) {
  return [
    `${item.serie_id} ${code(item.episode.season, item.episode.episode)}`,
    `${item.error_kind}: ${item.error}`,
    `values: ${JSON.stringify(item.error_values)}`,
    `hoster: ${item.hoster || "-"}, provider: ${item.provider || "-"}, language: ${item.language ?? "-"}`,
    `attempts: ${item.retry_count + 1}, started: ${item.started_at ?? "-"}, ended: ${item.completed_at ?? "-"}`,
    `item: ${item.id}`,
  ];
}
