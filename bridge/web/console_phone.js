// The browser as her phone, where the bridge says that it is one: its state, mute, and what is wrong with it.

import { $, alarm, known, visible } from "./console_base.js";
import { maybe } from "./console_line.js";
import { write } from "./paint.js";
import { has, say } from "./texts.js";
import { attribute, shown } from "./words.js";

let phone = null;
let muted = false;

/** The button. */
export function furnish() {
  $("mute").addEventListener("click", () => {
    if (!phone) return;
    muted = !muted;
    phone.mute(muted);
    show();
  });
}

function show() {
  attribute($("mute"), "aria-pressed", String(muted));
  write($("mute"), say(muted ? "unmute" : "mute"));
}

function state(name) {
  write($("phone"), say(`phone_${name}`));
  $("phone").className = `phone ${["registered", "ringing", "talking"].includes(name) ? "good" : "bad"}`;
  visible($("mute"), name === "talking");
}

/** Begin or end, as the bridge has it: before her shift, which rings it. */
export async function read() {
  const settings = known.me?.webphone ? await maybe("/v1/console/phone") : null;
  if (!settings) {
    stop();
    return;
  }
  if (phone) return;
  visible($("phone"), true);
  state("connecting");
  const { Phone } = await import("./phone.js");
  phone = new Phone(settings, { state, error: (text, name) => alarm(has(`phone_${name}`) ? say(`phone_${name}`) : shown(text, 400)) });
  await phone.start();
}

/** End it. */
export function stop() {
  phone?.stop();
  phone = null;
  muted = false;
  visible($("phone"), false);
  visible($("mute"), false);
}
