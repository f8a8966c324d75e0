// Add a folder of the server to a list of folders.

import { button } from "../../dom.js";
import { pickFolder } from "./folder_picker.js";
import { t } from "../../texts.js";

/** Create the button that adds a chosen folder to the list in an input. */
export function addButton(name, input) {
  return button(t("folder.browse"), {
    sign: "folder",
    "aria-label": t("folder.browse_named", { name }),
    onclick: async () => {
      const chosen = await pickFolder(input.read().at(-1) ?? "");
      if (chosen === null || input.read().includes(chosen)) return;
      input.write([...input.read(), chosen]);
      input.target.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
}
