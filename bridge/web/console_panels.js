// What stands beside the customer: script, web form, her calls of today, her callbacks.

import { $, known, visible } from "./console_base.js";
import { offer } from "./console_dial.js";
import { maybe } from "./console_line.js";
import { Keyed, filler, write } from "./paint.js";
import { language, say, word } from "./texts.js";
import { attribute, duration, element, pointTo, shown } from "./words.js";

const LONGEST = 20_000; // characters of a script
const FRAME = "allow-forms allow-scripts allow-same-origin allow-popups allow-downloads";

let calls = null;
let backs = null;

const time = (at) => (at ? new Date(at).toLocaleTimeString(language, { timeStyle: "short" }) : "");
const moment = (at) => (at ? new Date(at).toLocaleString(language, { dateStyle: "short", timeStyle: "short" }) : "");

/** The tables. */
export function furnish() {
  const titles = ["at", "number", "kind", "status", "talk"];
  $("calls-head").append(...titles.map((name) => element("th", "", say(name), { scope: "col" })));
  calls = new Keyed($("calls"), row, ({ fill }, one) => fill([
    time(one.at), shown(one.number, 24), shown(word("kind", one.kind), 16), shown(one.status, 8), duration(one.talk_seconds ?? 0),
  ]));
  backs = new Keyed($("backs"), back, (row, one) => row.fill([moment(one.due_at), shown(one.comments || one.status, 200)]));
}

/** A call; its number goes into the form by which she dials. */
function row() {
  const [node, at, again, ...rest] = [element("tr"), element("th", "", "", { scope: "row" }), element("button", "", "", { type: "button" }),
    element("td"), element("td"), element("td")];
  const number = element("td");
  number.append(again);
  again.addEventListener("click", () => offer(again.textContent));
  node.append(at, number, ...rest);
  return { node, fill: filler([at, again, ...rest]) };
}

function back() {
  const [node, at, what] = [element("li"), element("time"), element("bdi")];
  node.append(at, what);
  return { node, fill: filler([at, what]) };
}

/** Her calls of today, newest first. */
export async function readCalls() {
  const found = await maybe("/v1/console/calls", null);
  visible($("calls-card"), found !== null);
  if (!found) return;
  calls.show(found.slice(0, 200).map((one) => ({ ...one, key: one.id })));
  write($("calls-none"), found.length ? "" : say("no_calls"));
}

/** Her callbacks that stand. */
export async function readCallbacks() {
  const found = await maybe("/v1/console/callbacks", null);
  visible($("backs-card"), found !== null);
  if (!found) return;
  backs.show(found.map((one) => ({ ...one, key: one.id })));
  write($("backs-none"), found.length ? "" : say("no_callbacks"));
}

/** The script, with the customer's fields in it. */
export async function readScript() {
  const found = known.campaign?.script ? await maybe("/v1/console/script", null) : null;
  visible($("script-card"), Boolean(found?.text));
  if (!found?.text) return;
  write($("script-name"), shown(found.title));
  write($("script"), found.text.slice(0, LONGEST));
}

let framed = ""; // the address of the frame
let form = null; // {url, frame} as it is now

/** The campaign's web form for this customer; a frame keeps what is in it as long as its address is the same. */
export async function readForm({ anew = false } = {}) {
  const found = known.screen.lead && known.campaign?.web_form ? await maybe("/v1/console/web-form", null) : null;
  form = /^https?:\/\//.test(found?.url ?? "") ? found : null;
  visible($("form-card"), Boolean(form));
  if (!form) {
    $("form-frame").replaceChildren();
    return;
  }
  pointTo($("form-link"), "href", form.url);
  Object.assign($("form-link"), { target: "_blank", rel: "noopener noreferrer" });
  if (form.frame) frame(form.url, anew);
  else $("form-frame").replaceChildren();
}

function frame(url, anew) {
  if ($("form-frame").firstElementChild && framed === url && !anew) return;
  framed = url;
  const made = element("iframe");
  made.sandbox = FRAME;
  made.referrerPolicy = "no-referrer";
  made.title = say("webForm");
  pointTo(made, "src", url);
  $("form-frame").replaceChildren(made);
}

/** Show the form: its frame, or a new tab (which a browser may keep from opening; the link is there then). */
export function openForm() {
  if (!form) return;
  $("form-card").scrollIntoView({ block: "nearest" });
  if (!form.frame) window.open(form.url, "_blank", "noopener,noreferrer");
  attribute($("form-card"), "class", "card called");
}
