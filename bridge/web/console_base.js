// What the parts of the console have in common: what is known, and how she is told what went wrong.

import { send } from "./console_line.js";
import { write } from "./paint.js";
import { say } from "./texts.js";
import { attribute, element, shown } from "./words.js";

export const $ = (id) => document.getElementById(id);

/**
 * What is known: `me` as /v1/console tells it, the `screen` (its snapshot), the `campaign` that she works for, and
 * whether the bridge has `ended` her session on this page.
 */
export const known = {
  me: null, campaign: null, ended: false,
  screen: { seq: 0, session: null, preview: null, call: null, lead: null, screen: { notifications: [] } },
};

/** Her session, or null. */
export const session = () => known.screen.session;

/** Send something to her own part of the API. */
export const hers = (method, path, body) =>
  send(method, `/v1/agents/${encodeURIComponent(known.me.user)}${path}`, body);

/** Tell her what went wrong; empty: nothing any more. */
export function alarm(text = "") {
  write($("alarm"), shown(text, 400));
}

let ended = () => {};

/** What is done when the bridge no longer knows her. */
export function onEnd(work) {
  ended = work;
}

/** Do what a button is for: once at a time, with what went wrong told. Whether it was done. */
export async function act(button, work) {
  if (button.getAttribute("aria-busy") === "true") return false;
  attribute(button, "aria-busy", "true");
  try {
    alarm();
    await work();
    return true;
  } catch (error) {
    failed(error);
    return false;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** Tell of an error. */
export function failed(error) {
  if (error.status === 401) ended();
  else if (error.status === undefined) throw error;
  alarm(error.status === 401 ? say("ended") : error.message);
}

/** A click of a button does this. */
export function click(id, work) {
  $(id).addEventListener("click", () => act($(id), work));
}

/** Show or hide. */
export function visible(node, whether) {
  if (node.hidden === whether) node.hidden = !whether;
}

/** Options of a choice: [value, text] each; what was chosen stays, if it is still there. */
export function choices(select, options) {
  const now = JSON.stringify(options);
  if (select.dataset.options === now) return;
  select.dataset.options = now;
  const before = select.value;
  select.replaceChildren(...options.map(([value, text]) => {
    const option = element("option", "", shown(text));
    option.value = value;
    return option;
  }));
  if (options.some(([value]) => value === before)) select.value = before;
}
