// The call in hand: where it is, its parties, hold, keys, recording, third parties, transfer.

import { $, act, choices, click, hers, known, session, visible } from "./console_base.js";
import { maybe } from "./console_line.js";
import { since } from "./console_state.js";
import { Keyed, filler, write } from "./paint.js";
import { say, word } from "./texts.js";
import { attribute, duration, element, shown } from "./words.js";

let others = []; // third parties
let list = null;

/** Her call as long as it lasts; null: there is none. */
export function live() {
  const { call } = known.screen;
  return call && !call.ended_at && session() && session().state !== "wrapup" ? call : null;
}

/** Where it is, as people say it. */
function stage(call) {
  if (call.parked_at) return "parked";
  if (call.bridged_at) return "talking";
  return call.ringing_at ? "ringing" : "dialling";
}

/** Since when she talks, or it is dialled. */
export const begun = (call) => call.bridged_at ?? call.answered_at ?? call.dialing_at ?? call.asked_at;

/** Draw it. */
export function draw() {
  const call = live();
  visible($("call"), Boolean(call));
  if (!call) return;
  write($("call-stage"), word("stage", stage(call)));
  write($("call-age"), duration(since(begun(call))));
  write($("call-number"), shown(call.e164 || call.number, 24));
  write($("call-kind"), [word("kind", call.kind), shown(call.queue, 24)].filter(Boolean).join(" · "));
  write($("park"), say(call.parked_at ? "grab" : "park"));
  const { recording } = known.screen;
  write($("record"), say(recording ? "recordStop" : "record"));
  attribute($("record"), "aria-pressed", String(recording));
  const { presets = [], in_groups: groups = [] } = known.campaign ?? {};
  choices($("preset"), [["", say("none")], ...presets.map(({ name, number, hide_number: hidden }, place) => [String(place), hidden ? name : `${name} ${number}`])]);
  choices($("third-queue"), [["", say("none")], ...groups.map(({ id, name }) => [id, name || id])]);
  visible($("preset").parentElement, presets.length > 0);
  visible($("third-queue").parentElement, groups.length > 0);
  visible($("depart"), others.length > 0);
  visible($("swap"), others.length > 0);
  list.show(others.map((one) => ({ ...one, key: one.id })));
}

/** Read who is in the call. */
export async function read() {
  const call = live();
  const parties = call ? await maybe(`/v1/agents/${encodeURIComponent(known.me.user)}/parties`, []) : [];
  others = parties.filter((one) => one.id !== call.id && !one.ended_at);
  draw();
}

/** What the buttons do. */
export function furnish() {
  list = new Keyed($("parties"), party, (row, one) => {
    row.fill([shown(one.e164 || one.number || one.queue, 24), word("stage", stage(one))]);
  });
  click("hangup", () => hers("POST", "/hangup", {}));
  click("park", () => hers("POST", live()?.parked_at ? "/unpark" : "/park", { party: "customer" }));
  click("record", async () => {
    await hers(known.screen.recording ? "DELETE" : "POST", "/recording");
    known.screen.recording = !known.screen.recording;
    draw();
  });
  click("invite", () => invite(false));
  click("invite-park", () => invite(true));
  click("pass", () => hers("POST", "/transfer", target((number) => ({ number }))));
  click("depart", () => hers("POST", "/leave", {}));
  click("swap", async () => {
    const party = live()?.parked_at ? "third" : "customer";
    await hers("POST", "/swap", { park: party });
    await read();
  });
  $("preset").addEventListener("change", preset);
  $("third").addEventListener("input", () => { $("preset").value = ""; $("third-queue").value = ""; });
  $("third-queue").addEventListener("change", () => { $("preset").value = ""; $("third").value = ""; });
  window.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.code !== "KeyH" || !live()) return;
    event.preventDefault();
    $("hangup").click();
  });
}

function party() {
  const [node, number, where] = [element("li"), element("bdi"), element("span", "soft")];
  const away = element("button", "", say("hangupThird"), { type: "button" });
  node.append(number, " ", where, " ", away);
  away.addEventListener("click", () => act(away, async () => { await hers("DELETE", "/parties/third"); await read(); }));
  return { node, fill: filler([number, where]) };
}

const chosenPreset = () => ($("preset").value === "" ? null : known.campaign?.presets[Number($("preset").value)]);

function preset() {
  const chosen = chosenPreset();
  if (!chosen) return;
  $("third").value = chosen.hide_number ? "" : chosen.number;
  $("third-queue").value = "";
}

/** Whom she has chosen: a number, or an in-group. */
function target(ofNumber) {
  const [number, queue] = [chosenPreset()?.number ?? $("third").value.replace(/[\s().-]/g, ""), $("third-queue").value];
  if (!number && !queue) {
    $("third").focus();
    throw Object.assign(new Error(say("whom")), { status: 0 });
  }
  return queue ? { queue } : ofNumber(number);
}

async function invite(park) {
  await hers("POST", "/parties", { ...target((number) => ({ numbers: [number] })), park });
  await read();
}

/** Call a preset of the campaign in, by its place (1 to 5). */
export async function dialPreset(place) {
  const chosen = known.campaign?.presets[place - 1];
  if (chosen && live()) await hers("POST", "/parties", { numbers: [chosen.number] });
  await read();
}
