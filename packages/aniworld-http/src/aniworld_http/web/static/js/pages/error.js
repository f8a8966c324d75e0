// A page that only says something still lets people choose how it looks.

import { offerChoices } from "../choices.js";

offerChoices();
