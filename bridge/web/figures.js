// What stands in figures: the large ones on top, queues, campaigns, calls, systems.

import { crowded, dropsTooMany, runsDry, waitsTooLong } from "./alarms.js";
import { Keyed, dress, filler, tableOf } from "./paint.js";
import { stage } from "./state.js";
import { number, say, word } from "./texts.js";
import { duration, element, numberShown, shown } from "./words.js";

const MOST_CALLS = 60; // rows; a longer list is read by nobody on a wall
const STAGES = ["queue", "ringing", "dialling", "parked", "talking"];
const AT_WORK = ["call", "waiting", "dispo", "dialling"];
const $ = (id) => document.getElementById(id);

/** The large figures. */
export class Tiles {
  constructor(parent) {
    this.list = new Keyed(parent, () => {
      const [node, label, value] = [element("div"), element("dt"), element("dd")];
      node.append(label, value);
      return { node, fill: filler([label, value]) };
    }, (row, { text, key, alarm }) => {
      dress(row.node, `tile ${key}${alarm ? " alarm" : ""}`);
      row.fill([say(`tile_${key}`), text]);
    });
  }

  show({ agents, calls, campaigns, queues }, settings, now) {
    const count = (...states) => number(agents.filter((one) => states.includes(one.state)).length);
    const waiting = calls.filter((one) => stage(one) === "queue");
    const longest = waiting.reduce((most, one) => Math.max(most, now - one.since), 0);
    const worst = campaigns.reduce((most, one) => Math.max(most, one.drop_percent), 0);
    this.list.show([
      { key: "ready", text: count("ready"), alarm: waiting.length > 0 && count("ready") === "0" },
      { key: "incall", text: count("incall", "offered", "dialing") },
      { key: "wrapup", text: count("wrapup") },
      { key: "paused", text: count("paused") },
      { key: "live", text: number(calls.length) },
      { key: "waiting", text: number(waiting.length), alarm: queues.some((one) => crowded(one, settings)) },
      { key: "longest", text: duration(longest / 1000), alarm: waiting.some((one) => waitsTooLong(one, settings, now)) },
      { key: "drops", text: say("percent", { share: number(worst, 1) }), alarm: campaigns.some((one) => dropsTooMany(one, settings)) },
    ]);
  }
}

/** Queues with who waits in them, by what is known of calls and agents at this moment. */
export function queuesOf(names, agents, calls) {
  const found = new Map(names.map((name) => [name, { name, key: name, waiting: 0, calls: 0, oldest: null, free: 0, serving: 0 }]));
  for (const call of calls) {
    const queue = found.get(call.queue);
    if (!queue) continue;
    queue.calls += 1;
    if (stage(call) !== "queue") continue;
    queue.waiting += 1;
    queue.oldest = Math.min(queue.oldest ?? call.since, call.since);
  }
  for (const agent of agents) {
    for (const name of agent.queues) {
      const queue = found.get(name);
      if (!queue) continue;
      queue.serving += 1;
      queue.free += agent.state === "ready" ? 1 : 0;
    }
  }
  return [...found.values()].sort((one, other) => other.waiting - one.waiting || (one.name < other.name ? -1 : 1));
}

const linesEach = (one) => {
  const working = AT_WORK.reduce((sum, head) => sum + one.agents[head], 0);
  return working ? number(one.calls / working, 1) : "–";
};
const levelOf = (one) =>
  one.dial_method.startsWith("ADAPT") && one.dial_level > 0 ? `≤ ${number(one.max_dial_level, 2)}` : number(one.dial_level, 2);

/** The tables of the page; `view` tells the settings and the time at each drawing. */
export class Tables {
  constructor(settings) {
    const age = (since) => (since === null ? "–" : duration((this.now - since) / 1000));
    this.settings = settings;
    this.queues = tableOf($("queues-head"), $("queues"), [
      { title: say("queue"), first: true, text: (one) => shown(one.name, 30) },
      { title: say("waiting"), name: "figure", text: (one) => number(one.waiting) },
      { title: say("longest"), name: "figure", text: (one) => age(one.oldest) },
      { title: say("live_calls"), name: "figure wide", text: (one) => number(one.calls) },
      { title: say("serving"), name: "figure", text: (one) => `${number(one.free)} / ${number(one.serving)}` },
    ], (one) => (crowded(one, settings) || (one.oldest !== null && settings.wait && this.now - one.oldest > settings.wait * 1000) ? "alarm" : ""));
    this.campaigns = tableOf($("campaigns-head"), $("campaigns"), [
      { title: say("campaign"), first: true, text: (one) => shown(one.name, 30) },
      { title: say("method"), name: "wide", text: (one) => one.dial_method },
      { title: say("level"), name: "figure wide", text: levelOf },
      { title: say("lines"), name: "figure", text: linesEach },
      { title: say("hopper"), name: "figure", text: (one) => (one.hopper === null ? "–" : number(one.hopper)) },
      { title: say("drops"), name: "figure", text: (one) => say("of_limit", { share: number(one.drop_percent, 2), limit: number(one.drop_limit, 2) }) },
    ], (one) => (dropsTooMany(one, settings) || runsDry(one, settings) ? "alarm" : ""));
    this.calls = tableOf($("calls-head"), $("calls"), [
      { title: say("state"), first: true, name: "state", text: (one) => word("stage", stage(one)) },
      { title: say("number"), text: (one) => numberShown(one.number, settings.whole) },
      { title: say("queue"), name: "wide", text: (one) => shown(one.queue || one.campaign, 20) },
      { title: say("agent"), text: (one) => shown(one.user, 20) },
      { title: say("since"), name: "figure", text: (one) => age(one.since) },
    ], (one) => `${stage(one)}${waitsTooLong(one, settings, this.now) ? " alarm" : ""}`);
  }

  show({ queues, campaigns, calls }, now) {
    this.now = now;
    this.queues.show(queues);
    this.campaigns.show(campaigns.map((one) => ({ ...one, key: one.name })));
    const order = (one) => STAGES.indexOf(stage(one));
    const sorted = [...calls].sort((one, other) => order(one) - order(other) || one.since - other.since);
    this.calls.show(sorted.slice(0, MOST_CALLS).map((one) => ({ ...one, key: one.id })));
    return Math.max(0, calls.length - MOST_CALLS);
  }
}

/** The name of what the bridge depends on, for people. */
export function labelOf(name) {
  const [kind, ...rest] = name.split(":");
  return shown(say(kind, { name: rest.join(":") }), 40);
}

/** What the bridge depends on, as a list of signs. */
export function systemsIn(parent) {
  return new Keyed(parent, () => {
    const [node, label, state] = [element("li"), element("bdi"), element("span", "hidden")];
    node.append(label, " ", state);
    return { node, fill: filler([label, state]) };
  }, (row, { ok, label }) => {
    dress(row.node, ok ? "good" : "bad");
    row.fill([label, say(ok ? "up" : "down")]);
  });
}
