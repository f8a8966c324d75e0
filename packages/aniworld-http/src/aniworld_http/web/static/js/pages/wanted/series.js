// One series with missing episodes: which, what becomes of them, and what can be done.

import { patch, post } from "../../api.js";
import { button, make } from "../../dom.js";
import { codesOf, seasonsOf } from "../../lists/wanted_codes.js";
import { doing, tell } from "../../messages.js";
import { at, seriesPath } from "../../context.js";
import { count, seasonName, sentMessage, t } from "../../texts.js";
import { coverOfSeries, tile } from "../../tile.js";

const MOST_CODES = 12;

/** Create the line of a series; `changed` is called when something was done. */
export function seriesLine({ series, queued, failed, failure }, changed) {
  const episodes = codesOf(series.missing_episodes);
  const rest = episodes.length - queued;
  const fetch = button(t("wanted.download"), {
    "data-needs": "request",
    sign: "queue",
    kind: "small",
    "aria-label": `${t("wanted.download")}: ${series.name}`,
    disabled: rest === 0,
    onclick: () =>
      doing(fetch, async () => {
        const { items } = await post("/api/queue/add", { serie_id: series.key, episodes });
        tell(count("queue.added", items.length), { action: make("a", { href: at("/queue") }, t("nav.queue")) });
        await changed();
      }),
  });
  const monitor = button(t("bulk.monitor"), {
    "data-needs": "control",
    kind: "small",
    "aria-label": `${t("bulk.monitor")}: ${series.name}`,
    onclick: () =>
      doing(monitor, async () => {
        await patch(`/api/anime/${encodeURIComponent(series.key)}`, { monitored: true });
        await changed();
      }),
  });
  const link = make("a", { href: seriesPath(series.key) }, series.name);
  return make(
    "li.wanted-series",
    {},
    tile(series.name, coverOfSeries(series)),
    make(
      "div",
      {},
      make("h3", {}, link),
      make("p.hint", {}, missingText(series.missing_episodes)),
      make("p.hint", {}, ...stateOf({ series, queued, failed, failure, rest })),
    ),
    make("div.row", {}, series.monitored ? null : monitor, fetch),
  );
}

function missingText(missing) {
  return seasonsOf(missing)
    .map(([season, numbers]) => {
      const some = numbers.slice(0, MOST_CODES).join(", ");
      const more = numbers.length - MOST_CODES;
      return `${seasonName(season)}: ${some}${more > 0 ? ` ${count("wanted.more", more)}` : ""}`;
    })
    .join(" · ");
}

/** Say what becomes of the missing episodes. */
function stateOf({ series, queued, failed, failure, rest }) {
  const parts = [];
  if (queued) parts.push(make("a", { href: at("/queue") }, count("wanted.queued", queued)));
  if (failed) {
    const why = failure ? sentMessage(failure) : "";
    parts.push(make("span.problem", {}, count("wanted.failed", failed, { why })));
  }
  if (!series.monitored) parts.push(t("wanted.unmonitored"));
  else if (rest > failed) parts.push(count("wanted.not_queued", rest - failed));
  return parts.flatMap((part, index) => (index ? [" · ", part] : [part]));
}
