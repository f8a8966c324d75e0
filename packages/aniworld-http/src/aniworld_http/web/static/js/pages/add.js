// Search the catalogues and add series to the library.

import { keepScroll } from "../address.js";
import { get, post } from "../api.js";
import { button, by, empty, make, outside, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { makeRules } from "./add/rules.js";
import { complain, doing, tell } from "../messages.js";
import { seriesPath } from "../context.js";
import { count, t } from "../texts.js";
import { queueButton } from "../queue_episode.js";
import { coverOfHit, tile } from "../tile.js";
import { previewCard } from "./add/preview.js";
import { codesOf } from "../lists/wanted_codes.js";
import { offerBrowseLists } from "./add/browse.js";
import { offerFeeds } from "./add/feeds.js";
import { unanswered } from "./add/unanswered.js";
import { addLinks, linksIn, offerBookmarklet, onlyLinksIn, takeLinks } from "./add/links.js";

const rules = makeRules(() => by("query").value.trim());
let asked = 0;
let browseLists = null;

async function search(event) {
  event.preventDefault();
  const query = by("query").value.trim();
  if (!query) return;
  const links = onlyLinksIn(query);
  if (links.length > 1) return addAll(links);
  if (/^https?:\/\//i.test(query)) {
    await doing(by("go"), async () => {
      if (by("rules").open) {
        const series = await post("/api/anime/add", { link: query, list_rules: rules.get() });
        by("rules").open = false;
        tell(t(series.created ? "add.added" : "add.known", { name: series.title }));
        by("hits").replaceChildren(make("div.card.row", {}, ...after(series)));
        return;
      }
      const series = await post("/api/anime/preview", { link: query });
      browseLists?.show(false);
      by("hits").replaceChildren(previewCard(series, query, after, () => (by("rules").open ? rules.get() : undefined)));
      by("hits").querySelector("button, a.button")?.focus();
    });
    return;
  }
  asked += 1;
  const mine = asked;
  by("state").textContent = t("add.searching");
  await doing(by("go"), async () => {
    const provider = by("provider").value || undefined;
    const report = await post("/api/anime/search/report", { query, provider });
    if (mine !== asked) return;
    browseLists?.show(false);
    show(report, query);
  });
  if (by("state").textContent === t("add.searching")) by("state").textContent = "";
}

function addAll(links) {
  asked += 1;
  browseLists?.show(false);
  return doing(by("go"), () => addLinks(links));
}

function show({ hits, silent }, query) {
  // Without an answer nothing is known about the number.
  by("state").textContent = hits.length || !silent.length ? count("add.hits", hits.length) : "";
  history.replaceState(null, "", `?q=${encodeURIComponent(query)}`);
  const nothing = silent.length ? [] : [empty("search", t("add.nothing"), t("add.nothing_hint"))];
  by("hits").replaceChildren(
    ...(silent.length ? [unanswered(silent, () => by("go").form.requestSubmit())] : []),
    ...(hits.length ? hits.map((found) => hit(found)) : nothing),
  );
}

/** Offer filters for a link, and show the browse lists again when the search is empty. */
function typed() {
  const links = onlyLinksIn(by("query").value.trim());
  by("rules").hidden = links.length !== 1;
  rules.clear();
  if (by("query").value.trim()) return;
  asked += 1;
  by("state").textContent = "";
  by("hits").replaceChildren();
  history.replaceState(null, "", location.pathname);
  browseLists?.show(true);
}

function hit(found, remark = "") {
  const acts = make("div.acts.row");
  const add = button(t("add.add"), { sign: "add", kind: "primary", onclick: () => take() });
  const open = make("a.button", { href: seriesPath(found.key) }, t("add.open"));
  if (found.in_library && found.code) acts.append(queueButton(found.key, found.code, found.name));
  acts.append(found.in_library ? open : add);

  function take() {
    return doing(add, async () => {
      const body = { link: found.link, provider: found.provider };
      const series = await post("/api/anime/add", body);
      const isThere = found.code && codesOf(series.missing_episodes).includes(found.code);
      const episode = isThere ? [queueButton(series.key, found.code, series.title)] : [];
      acts.replaceChildren(...episode, ...after(series));
      acts.querySelector("button, a").focus();
      tell(t(series.created ? "add.added" : "add.known", { name: series.title }));
    });
  }

  return make(
    "li.card.hit",
    {},
    tile(found.name, coverOfHit(found)),
    make(
      "div",
      {},
      make("h2", {}, found.name),
      make(
        "p.subtitle",
        {},
        found.year ? `${found.year} · ` : "",
        outside(found.link, found.site),
      ),
      remark ? make("p.subtitle", {}, remark) : null,
      found.description ? make("p.description", {}, found.description) : null,
    ),
    acts,
  );
}

function after(series) {
  const episodes = codesOf(series.missing_episodes);
  const first = button(t("add.first"), {
    sign: "queue",
    kind: "primary",
    onclick: () => queue(first, episodes.slice(0, 1)),
  });
  const all = button(count("add.all", episodes.length), {
    sign: "queue",
    onclick: () => queue(all, episodes),
  });
  const open = make("a.button", { href: seriesPath(series.key) }, t("add.open"));
  function queue(target, wanted) {
    return doing(target, async () => {
      const { items } = await post("/api/queue/add", { serie_id: series.key, episodes: wanted });
      tell(count("queue.added", items.length));
    });
  }
  return episodes.length ? [first, all, open] : [open];
}

async function offerProviders() {
  try {
    const all = await get("/api/providers");
    const box = by("provider");
    const usable = all.filter(
      (each) => each.kind === "catalogue" && each.enabled && each.status !== "broken",
    );
    for (const each of usable) {
      box.append(make("option", { value: each.name }, each.site || each.name));
    }
    browseLists = offerBrowseLists(usable, hit);
    box.addEventListener("change", () => browseLists.choose(box.value));
    browseLists.show(!by("query").value.trim());
  } catch (error) {
    complain(error);
  }
}

if (isSignedIn) {
  keepScroll();
  by("search-form").addEventListener("submit", search);
  by("query").addEventListener("input", typed);
  offerProviders();
  takeLinks((links) => addAll(links));
  offerFeeds((links) => addAll(links));
  offerBookmarklet();
  const given = new URLSearchParams(location.search);
  const shared = ["url", "text", "title"].flatMap((name) => linksIn(given.get(name) ?? ""));
  const query = given.get("q") ?? [...new Set(shared)].join(" ");
  by("query").value = query;
  by("rules-form").append(rules.node);
  by("rules").hidden = onlyLinksIn(query).length !== 1;
  // A page of another site can open this address, so links wait for a person.
  if (onlyLinksIn(query).length) {
    say(by("state"), t("add.links.confirm"));
    by("go").focus();
  } else if (query) {
    by("search-form").requestSubmit();
  }
}
