// Installed providers, their state, and hoster scores.

import { asRow, bar, fillBar, make, outside } from "../../dom.js";
import { count, integer, knows, languageName, moment, percent, messageText, speed, t } from "../../texts.js";

const KINDS = { ok: "good", resting: "warn", disabled: "", needs_person: "warn", never: "" };
const ORDER = ["hoster", "language", "success", "speed", "failure"];

/** List the installed providers. */
export function showProviders(body, providers) {
  body.replaceChildren(...providers.map(row));
}

function row(each) {
  const status = stateOf(each);
  const kind = KINDS[status] ?? "bad";
  const text = knows(`provider.${status}`) ? t(`provider.${status}`) : t("provider.trouble");
  const chip = make(kind ? `span.chip.${kind}` : "span.chip", {}, text);
  return asRow(
    make(
      "tr",
      {},
      make("th", { scope: "row" }, each.name),
      make("td", {}, t(`provider.kind.${each.kind}`)),
      make("td", {}, each.site),
      make("td", {}, chip),
      make("td.hint", {}, ...details(each, status)),
    ),
  );
}

function stateOf(each) {
  const isQuiet = each.kind === "catalogue" && each.status === "ok" && !each.last_asked_at;
  return isQuiet ? "never" : each.status;
}

/** Return explanation, reason, end of the pause, and link for the state of a provider. */
function details(each, status) {
  const parts = [];
  const meaning = `provider.${status}.means`;
  if (knows(meaning)) parts.push(make("div", {}, t(meaning, { name: each.name })));
  const until = each.left_alone_until;
  if (until) parts.push(make("div", {}, t("provider.until", { time: moment(until) })));
  if (each.detail && status !== "disabled") {
    parts.push(make("div", {}, messageText(each.detail, each.detail_kind, each.detail_values)));
  }
  if (status === "ok" && each.last_asked_at) {
    parts.push(make("div", {}, t("provider.asked", { time: moment(each.last_asked_at) })));
  }
  if (each.link) parts.push(make("div", {}, outside(each.link, t("queue.open_page"))));
  return parts;
}

/** Draw the success rate of each hoster; the table contains the same data as text. */
export function showHosters(box, providers) {
  const scores = providers.flatMap((each) => each.hosters).filter((score) => score.tries > 0);
  scores.sort((a, b) => b.successes / b.tries - a.successes / a.tries || b.tries - a.tries);
  box.hosters ??= hosterTable(box);
  box.hosters(scores);
}

function hosterTable(box) {
  const body = make("tbody", { role: "rowgroup" });
  const none = make("p.hint", {}, t("hoster.none"));
  const heads = ORDER.map((name) =>
    make(
      name === "speed" ? "th.number" : "th",
      { scope: "col" },
      t(`hoster.column.${name}`),
    ),
  );
  const table = make(
    "div.table-box",
    { tabindex: "0", role: "group", "aria-labelledby": "hosters-title" },
    make(
      "table.stacked.hosters",
      { role: "table" },
      make("thead", { role: "rowgroup" }, asRow(make("tr", {}, ...heads))),
      body,
    ),
  );
  box.append(none, table);
  return (scores) => {
    none.hidden = scores.length > 0;
    table.hidden = !scores.length;
    body.replaceChildren(...scores.map(hosterRow));
  };
}

/** Return the short name of a kind of failure; kinds of plug-ins are shown unchanged. */
function failureName(kind) {
  return knows(`failure.${kind}`) ? t(`failure.${kind}`) : kind;
}

function hosterRow(score) {
  const share = score.successes / score.tries;
  const line = bar(share, { thick: true });
  fillBar(line, share, share >= 0.8);
  line.classList.toggle("poor", share < 0.5);
  const why = score.last_failure
    ? [failureName(score.last_failure), make("div", {}, moment(score.last_failed_at))]
    : [t("hoster.no_failure")];
  const words = count("hoster.score", score.tries, { won: integer(score.successes) });
  return asRow(
    make(
      "tr",
      {},
      make("th", { scope: "row" }, score.hoster),
      make("td", {}, score.language ? languageName(score.language) : "–"),
      make("td.share", {}, line, make("span.hint", {}, `${percent(share * 100)} · ${words}`)),
      make("td.number", {}, score.successes ? speed(score.speed_mbps) : "–"),
      make("td.hint", {}, ...why),
    ),
  );
}
