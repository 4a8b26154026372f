// The agents as cards, the same card for an agent as long as she is there.

import { overdue } from "./alarms.js";
import { Keyed, dress, filler } from "./paint.js";
import { say, word } from "./texts.js";
import { duration, element, numberShown, roughly, shown } from "./words.js";

/** Agents from which on the cards are small, and their times rough. */
export const MANY = 48;
const STATES = ["wrapup", "paused", "incall", "dialing", "offered", "ready", "connecting"]; // as a supervisor asks
const collator = new Intl.Collator(undefined, { numeric: true });
const byUser = (one, other) => collator.compare(one.user, other.user);
const ORDERS = {
  user: byUser,
  state: (one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state) || byUser(one, other),
  since: (one, other) => one.since - other.since || byUser(one, other),
};

function make(choose) {
  const node = element("li");
  const [open, user, name] = [element("button", "open", "", { type: "button" }), element("bdi", "user"), element("bdi", "name")];
  const [state, age] = [element("span", "state"), element("span", "age")];
  const [what, more] = [element("bdi", "what"), element("bdi", "more")];
  open.append(user);
  node.append(open, age, state, what, name, more);
  const row = { node, user: "", fill: filler([user, age, state, what, name, more]) };
  open.addEventListener("click", () => choose(row.user));
  return row;
}

/** What shows them in `parent`; `choose(user)` is called with the one whose card is opened. */
export class Agents {
  constructor(parent, settings, choose) {
    this.parent = parent;
    this.settings = settings;
    this.list = new Keyed(parent, () => make(choose), (row, agent) => this.fill(row, agent));
  }

  show(agents, calls, now) {
    [this.calls, this.now] = [calls, now];
    this.parent.classList.toggle("many", agents.length > MANY);
    this.age = agents.length > MANY ? roughly : duration;
    agents.sort(ORDERS[this.settings.order]);
    this.list.show(agents.map((agent) => ({ ...agent, key: agent.user })));
  }

  fill(row, agent) {
    row.user = agent.user;
    dress(row.node, `${agent.state}${overdue(agent, this.settings, this.now) ? " alarm" : ""}`);
    const call = this.calls.get(agent.call);
    const what = agent.state === "paused" ? shown(agent.pause, 20) : call ? numberShown(call.number, this.settings.whole) : "";
    row.fill([
      shown(agent.user, 20),
      this.age((this.now - agent.since) / 1000),
      word("state", agent.state),
      what,
      shown(agent.name, 40),
      [shown(agent.campaign, 20), say("calls_today", { count: agent.calls })].join(" · "),
    ]);
  }
}
