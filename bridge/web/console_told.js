// What she is told: notifications, with confetti for those who like it, and what is to be done at a time in her call.

import { $, act, known, visible } from "./console_base.js";
import { begun, dialPreset, live } from "./console_call.js";
import { confetti } from "./console_confetti.js";
import { since } from "./console_state.js";
import { Keyed, filler, write } from "./paint.js";
import { language, say } from "./texts.js";
import { element, shown } from "./words.js";

const LONGEST = 2000;
const FRESH = 15; // s in which a notification is news, also if the line was lost when it came
const LATE = 10; // s after its time, after which an action is not done any more, but told
const GONE = "agent-bridge-console-told"; // ids that she has put away, in this tab
const TIMER = "agent-bridge-console-timer";

let list = null;
let messages = []; // {key, text, look, at}
let openForm = () => {};

function kept(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? [];
  } catch {
    return [];
  }
}

function keep(name, values) {
  try {
    sessionStorage.setItem(name, JSON.stringify(values.slice(-100)));
  } catch {
    // it holds until the page is closed
  }
}

/** The list; `form` opens the campaign's web form. */
export function furnish(form) {
  openForm = form;
  list = new Keyed($("told"), message, (row, one) => {
    row.fill([shown(one.text || say("confetti"), LONGEST), new Date(one.at).toLocaleTimeString(language, { timeStyle: "short" })]);
    row.node.classList.toggle("heavy", /bold|[6-9]00/.test(one.look?.text_weight ?? ""));
    row.text.style.fontSize = `${Math.min(28, Math.max(12, Number(one.look?.text_size) || 12)) / 12}em`;
    row.away.onclick = () => putAway(one.key);
  });
}

function message() {
  const [node, text, at] = [element("li"), element("bdi"), element("time", "soft")];
  const away = element("button", "", say("dismiss"), { type: "button" });
  node.append(at, text, away);
  return { node, text, away, fill: filler([text, at]) };
}

function putAway(key) {
  keep(GONE, [...kept(GONE), key]);
  messages = messages.filter((one) => one.key !== key);
  draw();
}

function draw() {
  list.show([...messages].reverse());
  visible($("told-none"), messages.length === 0);
}

/** Notifications for her: those that her screen has, and one that has just come. Read aloud is what is new. */
export function show(notifications) {
  const gone = new Set([...kept(GONE), ...messages.map((one) => one.key)]);
  const more = notifications.map((one) => ({ ...one, key: `n${one.id}` })).filter(({ key }) => !gone.has(key));
  if (!more.length) return;
  messages = [...messages, ...more].sort((one, other) => Date.parse(one.at) - Date.parse(other.at)).slice(-20);
  draw();
  const fresh = more.filter(({ at }) => since(at) < FRESH);
  if (fresh.length) write($("said"), fresh.map(({ text }) => shown(text || say("confetti"), LONGEST)).join(". "));
  const thrown = fresh.find(({ look }) => look?.confetti);
  if (thrown) confetti($("confetti"), thrown.look);
}

let own = 0;

/** Something that this page tells her. */
export function tell(text) {
  own += 1;
  messages = [...messages, { key: `own${own}`, text, at: new Date().toISOString() }].slice(-20);
  write($("said"), shown(text, LONGEST));
  draw();
}

/** An action was set: it is to be done, even if the same one was done before. */
export function timerSet(timer) {
  keep(TIMER, []);
  known.screen.screen.timer = timer.action === "NONE" ? null : timer;
}

/** Do the timed action of her call, once, when its time is up. */
export function tick() {
  const [call, { timer }] = [live(), known.screen.screen];
  if (!timer || !call?.answered_at) return;
  const late = since(begun(call)) - timer.seconds;
  const sign = JSON.stringify(timer);
  if (late < 0 || kept(TIMER).includes(sign)) return;
  keep(TIMER, [...kept(TIMER), sign]);
  perform(timer, late < LATE);
}

function perform({ action, message: text }, intime) {
  const preset = /^D([1-5])_DIAL$/.exec(action);
  if (text) tell(text);
  else if (!intime || action === "MESSAGE_ONLY") tell(say("timeUp"));
  if (!intime) return;
  if (preset) act($("invite"), () => dialPreset(Number(preset[1])));
  else if (action.startsWith("WEBFORM")) openForm();
}
