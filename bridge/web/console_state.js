// Her state and the time in it: ready, pause with its code, the end of the shift; and the begin of one.

import { now } from "./clock.js";
import { $, act, choices, click, hers, known, session, visible } from "./console_base.js";
import { write, dress } from "./paint.js";
import { say, word } from "./texts.js";
import { duration, shown } from "./words.js";

const FREE = ["paused", "ready"]; // states in which a pause begins at once

/** ms since a moment that the bridge has told. */
export const since = (at) => (now() - Date.parse(at)) / 1000;

/** The state as she reads it. */
export function draw() {
  const her = session();
  if (!her) return;
  const state = word("state", her.state);
  write($("state"), shown(state));
  dress($("state-card"), `card state-card ${her.state}`);
  write($("age"), duration(since(her.state_since)));
  write($("state-more"), more(her));
  write($("said-state"), state);
  const paused = her.state === "paused";
  visible($("ready"), paused);
  visible($("pause"), her.state !== "connecting");
  visible($("pause-code").parentElement, her.state !== "connecting" && codes().length > 1);
  write($("pause"), say(paused ? "pauseOther" : FREE.includes(her.state) ? "pause" : "pauseAfter"));
  visible($("pause"), !paused || codes().length > 1);
  choices($("pause-code"), codes());
  document.title = `${shown(state)} · ${say("title")}`;
}

function more(her) {
  const parts = [shown(her.campaign, 24), `${say("phone")} ${shown(her.phone, 24)}`];
  if (her.state === "paused" && her.pause_reason) parts.unshift(codeName(her.pause_reason));
  if (her.state === "connecting") parts.unshift(say("answerPhone"));
  if (!FREE.includes(her.state) && her.after_call === "paused") parts.push(say("thenPaused"));
  if (!FREE.includes(her.state) && her.after_call === "logged_out") parts.push(say("thenOut"));
  return parts.join(" · ");
}

function codeName(code) {
  return shown(known.campaign?.pause_codes.find((one) => one.code === code)?.name || code);
}

function codes() {
  const known_codes = known.campaign?.pause_codes ?? [];
  return [["", say("noCode")], ...known_codes.map(({ code, name }) => [code, name || code])];
}

/** What the buttons do. */
export function furnish() {
  click("ready", () => hers("POST", "/resume", {}));
  click("pause", () => {
    const code = $("pause-code").value;
    if (session().state === "paused" && code) return hers("PUT", "/pause-code", { code });
    return hers("POST", "/pause", code ? { reason: code } : {});
  });
  click("logout", () => hers("POST", "/logout", {}));
  $("seat-form").addEventListener("submit", (event) => { event.preventDefault(); begin(); });
}

/** The form by which a shift begins, with what she may choose. */
export function seat() {
  const { campaigns, phones } = known.me;
  choices($("seat-campaign"), campaigns.map(({ id, name }) => [id, name && name !== id ? `${id} – ${name}` : id]));
  choices($("seat-phone"), phones.map((one) => [one, one]));
  const missing = [campaigns.length ? "" : say("noCampaign"), phones.length ? "" : say("noPhone")].filter(Boolean);
  write($("seat-none"), missing.join(" "));
  visible($("seat-form"), missing.length === 0);
}

function begin() {
  const wish = { phone: $("seat-phone").value, campaign: $("seat-campaign").value, on_hook: $("seat-hook").checked };
  act($("seat-form").querySelector("button"), () => hers("POST", "/login", wish));
}
