// Line of an episode: title, languages, state with its reason, and its menu.

import { asRow, button, icon, make, outside, say } from "../../dom.js";
import { at } from "../../context.js";
import { languageName, t } from "../../texts.js";
import { isMissing, stateOf } from "./state.js";

/** States whose chip leads to the queue; the others have a link with a name. */
const IN_QUEUE = new Set(["pending", "downloading"]);

/**
 * Create the line of an episode; it is reused when the episode changes.
 *
 * @param {object} actions what its buttons do: `queue`, `allow` and `menu`.
 */
export function makeLine(actions) {
  const [name, title, languages, stateBox] = [make("td"), make("th", { scope: "row" }), make("td"), make("td")];
  const fetch = button("", {
    "data-needs": "request",
    sign: "queue",
    kind: "small",
    shown: false,
    onclick: () => actions.queue(fetch, [episode.code]),
  });
  const more = button("", {
    sign: "more",
    kind: "small",
    shown: false,
    "aria-haspopup": "menu",
    onclick: () => actions.menu(more, episode, known),
  });
  const acts = make("td", {}, make("div.row", {}, fetch, more));
  const node = asRow(make("tr", {}, name, title, languages, stateBox, acts));
  let episode = null;
  let known = {};
  let drawn = "";

  function drawState() {
    const state = stateOf(episode, known);
    const latest = JSON.stringify(state);
    if (latest === drawn) return;
    drawn = latest;
    const chip = make(state.tone ? `span.chip.${state.tone}` : "span.chip", {}, state.sign && icon(state.sign), state.text);
    const isLink = state.link && IN_QUEUE.has(state.name);
    const parts = [isLink ? make("a", { href: state.link }, chip) : chip];
    if (state.reason) parts.push(make("p.hint", {}, state.reason));
    if (state.link && !isLink) parts.push(make("div", {}, linkOf(state)));
    if (state.allow) parts.push(allowButton(state.allow));
    stateBox.replaceChildren(...parts);
    fetch.hidden = !isMissing(episode) || Boolean(known.item);
  }

  function linkOf({ name: of, link }) {
    const label = t(`state.open.${of}`);
    const isOurs = link.startsWith(at("/"));
    const named = { "aria-label": `${label}: ${episode.code}` };
    return isOurs ? make("a.small-link", { href: link, ...named }, label) : outside(link, label);
  }

  function allowButton(tag) {
    const target = button(t("state.allow", { language: languageName(tag) }), {
      "data-needs": "control",
      kind: "small",
      onclick: () => actions.allow(target, tag),
    });
    return target;
  }

  function drawTitle() {
    if (!episode.downloaded) return title.replaceChildren(episode.title);
    const address = at(`/watch/${encodeURIComponent(actions.key)}/${episode.code}`);
    const label = t("series.watch", { code: episode.code });
    return title.replaceChildren(make("a", { href: address, title: label }, episode.title));
  }

  return {
    node,
    update(latest, latestKnown) {
      [episode, known] = [latest, latestKnown];
      say(name, episode.code);
      drawTitle();
      const file = episode.file_language;
      const others = (episode.languages ?? []).filter((tag) => tag !== file).map(languageName).join(", ");
      languages.replaceChildren(...(file ? [make("span.chip.accent", {}, languageName(file)), " "] : []), others);
      for (const [target, text] of [[fetch, "series.download"], [more, "series.menu"]]) {
        target.title = t(text, { code: episode.code });
        target.setAttribute("aria-label", target.title);
      }
      drawState();
    },
    progress({ percent, phase }) {
      if (known.item?.status !== "downloading") return;
      Object.assign(known.item.progress, { percent, phase });
      drawState();
    },
  };
}
