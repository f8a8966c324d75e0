// Error page: language and theme can be changed, and the technical details copied.

import { offerChoices } from "../choices.js";
import { by } from "../dom.js";
import { copyRow } from "../frame/technical.js";

/** The address without its query, which may contain secrets, and the time, for a report. */
function complete(text) {
  text.append(`\n${location.origin}${location.pathname}\n${new Date().toISOString()}`);
}

offerChoices();
const text = by("details").querySelector("pre");
complete(text);
by("details").append(copyRow(text));
