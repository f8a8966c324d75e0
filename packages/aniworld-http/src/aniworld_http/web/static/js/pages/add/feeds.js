// Lists of feeds (OPML): import a file, and export the feeds of the library.

import { Problem, post, save } from "../../api.js";
import { button, by, make } from "../../dom.js";
import { doing, tell } from "../../messages.js";
import { t } from "../../texts.js";

/** Largest file in bytes; the server reads requests up to 1 MiB. */
const LARGEST = 900_000;
const DECLARED = /^<\?xml[^>]*[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z0-9._-]+)["']/;

/** Return whether a file is a list of feeds by its name or type. */
export function isFeedList(file) {
  return /\.(opml|xml)$/i.test(file.name) || /\b(opml|xml)\b/.test(file.type);
}

/**
 * Return the links of the feeds in a file.
 *
 * @throws {Problem} if it is too large or no OPML.
 */
export async function linksOfFeeds(file) {
  if (file.size > LARGEST) throw new Problem(413, { detail: t("add.feeds.large", { name: file.name }) });
  const { links } = await post("/api/opml/links", { opml: decoded(await file.arrayBuffer()) });
  return links;
}

/** Decode a file as its byte order mark or XML declaration says, otherwise as UTF-8. */
function decoded(content) {
  const start = new TextDecoder("latin1").decode(content.slice(0, 200));
  const isWide = { "ÿþ": "utf-16le", "þÿ": "utf-16be" }[start.slice(0, 2)];
  try {
    return new TextDecoder(isWide ?? DECLARED.exec(start)?.[1] ?? "utf-8").decode(content);
  } catch {
    return new TextDecoder().decode(content); // An encoding that the browser does not have.
  }
}

/** Show the buttons; `use` is called with the links of a file. */
export function offerFeeds(use) {
  const file = make("input", {
    type: "file",
    accept: ".opml,.xml,text/x-opml,text/xml,application/xml",
    hidden: true,
    onchange: () =>
      doing(choose, async () => {
        const [chosen] = file.files;
        file.value = ""; // The same file can be chosen again.
        if (chosen) await use(await linksOfFeeds(chosen));
      }),
  });
  const choose = button(t("add.feeds.import"), { kind: "small", onclick: () => file.click() });
  const store = button(t("add.feeds.export"), {
    kind: "small",
    onclick: () =>
      doing(store, async () => {
        await save("/api/opml", "aniworld.opml");
        tell(t("add.feeds.exported"));
      }),
  });
  by("feeds").replaceChildren(choose, store, file);
}
