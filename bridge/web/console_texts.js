// The texts of the console, in the place of those of the wallboard that have the same name. Imported before what says them.

import de from "./console_texts_de.js";
import en from "./console_texts_en.js";
import { learn } from "./texts.js";

learn({ en, de });
