// An order of languages: chips with names, moved by their buttons or by dragging.

import { button, make, say } from "../dom.js";
import { languageName, t } from "../texts.js";

const OFFERED = ["ger-dub", "ger-sub", "eng-dub", "eng-sub", "jpn"];

/**
 * Create the input.
 *
 * @param {string} label its name.
 * @returns its node, `read()` and `write(codes)`.
 */
export function makeLanguageOrder(label, changed = () => {}) {
  let codes = [];
  const list = make("ol.language-order", { "aria-label": label });
  const said = make("span.unseen", { role: "status" });
  const more = make("select.select", { "aria-label": t("languages.add"), onchange: add });
  const node = make("div.stack", {}, list, more, said);

  function add() {
    codes.push(more.value);
    draw();
    changed();
  }

  function move(code, to) {
    const place = Math.max(0, Math.min(codes.length - 1, to));
    codes = codes.filter((each) => each !== code);
    codes.splice(place, 0, code);
    draw();
    list.children[place]?.querySelector("button")?.focus();
    say(said, t("languages.moved", { name: languageName(code), place: place + 1 }));
    changed();
  }

  function chip(code, place) {
    const name = languageName(code);
    const act = (text, sign, onclick) =>
      button(t(text, { name }), { sign, kind: "subtle small", shown: false, onclick });
    const item = make(
      "li.chip",
      { draggable: "true" },
      act("languages.first", "before", () => move(code, place - 1)),
      make("span", {}, name),
      act("languages.later", "after", () => move(code, place + 1)),
      act("languages.remove", "close", () => {
        codes = codes.filter((each) => each !== code);
        draw();
        more.focus();
        changed();
      }),
    );
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
    const left = OFFERED.filter((code) => !codes.includes(code));
    more.hidden = !left.length;
    more.replaceChildren(
      make("option", { value: "", disabled: true, selected: true }, t("languages.add")),
      ...left.map((code) => make("option", { value: code }, languageName(code))),
    );
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
