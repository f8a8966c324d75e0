// Reorder pending items with the pointer, buttons or arrow keys.

import { button, by, icon, make, say } from "../../dom.js";
import { listKeys } from "../../frame/shortcuts.js";
import { t } from "../../texts.js";
import { nameOf } from "./lists.js";

listKeys(["ArrowUp", "ArrowDown", "Home"], "keys.item");

/**
 * Make the lines of a list movable.
 *
 * @param {HTMLElement} card the card of the list.
 * @param {() => object} current returns the list, of `makeList`.
 * @param {() => boolean} isOrderable whether the rows are the beginning of the queue.
 * @param {(ids: string[]) => Promise<void>} apply sends the new order to the server.
 */
export function orderable(card, current, isOrderable, apply) {
  const rows = card.querySelector("ul");
  let dragged = null;
  let sending = false;

  function place(node, before) {
    if (node === before || node.nextElementSibling === before) return;
    const focused = node.contains(document.activeElement) ? document.activeElement : null;
    rows.insertBefore(node, before);
    focused?.focus();
    send(node);
  }

  async function send(moved) {
    const nodes = [...rows.children];
    const position = nodes.indexOf(moved) + 1;
    say(by("announcer"), t("queue.moved", { place: position, all: nodes.length }));
    sending = true;
    // Items after the moved one keep their positions.
    const ids = nodes.slice(0, Math.max(position, 1)).map((node) => node.dataset.id);
    try {
      await apply(ids);
    } finally {
      sending = false;
    }
  }

  function move(node, way) {
    if (way === "top") place(node, rows.firstElementChild);
    if (way === "up" && node.previousElementSibling) place(node, node.previousElementSibling);
    if (way === "down" && node.nextElementSibling) {
      place(node, node.nextElementSibling.nextElementSibling);
    }
  }

  function nodeOf(item) {
    return current().lines.get(item.id).node;
  }

  function clearMarks() {
    for (const each of rows.querySelectorAll(".over")) each.classList.remove("over", "below");
  }

  /** Return the target position: dragging down inserts after the line under the pointer. */
  function isBelow(over) {
    return Boolean(dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING);
  }

  rows.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".item") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.id);
    dragged.classList.add("dragged");
  });
  rows.addEventListener("dragover", (event) => {
    const over = event.target.closest(".item");
    if (!dragged || !over) return;
    event.preventDefault();
    clearMarks();
    over.classList.add("over");
    over.classList.toggle("below", isBelow(over));
  });
  rows.addEventListener("drop", (event) => {
    const over = event.target.closest(".item");
    event.preventDefault();
    if (dragged && over) place(dragged, isBelow(over) ? over.nextElementSibling : over);
  });
  rows.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    clearMarks();
  });

  return {
    /** Whether a line is being dragged; then the list must not be updated. */
    isBusy: () => dragged !== null,
    /** Return the buttons of one item. */
    buttons(item, { inside }) {
      const name = nameOf(item);
      if (inside || !isOrderable()) {
        return [
          button(t("queue.top", { name }), {
            "data-needs": "control",
            sign: "top",
            kind: "subtle small",
            shown: false,
            onclick: () => apply([item.id]),
          }),
        ];
      }
      const grip = make(
        "button.button.subtle.small.square.grip",
        {
          type: "button",
          title: t("queue.drag"),
          "aria-label": t("queue.move", { name }),
          "aria-keyshortcuts": "ArrowUp ArrowDown Home",
          onkeydown: (event) => {
            const way = { ArrowUp: "up", ArrowDown: "down", Home: "top" }[event.key];
            if (!way || sending) return;
            event.preventDefault();
            move(nodeOf(item), way);
          },
        },
        icon("grip"),
      );
      queueMicrotask(() => {
        const line = current().lines.get(item.id);
        line?.node.setAttribute("draggable", "true");
        line?.grip.append(grip);
      });
      return ["top", "up", "down"].map((way) =>
        button(t(`queue.${way}`, { name }), {
          "data-needs": "control",
          sign: way,
          kind: "subtle small",
          shown: false,
          onclick: () => move(nodeOf(item), way),
        }),
      );
    },
  };
}

