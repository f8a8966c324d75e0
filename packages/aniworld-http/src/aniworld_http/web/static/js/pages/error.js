// Error page: only language and theme can be changed.

import { offerChoices } from "../choices.js";

offerChoices();
