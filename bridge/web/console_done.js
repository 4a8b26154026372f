// How the call went: a button and a key for each status, and the time of a callback on the customer's clock.

import { $, act, alarm, hers, known, session, visible } from "./console_base.js";
import { clockThere, save } from "./console_fields.js";
import { write } from "./paint.js";
import { say } from "./texts.js";
import { attribute, element, shown } from "./words.js";

const KEYS = [..."1234567890abcdefghijklmnopqrstuvwxyz"];
const TYPED = "input, textarea, select, [contenteditable]";
const HOUR = 3_600_000;

let doneFor = ""; // the call that has its status
let drawn = "";
let chosen = null;

const open = () => session()?.state === "wrapup" && known.screen.session.call_id !== doneFor;

/** What keys and the form do. */
export function furnish() {
  window.addEventListener("keydown", key);
  $("callback").addEventListener("submit", (event) => { event.preventDefault(); promise(); });
  $("callback-back").addEventListener("click", back);
}

function key(event) {
  if (!open() || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  if (event.key === "F9" || (event.key === "Escape" && event.target.matches(TYPED) && $("callback").hidden)) {
    event.preventDefault();
    $("done-title").focus();
  } else if (event.key === "Escape" && !$("callback").hidden) back();
  else if (!event.target.matches?.(TYPED) && $("callback").hidden) byKey(event);
}

function byKey(event) {
  const button = $("statuses").children[KEYS.indexOf(event.key.toLowerCase())];
  if (!button || event.repeat) return;
  event.preventDefault();
  button.click();
}

/** Draw it. */
export function draw() {
  const whether = open();
  if (whether && $("done").hidden) begin();
  visible($("done"), whether);
  if (!whether) return;
  const statuses = known.campaign?.statuses ?? [];
  if (drawn !== JSON.stringify(statuses)) buttons(statuses);
  write($("done-hint"), say("doneHint"));
  clock();
}

/** The keys are hers at once, unless she is writing. */
function begin() {
  back();
  $("callback-comments").value = "";
  if (!document.activeElement?.matches(TYPED)) setTimeout(() => { if (open()) $("done-title").focus(); });
}

function buttons(statuses) {
  drawn = JSON.stringify(statuses);
  $("statuses").replaceChildren(...statuses.map((status, place) => {
    const button = element("button", status.sale ? "sale" : "", "", { type: "button" });
    const sign = KEYS[place] ?? "";
    if (sign) attribute(button, "aria-keyshortcuts", sign);
    const name = element("bdi", "", shown(status.name || status.status));
    button.append(element("kbd", "", sign.toUpperCase(), { "aria-hidden": "true" }), name, element("span", "soft", shown(status.status, 8)));
    button.addEventListener("click", () => (status.callback ? ask(status) : act(button, () => set(status.status))));
    return button;
  }));
}

/** Save what she has typed, then say how it went. */
async function set(status, callback) {
  const of = session().call_id;
  await save();
  await hers("PUT", "/status", callback ? { status, callback } : { status });
  doneFor = of;
  draw();
}

function ask(status) {
  chosen = status;
  visible($("callback"), true);
  visible($("statuses"), false);
  write($("callback-for"), shown(status.name || status.status));
  $("callback-at").min = clockThere() || here(0);
  $("callback-at").value = (clockThere(24 * HOUR) || here(24 * HOUR)).replace(/..$/, "00");
  clock();
  $("callback-at").focus();
}

function back() {
  visible($("callback"), false);
  visible($("statuses"), true);
}

/** Now on the clock of this browser, as `2026-11-25T15:30`. */
function here(ahead) {
  const at = new Date(Date.now() + ahead);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function clock() {
  const there = clockThere();
  write($("callback-clock"), there ? say("clockThere", { time: `${there.slice(0, 10)} ${there.slice(11)}` }) : say("clockUnknown"));
}

function promise() {
  const at = $("callback-at").value;
  if (!at) {
    alarm(say("noTime"));
    return;
  }
  const when = clockThere() ? { customer_time: at } : { at: new Date(at).toISOString() };
  const wish = { ...when, anyone: !$("callback-mine").checked, comments: $("callback-comments").value.trim() };
  act($("callback").querySelector("[type=submit]"), () => set(chosen.status, wish));
}
