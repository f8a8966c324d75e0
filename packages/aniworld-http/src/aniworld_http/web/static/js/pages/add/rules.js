// Filters and numbering of a channel, playlist or feed, with a preview of what they take.

import { post } from "../../api.js";
import { button, make, outside } from "../../dom.js";
import { doing } from "../../messages.js";
import { code, count, day, duration, messageText, t } from "../../texts.js";

const SEASONS = ["site", "one", "year"];
const ORDERS = ["uploaded", "list", "reversed"];
const MINUTE = 60;

let forms = 0;

function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

function number(field, factor = 1) {
  return field.value === "" ? null : Math.round(Number(field.value) * factor);
}

/** Create the fields of the rules, with the methods to set and to read them. */
function makeFields() {
  forms += 1;
  const id = (name) => `rules-${forms}-${name}`;
  const patterns = (name) => make("textarea.input", { id: id(name), rows: "2", maxlength: "10000", "aria-describedby": id("patterns") });
  const date = (name) => make("input.input", { id: id(name), type: "date" });
  const amount = (name, max, step) => make("input.input", { id: id(name), type: "number", min: "0", max: String(max), step, inputmode: "decimal" });
  const select = (name, values) =>
    make("select.select", { id: id(name) }, ...values.map((value) => make("option", { value }, t(`rules.${name}.${value || "default"}`))));
  const check = () => make("input", { type: "checkbox" });
  const part = {
    include: patterns("include"),
    exclude: patterns("exclude"),
    from: date("from"),
    until: date("until"),
    min: amount("min", 16000, "any"),
    max: amount("max", 16000, "any"),
    newest: amount("newest", 100000, "1"),
    seasons: select("seasons", ["", ...SEASONS]),
    order: select("order", ORDERS),
    live: check(),
    shorts: check(),
  };
  const field = (name) => make("div.field", {}, make("label", { for: id(name) }, t(`rules.${name}`)), part[name]);
  const node = make(
    "div.rules-fields",
    {},
    ...["include", "exclude", "from", "until", "min", "max", "newest", "seasons", "order"].map(field),
    make(
      "div.rules-checks",
      {},
      make("label.check", {}, part.live, t("rules.live")),
      make("label.check", {}, part.shorts, t("rules.shorts")),
    ),
    make("p.hint", { id: id("patterns") }, t("rules.patterns")),
  );

  return {
    node,
    set(rules) {
      part.include.value = rules.include.join("\n");
      part.exclude.value = rules.exclude.join("\n");
      part.from.value = rules.published_from ?? "";
      part.until.value = rules.published_until ?? "";
      part.min.value = rules.min_seconds === null ? "" : rules.min_seconds / MINUTE;
      part.max.value = rules.max_seconds === null ? "" : rules.max_seconds / MINUTE;
      part.newest.value = rules.newest ?? "";
      part.seasons.value = rules.seasons ?? "";
      part.order.value = rules.order;
      part.live.checked = rules.live;
      part.shorts.checked = rules.shorts;
    },
    get() {
      return {
        include: lines(part.include.value),
        exclude: lines(part.exclude.value),
        published_from: part.from.value || null,
        published_until: part.until.value || null,
        min_seconds: number(part.min, MINUTE),
        max_seconds: number(part.max, MINUTE),
        newest: number(part.newest),
        seasons: part.seasons.value || null,
        order: part.order.value,
        live: part.live.checked,
        shorts: part.shorts.checked,
      };
    },
  };
}

const DEFAULTS = {
  include: [],
  exclude: [],
  published_from: null,
  published_until: null,
  min_seconds: null,
  max_seconds: null,
  newest: null,
  seasons: null,
  order: "uploaded",
  live: true,
  shorts: true,
};

function entryLine(entry) {
  const facts = [entry.published ? day(entry.published) : "", entry.duration_seconds ? duration(entry.duration_seconds) : ""];
  const reason = entry.unavailable;
  return make(
    "li.item",
    {},
    make("span.chip", {}, code(entry.season, entry.episode)),
    make(
      "div.what",
      {},
      entry.link ? outside(entry.link, entry.title || entry.link) : entry.title,
      make("div.meta", {}, facts.filter(Boolean).join(" · ")),
      reason ? make("div.meta", {}, messageText(reason.text, reason.kind, reason.values)) : null,
    ),
  );
}

function shown(preview) {
  const causes = Object.entries(preview.left_out).map(([cause, n]) =>
    make("span.chip", {}, t(`rules.left_out.${cause}`, { n })),
  );
  const more = preview.taken - preview.entries.length;
  return [
    make("p", {}, make("strong", {}, preview.name), " · ", t("rules.taken", { n: preview.taken, all: preview.total })),
    make("div.chips", {}, ...causes),
    make("ul.rules-entries", {}, ...preview.entries.map(entryLine)),
    more > 0 ? make("p.hint", {}, count("rules.more", more)) : "",
  ];
}

/**
 * Create the form of the filters and the numbering.
 *
 * @param {() => string} link link or key of the list to preview.
 * @param {Node[]} acts further buttons beside the preview.
 * @returns {{node: Node, set: function(object), get: function(): object, clear: function()}}
 */
export function makeRules(link, ...acts) {
  const fields = makeFields();
  const result = make("div.rules-preview", { role: "status" });
  const preview = button(t("rules.preview"), {
    sign: "search",
    onclick: () =>
      doing(preview, async () => {
        result.replaceChildren(t("rules.loading"));
        try {
          result.replaceChildren(...shown(await post("/api/anime/list-preview", { link: link(), list_rules: fields.get() })));
        } catch (error) {
          result.replaceChildren();
          throw error;
        }
      }),
  });
  fields.set(DEFAULTS);
  return {
    node: make("div.form", {}, fields.node, make("div.row", {}, preview, ...acts), result),
    set: fields.set,
    get: fields.get,
    clear() {
      result.replaceChildren();
    },
  };
}
