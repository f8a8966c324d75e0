// Add the series of several links: pasted, dropped, shared or sent by the bookmarklet.

import { Problem, post } from "../../api.js";
import { by, make, say } from "../../dom.js";
import { at, seriesPath } from "../../context.js";
import { count, t } from "../../texts.js";
import { complain } from "../../messages.js";
import { isFeedList, linksOfFeeds } from "./feeds.js";

const LINK = /^https?:\/\/\S+$/i;

/** Return the links of a text, each once; empty if it has other words too. */
export function onlyLinksIn(text) {
  const words = text.split(/\s+/).filter(Boolean);
  return words.every((word) => LINK.test(word)) ? [...new Set(words)] : [];
}

/** Return all links of a text, each once; other words and comments are left out. */
export function linksIn(text) {
  const lines = text.split(/[\r\n]+/).filter((line) => !line.trim().startsWith("#"));
  return [...new Set(lines.join(" ").split(/\s+/).filter((word) => LINK.test(word)))];
}

/** Add the series of links one after the other and show the result of each. */
export async function addLinks(links) {
  const rows = links.map((link) => row(link));
  by("hits").replaceChildren(...rows.map((each) => each.node));
  let failed = 0;
  for (const [place, link] of links.entries()) {
    say(by("state"), t("add.links.progress", { n: place + 1, total: links.length }));
    try {
      const series = await post("/api/anime/add", { link });
      rows[place].succeed(series);
    } catch (error) {
      if (!(error instanceof Problem) || error.status === 401) return complain(error);
      failed += 1;
      rows[place].fail(error.words);
    }
  }
  const added = count("add.links.done", links.length - failed);
  say(by("state"), failed ? `${added} ${count("add.links.failed", failed)}` : added);
}

function row(link) {
  const state = make("p.subtitle", {}, t("add.links.waiting"));
  const acts = make("div.acts.row");
  const node = make("li.card.row.link", {}, make("div", {}, make("p", {}, link), state), acts);
  return {
    node,
    succeed(series) {
      say(state, t(series.created ? "add.added" : "add.known", { name: series.title }));
      acts.append(make("a.button", { href: seriesPath(series.key) }, t("add.open")));
    },
    fail(reason) {
      state.classList.add("bad");
      say(state, reason);
    },
  };
}

/** Accept links that are pasted into the field or dropped anywhere on the page. */
export function takeLinks(use) {
  by("query").addEventListener("paste", (event) => {
    const links = onlyLinksIn(event.clipboardData?.getData("text/plain") ?? "");
    if (links.length < 2) return; // The field takes a single link.
    event.preventDefault();
    use(links);
  });
  addEventListener("dragover", (event) => {
    if (hasLinks(event.dataTransfer)) event.preventDefault();
  });
  addEventListener("drop", async (event) => {
    if (!hasLinks(event.dataTransfer)) return;
    event.preventDefault();
    try {
      const links = await linksOf(event.dataTransfer);
      if (links.length) use(links);
      else say(by("state"), t("add.links.none"));
    } catch (error) {
      complain(error);
    }
  });
}

function hasLinks(transfer) {
  return ["text/uri-list", "text/plain", "Files"].some((type) => transfer?.types.includes(type));
}

async function linksOf(transfer) {
  const text = transfer.getData("text/uri-list") || transfer.getData("text/plain");
  const files = [...transfer.files]; // Gone when the event has ended.
  const links = linksIn(text);
  for (const file of files) {
    if (isFeedList(file)) links.push(...(await linksOfFeeds(file)));
    else if (file.type.startsWith("text/")) links.push(...linksIn(await file.text()));
  }
  return [...new Set(links)];
}

/** Give the bookmarklet the address of this server. */
export function offerBookmarklet() {
  const target = JSON.stringify(new URL(at("/add"), location.origin).href);
  const mark = by("bookmarklet");
  mark.href = `javascript:location.href=${target}+"?url="+encodeURIComponent(location.href)`;
  mark.addEventListener("click", (event) => {
    event.preventDefault();
    say(by("state"), t("add.bookmarklet.hint"));
  });
}
