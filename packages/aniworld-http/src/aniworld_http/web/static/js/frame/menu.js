// Menu on phones: four pages at the bottom edge, the others behind "More".

import { by } from "../dom.js";

/** Connect the button that opens the whole menu. */
export function offerMenu() {
  const [menu, more] = [by("main-menu"), by("main-more")];
  const open = (on) => {
    menu.classList.toggle("open", on);
    more.setAttribute("aria-expanded", String(on));
  };
  more.addEventListener("click", (event) => {
    const behind = [...menu.querySelectorAll("a")].find((link) => !link.checkVisibility());
    open(!menu.classList.contains("open"));
    // With the keyboard: the pages come before the button, so Tab would leave the menu.
    if (event.detail === 0) behind?.focus();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.classList.contains("open")) return;
    open(false);
    more.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) open(false);
  });
  addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target)) open(false);
  });
}
