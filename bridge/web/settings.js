// What the viewer has chosen; it stays in this browser.

import { say } from "./texts.js";
import { element } from "./words.js";

const KEY = "agent-bridge-wallboard";
const DEFAULTS = {
  wait: 30, waiting: 5, drop: 100, pause: 15, wrapup: 2, talk: null, hopper: null,
  whole: false, sound: false, theme: "auto", order: "user", phone: "",
};
const NUMBERS = ["wait", "waiting", "drop", "pause", "wrapup", "talk", "hopper"];
const THEMES = ["auto", "light", "dark"];
const MOST = 100_000;

function good(name, value) {
  if (NUMBERS.includes(name)) return value === null || (Number.isFinite(value) && value > 0 && value <= MOST);
  if (name === "theme") return THEMES.includes(value);
  if (name === "order") return ["user", "state", "since"].includes(value);
  if (name === "phone") return typeof value === "string" && value.length <= 40;
  return typeof value === "boolean";
}

function kept() {
  try {
    const found = Object.entries(JSON.parse(localStorage.getItem(KEY)) ?? {});
    return Object.fromEntries(found.filter(([name, value]) => name in DEFAULTS && good(name, value)));
  } catch {
    return {}; // nothing was kept, or the browser keeps nothing
  }
}

export const settings = { ...DEFAULTS, ...kept() };

/** Change one of them. */
export function set(name, value) {
  settings[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // it holds until the page is closed
  }
}

/** The dialog with its fields; `changed` is called after each change. */
export function furnish(dialog, fields, changed) {
  for (const name of NUMBERS) fields.append(...numberField(name, changed));
  fields.append(...switchField("whole", changed));
  document.getElementById("settings").addEventListener("click", () => dialog.showModal());
  document.getElementById("close").addEventListener("click", () => dialog.close());
}

function numberField(name, changed) {
  const input = element("input", "", "", { id: `set-${name}`, type: "number", min: "1", max: String(MOST) });
  input.value = settings[name] ?? "";
  input.addEventListener("change", () => {
    const value = input.value === "" ? null : Number(input.value);
    if (good(name, value)) set(name, value);
    else input.value = settings[name] ?? "";
    changed();
  });
  return [element("label", "", say(`set_${name}`), { for: input.id }), input];
}

function switchField(name, changed) {
  const input = element("input", "", "", { id: `set-${name}`, type: "checkbox" });
  input.checked = settings[name];
  input.addEventListener("change", () => { set(name, input.checked); changed(); });
  return [element("label", "", say(`set_${name}`), { for: input.id }), input];
}

/** The button that goes through the colours, and the colours themselves. */
export function colours(button) {
  const show = () => {
    button.textContent = say(`theme_${settings.theme}`);
    if (settings.theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = settings.theme;
  };
  button.addEventListener("click", () => {
    set("theme", THEMES[(THEMES.indexOf(settings.theme) + 1) % THEMES.length]);
    show();
  });
  show();
}
