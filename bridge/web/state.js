// What is known of agents and calls: a picture of the whole, and every change since.

import { happened } from "./clock.js";

const OVER = new Set(["ended", "disposed"]);
const BEGIN = {
  planned: "asked_at", sent: "sent_at", dialing: "dialing_at", ringing: "ringing_at",
  queued: "asked_at", answered: "answered_at", bridged: "bridged_at",
};

export class State {
  constructor() {
    this.agents = new Map(); // by user
    this.calls = new Map(); // by id
    this.strangers = false; // somebody has come of whom the events tell no name
    this.early = null; // events that came while the whole was being read
  }

  /** From now on events wait for the whole. */
  reading() {
    this.early ??= [];
  }

  /** The whole has come, or (null) could not be read. */
  whole(found) {
    if (found) {
      this.agents = new Map(found.agents.map((one) => [one.agent, agentOf(one)]));
      this.calls = new Map(found.calls.map((one) => [one.id, callOf(one)]));
      this.strangers = false;
    }
    const late = this.early ?? [];
    this.early = null;
    late.forEach((event) => this.take(event));
  }

  take(event) {
    happened(event.time);
    if (this.early) this.early.push(event);
    else if (event.type.startsWith("agent.")) this.takeAgent(event);
    else if (event.type.startsWith("call.")) this.takeCall(event);
  }

  takeAgent({ type, time, data }) {
    if (data.state === undefined) return; // such as agent.monitored: it tells of somebody else
    if (data.state === "logged_out") {
      this.agents.delete(data.user);
      return;
    }
    const known = this.agents.get(data.user);
    if (known && Date.parse(time) < known.since) return; // the whole that was read knows better
    if (!known && data.state !== "connecting") this.strangers = true;
    const changed = known?.state !== data.state;
    this.agents.set(data.user, {
      name: "", calls: 0, ...known,
      user: data.user, state: data.state, campaign: data.campaign, pause: data.pause_reason,
      call: data.call_id ?? "",
      queues: type === "agent.queues" ? data.queues : known?.queues ?? [],
      calls: (known?.calls ?? 0) + (changed && data.state === "incall" ? 1 : 0),
      since: changed ? Date.parse(time) : known.since,
    });
  }

  takeCall({ type, time, data }) {
    if (data.state === undefined) return; // call.refused: there never was one
    if (OVER.has(data.state)) {
      this.calls.delete(data.call_id);
      return;
    }
    const known = this.calls.get(data.call_id);
    if (known && Date.parse(time) < known.since) return;
    const parked = type === "call.parked" ? true : type === "call.unparked" ? false : known?.parked ?? false;
    this.calls.set(data.call_id, {
      id: data.call_id, state: data.state, number: data.number, campaign: data.campaign, queue: data.queue,
      user: data.user, kind: data.kind, session: data.session_id, parked,
      since: known?.state === data.state ? known.since : Date.parse(time),
    });
  }
}

function agentOf(one) {
  return {
    user: one.agent, name: one.name, state: one.state, campaign: one.campaign, pause: one.pause_reason,
    call: one.call_id, queues: one.queues, calls: one.calls_today, since: Date.parse(one.state_since),
  };
}

function callOf(one) {
  return {
    id: one.id, state: one.state, number: one.number, campaign: one.campaign, queue: one.queue, user: one.agent,
    kind: one.kind, session: one.agent, parked: Boolean(one.parked_at),
    since: Date.parse(one[BEGIN[one.state]] ?? one.asked_at),
  };
}

/** Where a call is, as people say it. */
export function stage(call) {
  if (call.parked) return "parked";
  if (call.state === "queued" || (call.state === "answered" && !call.session)) return "queue";
  if (call.state === "bridged" || call.state === "answered") return "talking";
  return call.state === "ringing" ? "ringing" : "dialling";
}
