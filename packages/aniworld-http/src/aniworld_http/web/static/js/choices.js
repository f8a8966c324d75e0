// Language and theme, which are stored in cookies because the server renders pages with them, and
// the unit of speeds, which only scripts show.

import { BASE } from "./context.js";
import { keepSpeedUnit, speedUnit } from "./texts.js";

const YEAR = 31_536_000;

/** Store a choice in a cookie. */
export function keep(name, value) {
  const path = BASE || "/";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie =
    `aniworld_${name}=${value}; Path=${path}; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

/**
 * Connect the buttons for language, theme and unit of speeds.
 *
 * @param {object} [options]
 * @param {() => Promise<boolean>} [options.mayReload] asks before a reload discards input.
 * @param {(language: string) => Promise<any>} [options.onLanguage] stores the language elsewhere, too.
 */
export function offerChoices({ mayReload = async () => true, onLanguage = async () => {} } = {}) {
  for (const button of document.querySelectorAll("[data-choose-unit]")) {
    button.setAttribute("aria-pressed", String(button.dataset.chooseUnit === speedUnit()));
    button.addEventListener("click", async () => {
      if (!(await mayReload())) return;
      keepSpeedUnit(button.dataset.chooseUnit);
      location.reload();
    });
  }
  for (const button of document.querySelectorAll("[data-choose-language]")) {
    button.addEventListener("click", async () => {
      if (!(await mayReload())) return;
      keep("language", button.dataset.chooseLanguage);
      await onLanguage(button.dataset.chooseLanguage);
      location.reload();
    });
  }
  const themes = document.querySelectorAll("[data-choose-theme]");
  for (const button of themes) {
    button.addEventListener("click", () => {
      const theme = button.dataset.chooseTheme;
      keep("theme", theme);
      document.documentElement.dataset.theme = theme;
      for (const each of themes) each.setAttribute("aria-pressed", String(each === button));
    });
  }
}
