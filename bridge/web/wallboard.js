// The wallboard: one snapshot from the API, then every change from the event stream.
// Text goes into the page through textContent only, so no value can become markup.
"use strict";

const AGENT_TYPES = ["logging_in", "logged_in", "login_failed", "paused", "ready", "offered", "dialing",
  "incall", "wrapup", "logged_out"].map((name) => `agent.${name}`);
const CALL_TYPES = ["planned", "dialing", "ringing", "queued", "answered", "bridged", "ended", "disposed",
  "unknown", "refused"].map((name) => `call.${name}`);
const ASTERISK_TYPES = ["asterisk.up", "asterisk.down", "asterisk.gap"];
const KEEP_ENDED = 30_000; // ms that a finished call stays in the list
const LOG_LINES = 12;

const agents = new Map();
const calls = new Map();
const $ = (id) => document.getElementById(id);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

function age(since) {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
  if (Number.isNaN(seconds)) return "";
  const [minutes, rest] = [Math.floor(seconds / 60), String(seconds % 60).padStart(2, "0")];
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

function agentCard(agent) {
  const card = element("article", `card ${agent.state}`);
  card.append(element("strong", "", agent.user), element("span", "state", agent.state));
  const call = agent.call_id ? calls.get(agent.call_id) : undefined;
  const what = call ? call.number : agent.state === "paused" ? agent.pause_reason : "";
  card.append(element("span", "what", what), element("span", "campaign", agent.campaign));
  const timer = element("time", "age", age(agent.since));
  timer.dataset.since = agent.since;
  card.append(timer);
  return card;
}

function callRow(call) {
  const row = element("tr", call.state);
  row.append(element("td", "state", call.state), element("td", "number", call.number));
  row.append(element("td", "", call.agent), element("td", "", call.campaign));
  const timer = element("td", "age", age(call.since));
  timer.dataset.since = call.since;
  row.append(timer, element("td", "", call.result));
  return row;
}

function draw() {
  const seated = [...agents.values()].sort((a, b) => a.user.localeCompare(b.user, undefined, { numeric: true }));
  $("agents").replaceChildren(...seated.map(agentCard));
  $("no-agents").hidden = seated.length > 0;
  const shown = [...calls.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  $("calls").replaceChildren(...shown.map(callRow));
  $("no-calls").hidden = shown.length > 0;
  const count = (state) => seated.filter((agent) => agent.state === state).length;
  const live = shown.filter((call) => !call.over).length;
  $("totals").textContent = `${seated.length} agents · ${count("ready")} ready · ${count("incall")} in call · ${count("paused")} paused · ${live} live calls`;
}

let asked = false;
function redraw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; draw(); });
}

function takeAgent(data, time) {
  if (data.state === "logged_out") agents.delete(data.user);
  else agents.set(data.user, { ...agents.get(data.user), ...data, since: time });
}

function takeCall(data, time) {
  const id = data.call_id;
  const over = ["ended", "disposed"].includes(data.state) || data.rule !== undefined;
  const result = data.status || data.why || data.dial_status || data.reason || "";
  const call = { ...calls.get(id), ...data, id, agent: data.user || "", state: data.state || "refused", since: time, over, result };
  calls.set(id, call);
  if (over) setTimeout(() => { if (calls.get(id) === call) { calls.delete(id); redraw(); } }, KEEP_ENDED);
}

function takeEvent(event) {
  const { type, subject, time, data } = event;
  if (type.startsWith("agent.")) takeAgent(data, time);
  if (type.startsWith("call.")) takeCall(data, time);
  if (type === "asterisk.down") status(`Asterisk ${data.asterisk} is down`, "bad");
  if (type === "asterisk.up") status("live", "good");
  const line = element("li");
  const when = element("time", "", new Date(time).toLocaleTimeString());
  line.append(when, element("b", "", type), element("span", "", subject));
  $("log").prepend(line);
  while ($("log").children.length > LOG_LINES) $("log").lastChild.remove();
  redraw();
}

function status(text, kind) {
  $("link").textContent = text;
  $("link").className = `link ${kind}`;
}

// With the origin: a page opened as http://user:secret@host/ must not resolve paths against its own address.
async function json(path) {
  const response = await fetch(location.origin + path, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

let waiting = null; // events that came while the snapshot was being read

async function snapshot() {
  waiting = [];
  const [seated, live] = await Promise.all([json("/v1/agents"), json("/v1/calls?live=true&limit=500")]);
  agents.clear();
  calls.clear();
  for (const agent of seated) agents.set(agent.user, { ...agent, since: agent.state_since });
  for (const call of live) {
    const since = call.bridged_at || call.answered_at || call.ringing_at || call.dialing_at || call.asked_at;
    calls.set(call.id, { ...call, since, over: false, result: "" });
  }
  const late = waiting;
  waiting = null;
  late.forEach(takeEvent);
  redraw();
}

function connect() {
  const source = new EventSource(`${location.origin}/v1/events`);
  const take = (message) => {
    const event = JSON.parse(message.data);
    if (event.type === undefined) return;
    if (waiting === null) takeEvent(event); else waiting.push(event);
  };
  for (const type of [...AGENT_TYPES, ...CALL_TYPES, ...ASTERISK_TYPES]) source.addEventListener(type, take);
  source.onmessage = take;
  source.addEventListener("snapshot_needed", () => snapshot().catch(failed));
  source.onopen = () => { status("live", "good"); snapshot().catch(failed); };
  source.onerror = () => {
    status("connection lost, trying again …", "bad");
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
  };
}

function failed(error) {
  waiting = null;
  status(`cannot read the state: ${error.message}`, "bad");
}

setInterval(() => {
  for (const timer of document.querySelectorAll("[data-since]")) timer.textContent = age(timer.dataset.since);
}, 1000);
draw();
connect();
