// Import wizard: folders of the library without a series, and folders of other programs.

import { keepScroll } from "../address.js";
import { by } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { onLibraryChange, onReturn } from "../live.js";
import { offerFolders, showFolders } from "./importing/folders.js";
import { offerForeign } from "./importing/foreign.js";

if (isSignedIn) {
  keepScroll();
  offerFolders();
  offerForeign(by("foreign-form"), by("matches"));
  onLibraryChange(showFolders);
  onReturn(showFolders);
  // The card below the folders appears when their list has its height, so that nothing moves.
  showFolders().then(() => {
    by("foreign-card").hidden = false;
  });
}
