// Input of the page that was changed and not sent yet.

const first = new WeakMap();
const changed = new Set();

const valueOf = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
/** Search fields and filters hold nothing that is lost with the page. */
const isKept = (field) => field.matches?.("main :is(input, textarea, select), dialog :is(input, textarea, select)") && field.type !== "search" && !field.closest(".toolbar");

addEventListener("focusin", ({ target }) => {
  if (isKept(target) && !first.has(target)) first.set(target, valueOf(target));
});

addEventListener("input", ({ target }) => {
  if (isKept(target)) changed.add(target);
});

/** Return whether the page has input that would be lost with it. */
export function hasUnsaved() {
  for (const field of changed) {
    const isThere = field.isConnected && field.checkVisibility();
    if (!isThere) changed.delete(field);
    else if (valueOf(field) !== (first.get(field) ?? "")) return true;
  }
  return false;
}

/** Forget changes of fields whose values were stored. */
export function noteSaved(root) {
  for (const field of changed) {
    if (root.contains(field)) changed.delete(field);
    first.delete(field);
  }
}
