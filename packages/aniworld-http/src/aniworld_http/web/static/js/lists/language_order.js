// An order of languages: chips with names, moved by dragging, by their buttons or by arrow keys.

import { button, make, say } from "../dom.js";
import { languageName, t } from "../texts.js";

/** The choices of the catalogues for anime. */
const USUAL = ["ger-dub", "ger-sub", "eng-dub", "eng-sub", "jpn"];
/** Further languages, spoken or as subtitles of the Japanese original. */
const OTHERS = [
  "ar", "cs", "da", "es", "fi", "fr", "hi", "hu", "id", "it", "ko", "nl", "no", "pl", "pt", "pt-BR",
  "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh",
];
/** Keys that move the chip with the focus, and by how many places. */
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };

/**
 * Create the input.
 *
 * @param {string} label its name.
 * @param {() => void} [changed] called after every change.
 * @param {object} [options] attributes of its group, such as `id`; `isNamed` shows its name.
 * @returns its node, `read()` and `write(codes)`.
 */
export function makeLanguageOrder(label, changed = () => {}, { isNamed = true, ...attributes } = {}) {
  let codes = [];
  const list = make("ol.language-order");
  const said = make("span.unseen", { role: "status" });
  const more = make("select.select", { "aria-label": t("languages.add"), onchange: add });
  const hint = make("p.hint", {}, t("languages.hint"));
  const node = make(
    "fieldset.languages",
    attributes,
    make(isNamed ? "legend" : "legend.unseen", {}, label),
    list,
    more,
    hint,
    said,
  );

  function add() {
    const code = more.value;
    codes.push(code);
    draw();
    say(said, t("languages.added", { name: languageName(code), place: codes.length }));
    more.focus();
    changed();
  }

  /** Move a language; the same button of its chip keeps the focus. */
  function move(code, to, focused = 0) {
    const place = Math.max(0, Math.min(codes.length - 1, to));
    if (place !== codes.indexOf(code)) {
      codes = codes.filter((each) => each !== code);
      codes.splice(place, 0, code);
      draw();
      list.children[place].querySelectorAll("button")[focused].focus();
      changed();
    }
    say(said, t("languages.moved", { name: languageName(code), place: place + 1, n: codes.length }));
  }

  function remove(code) {
    const place = codes.indexOf(code);
    codes = codes.filter((each) => each !== code);
    draw();
    say(said, t("languages.removed", { name: languageName(code) }));
    (list.children[Math.min(place, codes.length - 1)]?.querySelector("button:last-child") ?? more).focus();
    changed();
  }

  function chip(code, place) {
    const name = languageName(code);
    const act = (text, sign, onclick) =>
      button(t(text, { name }), { sign, kind: "subtle small", shown: false, onclick });
    const item = make(
      "li.chip",
      { draggable: "true" },
      act("languages.first", "before", () => move(code, place - 1, 0)),
      make("span", {}, name),
      act("languages.later", "after", () => move(code, place + 1, 1)),
      act("languages.remove", "close", () => remove(code)),
    );
    item.addEventListener("keydown", (event) => {
      if (event.key === "Delete") remove(code);
      else if (event.key in STEPS) {
        const focused = [...item.querySelectorAll("button")].indexOf(document.activeElement);
        move(code, place + STEPS[event.key], Math.max(0, focused));
      } else return;
      event.preventDefault();
    });
    item.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", code));
    item.addEventListener("dragover", (event) => event.preventDefault());
    item.addEventListener("drop", (event) => {
      event.preventDefault();
      const dragged = event.dataTransfer.getData("text/plain");
      if (codes.includes(dragged)) move(dragged, place);
    });
    return item;
  }

  function draw() {
    list.replaceChildren(...codes.map(chip));
    list.hidden = !codes.length;
    more.replaceChildren(
      make("option", { value: "", disabled: true, selected: true }, t("languages.add")),
      ...offered(USUAL),
      choices(t("languages.spoken"), OTHERS),
      choices(t("languages.subtitled"), OTHERS.map((code) => `ja+${code}`)),
    );
  }

  function choices(name, given) {
    return make("optgroup", { label: name }, ...offered(given.toSorted(byName)));
  }

  function offered(given) {
    return given
      .filter((code) => !codes.includes(code))
      .map((code) => make("option", { value: code }, languageName(code)));
  }

  draw();
  return {
    node,
    read: () => [...codes],
    write(given) {
      codes = [...given];
      draw();
    },
  };
}

function byName(one, other) {
  return languageName(one).localeCompare(languageName(other));
}
