// Language and theme: kept in cookies, since the server writes the page in them.

import { BASE } from "./context.js";

const YEAR = 31_536_000;

function keep(name, value) {
  const path = BASE || "/";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie =
    `aniworld_${name}=${value}; Path=${path}; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

/** Let the buttons that choose language and theme do so. */
export function offerChoices() {
  for (const button of document.querySelectorAll("[data-choose-language]")) {
    button.addEventListener("click", () => {
      keep("language", button.dataset.chooseLanguage);
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
