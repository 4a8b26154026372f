// The agent's console: who she is, her screen from the event stream, and the parts that show it.
// Text goes into the page through textContent only, so no value can become markup.

import "./console_texts.js";
import { $, act, alarm, failed, known, onEnd, session, visible } from "./console_base.js";
import * as call from "./console_call.js";
import * as dial from "./console_dial.js";
import * as done from "./console_done.js";
import * as fields from "./console_fields.js";
import { Line, maybe, send } from "./console_line.js";
import * as login from "./console_login.js";
import * as panels from "./console_panels.js";
import * as phone from "./console_phone.js";
import * as state from "./console_state.js";
import * as told from "./console_told.js";
import { write } from "./paint.js";
import { colours } from "./settings.js";
import { say, translate } from "./texts.js";
import { shown } from "./words.js";

const SETTLE = 150; // ms: events that want the same thing read come in groups

let line = null;
let before = {}; // what the parts that are read were read for

const timers = new Map();

/** Do it once, soon, however often it is asked for. */
function soon(work) {
  if (timers.has(work)) return;
  timers.set(work, setTimeout(async () => {
    timers.delete(work);
    try {
      await work();
    } catch (error) {
      failed(error);
    }
  }, SETTLE));
}

// -- what is shown

function view() {
  const name = !known.me || known.ended ? "login" : session() ? "work" : "seat";
  if ($(name).hidden && name === "seat") state.seat();
  for (const one of ["login", "seat", "work"]) visible($(one), one === name);
  visible($("leave"), name !== "login");
}

function draw() {
  view();
  if (!session()) return;
  for (const part of [state, call, dial, done]) part.draw();
  fields.clock();
}

/** Her screen is this one now. */
function take(found) {
  if (found.seq < known.screen.seq) return; // an older picture, which was on its way
  known.screen = found;
  fields.show(found.lead);
  told.show(found.screen.notifications);
  const now = {
    campaign: found.session?.campaign, call: call.live()?.id, lead: found.lead?.id ?? found.preview?.number,
    values: JSON.stringify(found.lead), state: found.session?.state, shift: found.session?.session_id,
  };
  for (const [name, works] of Object.entries(READ)) if (now[name] !== before[name]) works.forEach(soon);
  if (before.shift && !now.shift) soon(whoami);
  before = now;
  draw();
}

async function campaign() {
  known.campaign = session() ? await maybe("/v1/console/campaign") : null;
  draw();
  for (const work of [panels.readScript, form]) soon(work);
}

async function reread() {
  take(await send("GET", `/v1/agents/${encodeURIComponent(known.me.user)}/screen/snapshot`));
}

/** Whether the bridge still knows her, and what she may choose. */
async function whoami() {
  known.me = await send("GET", "/v1/console");
  if (!session()) state.seat();
  draw();
}

async function again() {
  await reread();
  await call.read(); // which asks only while there is a call
}

const form = () => panels.readForm();
const formAnew = () => panels.readForm({ anew: true });
const READ = {
  campaign: [campaign], call: [call.read, panels.readCalls], lead: [panels.readScript, form],
  values: [panels.readScript, form], state: [call.read, panels.readCalls, panels.readCallbacks], shift: [phone.read],
};
const PANELS = { formreload: formAnew, scriptreload: panels.readScript, script2reload: panels.readScript, callbacksreload: panels.readCallbacks };

const EVENTS = {
  "screen.fields_updated": ({ fields: names }) => fields.mark(names),
  "screen.panels_refreshed": ({ panels: names }) => names.forEach((name) => PANELS[name] && soon(PANELS[name])),
  "screen.timer_set": ({ action, message, seconds }) => told.timerSet({ action, message, seconds }),
  "screen.notified": ({ notification, text, look }, { time }) => told.show([{ id: notification, text, look, at: time }]),
  "screen.focused": () => window.focus(),
  "agent.login_failed": () => alarm(say("loginFailed")),
  "agent.phone": ({ stage }) => alarm(stage === "failed" ? say("phoneFailed") : ""),
  "agent.dial_queued": () => told.tell(say("dialQueued")),
  "agent.dial_dropped": ({ reason }) => told.tell(say("dialDropped", { why: shown(reason, 80) })),
  "recording.started": () => soon(reread),
  "recording.stopped": () => soon(reread),
  "callback.due": () => told.tell(say("callbackDue")),
};

function happen(event, type) {
  if (type === "snapshot") {
    take(event);
    return;
  }
  EVENTS[type]?.(event.data, event);
  if (type.startsWith("call.")) soon(again);
  if (type.startsWith("callback.")) soon(panels.readCallbacks);
}

// -- the line

function status(name) {
  write($("link"), say(name));
  $("link").className = `link ${name === "live" ? "good" : "bad"}`;
  document.body.classList.toggle("lost", name === "lost");
  if (name === "live") alarm();
  if (name === "refused") whoami().catch(failed);
}

function entered(me) {
  if (known.me && known.me.user !== me.user) {
    location.reload(); // nothing of the one before may stay
    return;
  }
  Object.assign(known, { me, ended: false });
  login.expect(true);
  write($("me"), shown(me.name || me.user));
  if (line) line.again();
  else {
    line = new Line(me.user, { event: happen, state: status, back: () => { soon(again); soon(panels.readCalls); } });
    line.run();
  }
  draw();
  for (const work of [phone.read, panels.readCalls, panels.readCallbacks]) soon(work);
}

/** The bridge knows her no more: what is on the page is not for whoever sits here now; what she typed stays. */
function end() {
  if (!known.me || known.ended) return;
  known.ended = true;
  login.expect(false);
  phone.stop();
  view();
  $("login-user").focus();
}

async function start() {
  const link = login.linkOf();
  view();
  if (!link && !login.expected()) return;
  try {
    entered(await (link ? login.byLink(link) : send("GET", "/v1/console")));
  } catch (error) {
    login.expect(false);
    if (error.status !== 401 || link) alarm(link && error.status === 401 ? say("linkUsed") : error.message);
  }
}

function furnish() {
  translate();
  colours($("theme"));
  for (const part of [state, call, dial, done, fields, panels, phone]) part.furnish();
  told.furnish(panels.openForm);
  login.furnish(entered);
  onEnd(end);
  $("leave").addEventListener("click", () => act($("leave"), async () => {
    await send("DELETE", "/v1/console");
    login.expect(false);
    location.reload();
  }));
  setInterval(() => { draw(); told.tick(); }, 1000);
}

furnish();
status("connecting");
start();
