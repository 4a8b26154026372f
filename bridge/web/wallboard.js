// The wallboard: a picture of the whole from the API, then every change from the event stream.
// Text goes into the page through textContent only, so no value can become markup.

import { Agents, MANY } from "./agents.js";
import { alarmsOf, named } from "./alarms.js";
import { all, json } from "./api.js";
import { byHour, chart, span } from "./charts.js";
import { now } from "./clock.js";
import { Tables, Tiles, labelOf, queuesOf, systemsIn } from "./figures.js";
import { Keyed, filler, soon, write } from "./paint.js";
import { colours, furnish, set, settings } from "./settings.js";
import { allow, heed } from "./sound.js";
import { State } from "./state.js";
import { Stream } from "./stream.js";
import { Supervision } from "./supervise.js";
import { language, say, translate } from "./texts.js";
import { attribute, element } from "./words.js";

const QUICKLY = 250; // ms between two pictures
const SLOWLY = 1000; // the same with many agents: a picture costs the browser by their number
const FIGURES = 10_000; // ms between looks at queues, campaigns and systems
const CHARTS = 60_000;
const AGAIN = 5000; // ms until what could not be read is tried again
const NAMES = 1500; // ms until the name of who has come is read
const SLEPT = 5000; // ms without a tick after which this machine has slept
const SETTLE = 300; // ms: events that want the figures anew come in groups

const $ = (id) => document.getElementById(id);
const state = new State();
const figures = { queues: [], campaigns: [], systems: [] };
const empty = {}; // why a part of the page is empty, by its name

translate();
colours($("theme"));
const supervision = new Supervision($("agent"), (user) => state.agents.get(user));
const agents = new Agents($("agents"), settings, (user) => supervision.open(user));
const tables = new Tables(settings);
const tiles = new Tiles($("tiles"));
const systems = systemsIn($("systems"));
const alarms = new Keyed($("alarms"), () => {
  const [node, text] = [element("li"), element("bdi")];
  node.append(text);
  return { node, fill: filler([text]) };
}, (row, { text }) => row.fill([text]));

let at = now(); // of the last tick: all times on the page go on together, so that between two ticks only news is drawn

function draw() {
  const [seated, calls] = [[...state.agents.values()], [...state.calls.values()]];
  const queues = queuesOf(figures.queues, seated, calls);
  const seen = { agents: seated, calls, queues, campaigns: figures.campaigns, systems: figures.systems };
  tiles.show(seen, settings, at);
  agents.show(seated, state.calls, at);
  const more = tables.show(seen, at);
  supervision.show();
  systems.show(figures.systems);
  warn(alarmsOf(seen, settings, at));
  write($("clock"), new Date(at).toLocaleTimeString(language));
  for (const name of ["agents", "queues", "campaigns"]) note(name, seen[name].length);
  note("calls", calls.length);
  if (more) write($("calls-none"), say("more", { count: more }));
}

function note(name, count) {
  write($(`${name}-none`), count ? "" : say(empty[name] ?? "unknown"));
}

function warn(found) {
  alarms.show(named(found));
  const fresh = heed(found, settings.sound);
  if (fresh.length) write($("said"), named(fresh).map((one) => one.text).join(". "));
  else if (!found.length) write($("said"), "");
}

const redraw = () => soon(draw, state.agents.size > MANY ? SLOWLY : QUICKLY);

function status(name, values = {}) {
  write($("link"), say(name, values));
  $("link").className = `link ${name === "live" ? "good" : "bad"}`;
}

/** A part of the page; what is refused or cannot be read is said in its place. */
async function part(name, read, before) {
  try {
    const found = await read();
    empty[name] = `no_${name}`;
    return found;
  } catch (error) {
    if (error.status !== 403) throw error;
    empty[name] = "denied";
    return before;
  }
}

let reading = false;

/** Read agents and calls as they are. */
async function whole() {
  if (reading) return;
  reading = true;
  state.reading();
  try {
    const [seated, calls] = await Promise.all([
      part("agents", () => all("/v1/reports/now?limit=500"), []),
      part("calls", () => all("/v1/calls?live=true&limit=500"), []),
    ]);
    state.whole({ agents: seated, calls });
  } catch (error) {
    state.whole(null);
    later(whole, AGAIN);
    if (error.status) status("unread", { why: error.message });
  } finally {
    reading = false;
  }
  redraw();
}

const timers = new Map();

/** Do it once, so many ms from now, however often it is asked for. */
function later(work, milliseconds) {
  if (timers.has(work)) return;
  timers.set(work, setTimeout(() => { timers.delete(work); work(); }, milliseconds));
}

/** Queues, campaigns and systems, which no event tells of as they are shown. */
async function look() {
  clearTimeout(timers.get(look));
  timers.delete(look);
  try {
    const [ready, queues, campaigns] = await Promise.all([
      json("/ready", { also: [503] }),
      part("queues", () => all("/v1/reports/queues"), []),
      part("campaigns", () => all("/v1/reports/campaigns"), []),
    ]);
    figures.systems = Object.entries(ready.checks).map(([name, ok]) => ({ key: name, name, ok, label: labelOf(name) }));
    figures.queues = queues.map((one) => one.name);
    figures.campaigns = campaigns;
  } catch {
    // the state of the line says it
  }
  redraw();
  later(look, FIGURES);
}

async function hours() {
  const [since, until] = span(now());
  const of = (by) => all(`/v1/reports/statuses?by=${by}&since=${since}&until=${until}`);
  try {
    const rows = await part("charts", () => Promise.all([of("campaign"), of("queue")]), []);
    const titles = [say("chart_out"), say("chart_in")];
    const known = rows.map((found, place) => [titles[place], byHour(found, since), found.length]);
    $("charts").replaceChildren(...known.filter(([, , names]) => names).map(([title, found]) => chart(title, found)));
    note("charts", $("charts").childElementCount);
  } catch {
    later(hours, AGAIN);
    return;
  }
  later(hours, CHARTS);
}

function take(event) {
  state.take(event);
  if (state.strangers) later(whole, NAMES);
  if (/^(asterisk|bridge|campaign|hold)\./.test(event.type)) {
    clearTimeout(timers.get(look));
    timers.delete(look);
    later(look, SETTLE);
  }
  redraw();
}

const stream = new Stream("/v1/events?type=agent&type=call&type=asterisk&type=bridge&type=campaign&type=hold", {
  event: take,
  anew: whole,
  state: (name) => {
    status(name);
    if (name === "refused") whole();
    else if (name === "live") { later(look, SETTLE); later(hours, SETTLE); }
  },
});

let ticked = Date.now();

function tick() {
  const slept = Date.now() - ticked > SLEPT && !document.hidden;
  ticked = Date.now();
  at = now();
  if (slept) stream.restart({ anew: true });
  redraw();
}

function wake() {
  if (!document.hidden && stream.silent) stream.restart({ anew: true });
}

function furnishPage() {
  furnish($("dialog"), $("fields"), redraw);
  $("order").value = settings.order;
  $("order").addEventListener("change", () => { set("order", $("order").value); redraw(); });
  attribute($("sound"), "aria-pressed", String(settings.sound));
  $("sound").addEventListener("click", () => {
    set("sound", !settings.sound);
    if (settings.sound) allow();
    attribute($("sound"), "aria-pressed", String(settings.sound));
  });
  document.addEventListener("pointerdown", () => { if (settings.sound) allow(); }, { once: true });
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", () => stream.restart());
}

furnishPage();
status("connecting");
draw();
setInterval(tick, 1000);
stream.run();
look();
hours();
