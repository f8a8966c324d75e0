// Menu on phones: four pages at the bottom edge, the others behind "More".

import { by } from "../dom.js";

/** Connect the button that opens the whole menu. */
export function offerMenu() {
  const [menu, more] = [by("main-menu"), by("main-more")];
  const open = (on) => {
    menu.classList.toggle("open", on);
    more.setAttribute("aria-expanded", String(on));
  };
  more.addEventListener("click", () => open(!menu.classList.contains("open")));
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
