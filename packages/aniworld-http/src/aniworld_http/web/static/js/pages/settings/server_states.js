// How the last refreshes of the media servers went.

import { get } from "../../api.js";
import { make } from "../../dom.js";
import { complain } from "../../messages.js";
import { count, messageText, moment, t } from "../../texts.js";

/** Create the list of the enabled media servers with their last refresh or problem. */
export function serverStates() {
  const list = make("ul.stack", { "aria-label": t("settings.servers_state") });
  get("/api/media-servers")
    .then((servers) => list.replaceChildren(...servers.map(row)))
    .catch(complain);
  return list;
}

function row(server) {
  const isBad = server.status === "failed";
  const values = {
    when: moment(isBad ? server.failed_at : server.refreshed_at),
    reason: messageText(server.problem, server.problem_kind, server.problem_values),
  };
  return make(
    "li",
    {},
    make("strong", {}, server.name),
    " ",
    make(isBad ? "span.problem" : "span.hint", {}, t(`settings.server_state_${server.status}`, values)),
    server.pending ? make("span.hint", {}, ` · ${count("settings.server_pending", server.pending)}`) : null,
  );
}
