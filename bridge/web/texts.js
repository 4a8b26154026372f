// The texts of the page in the viewer's language; a further one is a file of its own and a line here.

import de from "./texts_de.js";
import en from "./texts_en.js";
import { attribute } from "./words.js";

const LANGUAGES = { en, de };

/** The first language of the browser's that there is. */
export const language =
  (navigator.languages ?? []).map((one) => one.toLowerCase().split("-")[0]).find((one) => one in LANGUAGES) ?? "en";

const texts = { ...en, ...LANGUAGES[language] };

/** Texts of a further page, by language; of the same name they take the place of those before. */
export function learn(languages) {
  Object.assign(texts, languages.en, languages[language]);
}

/** A text, with the values for the names in its braces. */
export function say(name, values = {}) {
  return (texts[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

/** Whether there is such a text. */
export const has = (name) => name in texts;

/** A word that the bridge uses, such as a state; as it is if there is none for it. */
export function word(kind, name) {
  return texts[`${kind}_${name}`] ?? name;
}

/** Number in the viewer's way of writing. */
export const number = (value, digits = 0) => value.toLocaleString(language, { maximumFractionDigits: digits });

/** Put the texts into the page, whose title is the text `page`. */
export function translate(page = "title") {
  document.documentElement.lang = language;
  document.title = `${say(page)} · Agent bridge`;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) attribute(node, "aria-label", say(node.dataset.label));
}
