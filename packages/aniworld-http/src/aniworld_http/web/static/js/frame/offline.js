// Page shown while the server cannot be reached. Its files are all that the browser has, so it
// imports nothing.

const root = document.documentElement;
const { base } = root.dataset;
/** Milliseconds between two attempts. */
const BETWEEN = 5000;
/** Milliseconds that the server has for an answer. */
const PATIENCE = 4000;

/** Value of a cookie of this server, which the page was stored without. */
function choice(name) {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`aniworld_${name}=`));
  return found?.split("=")[1];
}

function show(language) {
  const sections = [...document.querySelectorAll("section[lang]")];
  if (!sections.some((each) => each.lang === language)) return;
  root.lang = language;
  for (const each of sections) {
    each.hidden = each.lang !== language;
    if (!each.hidden) document.title = each.dataset.title;
  }
}

async function attempt() {
  try {
    const options = { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
    const response = await fetch(`${base}/health/live`, options);
    if (!response.ok) return;
  } catch {
    return;
  }
  // The address is that of the wanted page, unless somebody opened this one.
  if (location.pathname === `${base}/offline`) location.replace(`${base}/`);
  else location.reload();
}

show(choice("language") ?? root.lang);
if (["light", "dark"].includes(choice("theme"))) root.dataset.theme = choice("theme");
for (const button of document.querySelectorAll("[data-try]")) button.addEventListener("click", attempt);
setInterval(attempt, BETWEEN);
addEventListener("online", attempt);
