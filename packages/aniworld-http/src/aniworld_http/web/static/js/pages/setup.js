// First set-up: password, folder, languages, and the first series.

import { Problem, post, put } from "../api.js";
import { offerChoices } from "../choices.js";
import { button, by, make, say } from "../dom.js";
import { browseButton } from "./settings/folder_picker.js";
import { complain, doing, tell } from "../messages.js";
import { forget, remember } from "../session.js";
import { go } from "../context.js";
import { count, messageText, t } from "../texts.js";
import { makeLanguageOrder } from "../lists/language_order.js";
import { coverOfHit, tile } from "../tile.js";
import { codesOf } from "../lists/wanted_codes.js";

const STEPS = ["step-password", "step-library", "step-first"];

offerChoices();

function show(step) {
  STEPS.forEach((id, index) => {
    by(id).hidden = id !== step;
    const mark = by("steps").children[index];
    if (id === step) mark.setAttribute("aria-current", "step");
    else mark.removeAttribute("aria-current");
  });
  by(step).querySelector("input").focus();
}

/** Show problems at their fields. */
function blame(form, error) {
  if (!(error instanceof Problem)) throw error;
  const homeless = error.fields.length ? [] : [error.words];
  for (const node of form.querySelectorAll("[data-pointer]")) {
    const own = error.fields.filter(({ pointer }) => pointer.startsWith(node.dataset.pointer));
    node.hidden = !own.length;
    say(node, own.map(({ detail }) => detail).join("; "));
    const input = node.dataset.for && by(node.dataset.for);
    input?.setAttribute("aria-invalid", String(own.length > 0));
  }
  for (const { pointer, detail } of error.fields) {
    const known = [...form.querySelectorAll("[data-pointer]")];
    if (!known.some((node) => pointer.startsWith(node.dataset.pointer))) homeless.push(detail);
  }
  const rest = form.querySelector("[role=alert]");
  rest.hidden = !homeless.length;
  say(rest, homeless.join("; "));
  const first = form.querySelector("[data-pointer]:not([hidden])")?.closest(".field");
  first?.querySelector("input, select")?.focus();
}

function onSubmit(id, action) {
  by(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const send = form.querySelector("[type=submit]");
    if (send.getAttribute("aria-busy") === "true") return;
    send.setAttribute("aria-busy", "true");
    try {
      await action();
    } catch (error) {
      blame(form, error);
    } finally {
      send.removeAttribute("aria-busy");
    }
  });
}

/** Fill in the code from the printed link and remove it from the address bar. */
function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code || !by("code")) return;
  by("code").value = code;
  history.replaceState(null, "", location.pathname + location.search);
}

takeCode();
// A changed fragment does not reload the page if the tab shows it already.
addEventListener("hashchange", takeCode);

/** Set the password; a refused code is shown at its field. */
async function setPassword(body) {
  try {
    await post("/api/auth/setup", body);
  } catch (error) {
    if (error.kind === "setup_code_required") {
      error.fields = [{ pointer: "/code", detail: error.words }];
    }
    throw error;
  }
}

onSubmit("step-password", async () => {
  forget();
  const password = by("password").value;
  const body = { master_password: password };
  if (by("code")) body.code = by("code").value.trim();
  await setPassword(body);
  const { access_token: fresh } = await post("/api/auth/login", { password, remember: true });
  remember(fresh);
  show("step-library");
});

const languages = makeLanguageOrder(t("setup.languages"), () => {}, {
  "aria-describedby": "languages-hint languages-problem",
});
languages.write(["ger-dub", "ger-sub"]);
by("languages").append(languages.node);

by("folder").after(browseButton(t("setup.folder"), by("folder")));
by("folder").addEventListener("input", () => by("folder-verdict").replaceChildren());

/** Test the folder before it is stored; offer to create a missing one. */
async function testLibrary(path) {
  const trial = await post("/api/config/test/folder", { path });
  if (trial.is_usable) return;
  const problem = new Problem(422, {});
  const detail = messageText(trial.problem, trial.problem_kind, trial.problem_values);
  problem.fields = [{ pointer: "/other/anime_directory", detail: `${path}: ${detail}` }];
  const create = button(t("folder.create_this"), {
    sign: "add",
    kind: "small",
    onclick: () =>
      doing(create, async () => {
        await post("/api/config/folders", { path });
        by("folder-verdict").replaceChildren(t("folder.created"));
        by("step-library").requestSubmit();
      }),
  });
  by("folder-verdict").replaceChildren(...(trial.problem_kind === "no_such_folder" ? [create] : []));
  throw problem;
}

onSubmit("step-library", async () => {
  await testLibrary(by("folder").value.trim());
  const part = {
    other: { anime_directory: by("folder").value.trim() },
    languages: { order: languages.read() },
    current_password: by("password").value,
  };
  await put("/api/config", part);
  await post("/api/queue/start");
  by("password").value = "";
  show("step-first");
});

onSubmit("step-first", async () => {
  const query = by("query").value.trim();
  if (!query) return;
  say(by("state"), t("add.searching"));
  const hits = await post("/api/anime/search", { query }).finally(() => say(by("state"), ""));
  say(by("state"), count("add.hits", hits.length));
  by("hits").replaceChildren(...hits.slice(0, 12).map(hit));
});

function hit(found) {
  const take = button(t("setup.take"), {
    sign: "queue",
    kind: "primary",
    onclick: () =>
      doing(take, async () => {
        const body = { link: found.link, provider: found.provider };
        const series = await post("/api/anime/add", body);
        const episodes = codesOf(series.missing_episodes).slice(0, 1);
        if (!episodes.length) {
          tell(t("series.no_episodes_hint"));
          return;
        }
        await post("/api/queue/add", { serie_id: series.key, episodes });
        go("/queue");
      }),
  });
  return make(
    "li.card.hit",
    {},
    tile(found.name, coverOfHit(found)),
    make(
      "div",
      {},
      make("h2", {}, found.name),
      make("p.subtitle", {}, [found.year, found.site].filter(Boolean).join(" · ")),
    ),
    make("div.acts", {}, take),
  );
}

addEventListener("unhandledrejection", (event) => complain(event.reason));
