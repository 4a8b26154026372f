// What is not as it should be, by the viewer's thresholds.

import { stage } from "./state.js";
import { number, say } from "./texts.js";
import { duration, shown } from "./words.js";

const SHOWN = 8; // alarms that are named; wider trouble is seen anyway
const MINUTE = 60_000;

/** Whether an agent has been so long in her state that the viewer wants to know. */
export function overdue(agent, settings, now) {
  const limit = { paused: settings.pause, wrapup: settings.wrapup, incall: settings.talk }[agent.state];
  return Boolean(limit) && now - agent.since > limit * MINUTE;
}

/** Whether a call waits too long for an agent. */
export function waitsTooLong(call, settings, now) {
  return stage(call) === "queue" && Boolean(settings.wait) && now - call.since > settings.wait * 1000;
}

/** Whether a campaign has come too near to its limit of dropped calls. */
export function dropsTooMany(campaign, settings) {
  if (!settings.drop || !campaign.abandoned) return false;
  return campaign.drop_percent * 100 >= campaign.drop_limit * settings.drop;
}

/** Whether a campaign that dials by itself has too few leads ready. */
export function runsDry(campaign, settings) {
  const dials = !campaign.dial_method.startsWith("MANUAL") && campaign.dial_method !== "INBOUND_MAN" && campaign.dial_level > 0;
  return Boolean(settings.hopper) && dials && campaign.agents.all > 0 && campaign.hopper !== null && campaign.hopper < settings.hopper;
}

/** Whether too many wait in a queue. */
export function crowded(queue, settings) {
  return Boolean(settings.waiting) && queue.waiting >= settings.waiting;
}

/** All alarms now, each with a `key` that stays the same as long as it lasts, and a `text`. */
export function alarmsOf({ agents, calls, queues, campaigns, systems }, settings, now) {
  const found = [];
  const add = (key, name, values) => found.push({ key, text: say(`alarm_${name}`, values) });
  for (const one of systems) if (!one.ok) add(`system ${one.name}`, one.name === "dialing" ? "held" : "system", { name: one.label });
  for (const one of calls) {
    const place = shown(one.queue || one.campaign, 30);
    const time = duration((now - one.since) / 1000);
    if (waitsTooLong(one, settings, now)) add(`wait ${one.id}`, "wait", { name: place, time });
  }
  for (const one of queues) if (crowded(one, settings)) add(`queue ${one.name}`, "waiting", { name: shown(one.name, 30), count: one.waiting });
  for (const one of campaigns) {
    const [name, share, limit] = [shown(one.name, 30), number(one.drop_percent, 2), number(one.drop_limit, 2)];
    if (dropsTooMany(one, settings)) add(`drop ${one.name}`, "drop", { name, share, limit });
    if (runsDry(one, settings)) add(`hopper ${one.name}`, "hopper", { name, count: one.hopper });
  }
  for (const one of agents) {
    if (!overdue(one, settings, now)) continue;
    const kind = { paused: "pause", wrapup: "wrapup", incall: "talk" }[one.state];
    add(`${kind} ${one.user}`, kind, { name: shown(one.user, 30), time: duration((now - one.since) / 1000) });
  }
  return found;
}

/** Those that are named, the rest as a number. */
export function named(alarms) {
  if (alarms.length <= SHOWN) return alarms;
  const rest = { key: "more", text: say("more", { count: alarms.length - SHOWN + 1 }) };
  return [...alarms.slice(0, SHOWN - 1), rest];
}
