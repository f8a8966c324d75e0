// What is installed, and how the hosters have done.

import { bar, make } from "../dom.js";
import { count, languageName, moment, speed, t } from "../texts.js";

const KINDS = { ok: "good", resting: "warn", disabled: "", broken: "bad" };

/** List what is installed. */
export function showProviders(body, providers) {
  body.replaceChildren(
    ...providers.map((each) => {
      const kind = KINDS[each.status];
      const chip = make(kind ? `span.chip.${kind}` : "span.chip", {}, t(`provider.${each.status}`));
      const until = each.left_alone_until;
      return make(
        "tr",
        {},
        make("th", { scope: "row" }, each.name),
        make("td", {}, t(`provider.kind.${each.kind}`)),
        make("td", {}, each.site),
        make("td", {}, chip),
        make("td.hint", {}, until ? t("provider.until", { time: moment(until) }) : each.detail),
      );
    }),
  );
}

/** Draw how often each hoster succeeded. */
export function showHosters(box, providers) {
  const scores = providers.flatMap((each) => each.hosters).filter((score) => score.tries > 0);
  scores.sort((a, b) => b.successes / b.tries - a.successes / a.tries || b.tries - a.tries);
  box.replaceChildren(
    ...scores.map((score) => {
      const share = score.successes / score.tries;
      const language = score.language ? ` · ${languageName(score.language)}` : "";
      const words = count("hoster.score", score.tries, { won: score.successes });
      const why = score.last_failure ? make("div.hint", {}, score.last_failure) : null;
      return make(
        "li.score",
        {},
        make("span", {}, score.hoster + language, why),
        bar(share, { thick: true }),
        make("span.hint", {}, `${words} · ${speed(score.speed_mbps)}`),
      );
    }),
  );
  if (!scores.length) box.append(make("li.hint", {}, t("hoster.none")));
}
