// `addressState`: what a page shows (filter, sort, search, page, open parts) lives in its address.
//
// Reload, bookmarks and *Back* restore it. The address has only values that differ from the
// defaults. The scroll position is in the history entry: reload and *Back* return to it, and new
// results start at the top. Every list page uses this module:
//
//     const address = addressState({ search: "", filter: ["all", "missing"], page: 1 }, load);
//     address.set({ filter: "missing" });  // then request and draw what `address.state` says
//     address.settle();                    // after the rows are on the page
//
// The other pages use `keepScroll`.

import { calmed } from "./dom.js";

/** Characters of a text that are taken from an address; the API accepts as many. */
const MOST_TEXT = 200;
/** Milliseconds without scrolling until the position is stored. */
const REST = 150;

/**
 * Read the state of the page from the address, and keep the address up to date.
 *
 * @param {object} fields the default of each value: a text, a whole number from 1, or a list of
 *   all allowed texts that begins with the default. What an address says otherwise is ignored.
 * @param {Function} returned called when *Back* or *Forward* changed the state without a reload.
 */
export function addressState(fields, returned) {
  const state = {};
  const position = makePosition();
  read();

  function read() {
    const given = new URLSearchParams(location.search);
    for (const [name, field] of Object.entries(fields)) state[name] = valueOf(field, given.get(name));
  }

  function query() {
    const given = new URLSearchParams(location.search);
    for (const [name, field] of Object.entries(fields)) {
      if (state[name] === valueOf(field, null)) given.delete(name);
      else given.set(name, String(state[name]));
    }
    const text = String(given);
    return location.pathname + (text && `?${text}`);
  }

  /**
   * Change values; other values than the page return to the first page. New results start at the
   * top, unless `top` is false because the rows stay the same.
   *
   * @param {object} values the changed values.
   * @param {object} [options] with `push`, *Back* returns to the values before.
   */
  function set(values, { push = false, top = true } = {}) {
    const isNewList = top && !("page" in values) && "page" in fields;
    Object.assign(state, isNewList ? { page: valueOf(fields.page, null) } : {}, values);
    position.drop();
    if (push) {
      position.keep();
      history.pushState({}, "", query());
    } else {
      history.replaceState({ ...history.state, scroll: top ? 0 : scrollY }, "", query());
    }
    if (top) scrollTo({ top: 0, behavior: "instant" });
  }

  addEventListener("popstate", () => {
    read();
    position.goBack();
    returned();
  });
  return { state, set, settle: position.settle };
}

/** Store the scroll position in the history entry, and return to it. */
function makePosition() {
  history.scrollRestoration = "manual";
  let goal = history.state?.scroll ?? null;

  function keep() {
    if (goal === null) history.replaceState({ ...history.state, scroll: scrollY }, "");
  }

  function drop() {
    goal = null;
  }

  /** Scroll to the stored position, once the rows of the page are there. */
  function settle() {
    if (goal === null) return;
    scrollTo({ top: goal, behavior: "instant" });
    goal = null;
  }

  addEventListener("scroll", calmed(keep, REST), { passive: true });
  addEventListener("pagehide", keep);
  return {
    keep,
    drop,
    settle,
    goBack: () => (goal = history.state?.scroll ?? 0),
    isReachable: () => goal !== null && goal <= document.documentElement.scrollHeight - innerHeight,
  };
}

/**
 * Keep the scroll position of a page that has no other state in its address: reload and *Back*
 * return to it when the page is long enough again, unless the user has begun to do something.
 */
export function keepScroll() {
  const position = makePosition();
  const settle = () => position.isReachable() && position.settle();
  new ResizeObserver(settle).observe(document.body);
  for (const type of ["wheel", "pointerdown", "keydown"]) addEventListener(type, position.drop, { passive: true });
  addEventListener("popstate", () => {
    position.goBack();
    requestAnimationFrame(settle);
  });
}

function valueOf(field, given) {
  if (Array.isArray(field)) return field.includes(given) ? given : field[0];
  if (typeof field === "number") return /^[1-9]\d{0,8}$/.test(given ?? "") ? Number(given) : field;
  return given === null ? field : given.slice(0, MOST_TEXT);
}
