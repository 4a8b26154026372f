// Dialling by hand: the pad (which presses keys while she is in a call), a number, and what she looks at first.

import { $, act, click, hers, known, session, visible } from "./console_base.js";
import { live } from "./console_call.js";
import { write } from "./paint.js";
import { say } from "./texts.js";
import { element, shown } from "./words.js";

const KEYS = [..."123456789*0#"];
const LETTERS = { 2: "abc", 3: "def", 4: "ghi", 5: "jkl", 6: "mno", 7: "pqrs", 8: "tuv", 9: "wxyz" };
const WORK = ["paused", "wrapup"]; // states in which she may dial

/** The pad, the form and the buttons of a preview. */
export function furnish() {
  for (const key of KEYS) {
    const button = element("button", "", "", { type: "button" });
    button.append(element("b", "", key), element("small", "", LETTERS[key] ?? "", { "aria-hidden": "true" }));
    button.addEventListener("click", () => press(button, key));
    $("pad").append(button);
  }
  $("dial-form").addEventListener("submit", (event) => { event.preventDefault(); dial(); });
  click("dial-next", () => hers("POST", "/dial", { next_lead: true, preview: true }));
  for (const action of ["dial", "dial_alt", "dial_address3", "skip", "finish"]) {
    const button = element("button", action === "dial" ? "main good" : "", say(`preview_${action}`), { type: "button", id: `preview-${action}` });
    $("preview-buttons").append(button);
    click(button.id, () => hers("POST", "/preview", { action }));
  }
}

function press(button, key) {
  if (live()) act(button, () => hers("POST", "/keys", { keys: key }));
  else $("dial-number").value += key;
}

function dial() {
  const number = $("dial-number").value.replace(/[\s().-]/g, "");
  if (!number) {
    $("dial-number").focus();
    return;
  }
  const wish = { number, search: $("dial-search").checked, preview: $("dial-preview").checked };
  act($("dial-go"), async () => {
    await hers("POST", "/dial", wish);
    $("dial-number").value = "";
  });
}

/** Put a number into the form. */
export function offer(number) {
  $("dial-number").value = number;
  $("dial-number").focus();
}

/** Draw it. */
export function draw() {
  const her = session();
  if (!her) return;
  const talking = Boolean(live());
  const { preview, lead } = known.screen;
  const { alt_number_dialing: others = true, manual_dial: manual = true, preview: way = "" } = known.campaign ?? {};
  visible($("dial"), talking || manual);
  write($("dial-title"), say(talking ? "keys" : "dial"));
  for (const id of ["dial-number", "dial-search", "dial-preview", "dial-go"]) visible($(id).closest("label, button"), !talking);
  visible($("dial-next"), !talking && known.campaign?.dial_method === "MANUAL");
  const may = WORK.includes(her.state);
  for (const id of ["dial-go", "dial-next"]) $(id).disabled = !may;
  $("dial-go").title = may ? "" : say("dialPaused");
  visible($("preview"), Boolean(preview));
  if (!preview) return;
  write($("preview-number"), `+${shown(preview.phone_code, 6)} ${shown(preview.number, 24)}`);
  visible($("preview-skip"), way !== "PREVIEW_ONLY");
  visible($("preview-dial_alt"), others && Boolean(lead?.alt_phone));
  visible($("preview-dial_address3"), others && /^[0-9 ()+-]{5,}$/.test(lead?.address3 ?? ""));
}
