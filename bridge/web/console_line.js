// The line to the bridge: her screen's stream, whether it lives, and the requests that she makes.

import { ask } from "./api.js";
import { happened } from "./clock.js";
import { Stream } from "./stream.js";
import { say } from "./texts.js";

const PATIENCE = 15_000; // ms that an answer may take
const BEAT = 1; // s between two signs of life that are asked for
const QUIET = 2300; // ms without one after which the line counts as lost; it is shown within 3 s
const DEAD = 6000; // ms after which it is begun anew
const LOOK = 250;

/** What the bridge has not done: its problem (RFC 9457), or that nothing came back. */
export class Refusal extends Error {
  constructor(status, problem = {}) {
    super([problem.detail || problem.title || "", problem.mend ?? ""].filter(Boolean).join(" – ") || say("failed", { status }));
    this.status = status;
    this.id = problem.error_id ?? "";
    this.field = (problem.field ?? "").split(".").pop();
  }
}

/** Send a request; `body` as JSON. The JSON of the answer, or null if it has none. */
export async function send(method, path, body) {
  const options = { method, signal: AbortSignal.timeout(PATIENCE), headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await ask(path, options);
  } catch {
    throw new Refusal(0, { error_id: "network", detail: say("unsent") });
  }
  const text = await response.text().catch(() => "");
  const told = parsed(text);
  if (!response.ok) throw new Refusal(response.status, told ?? {});
  return told;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Reads, where there may be nothing: `none` if the bridge answers so (404, 409), else an error. */
export async function maybe(path, none = null) {
  try {
    return await send("GET", path);
  } catch (error) {
    if (error.status === 403 || error.status === 404 || error.status === 409) return none;
    throw error;
  }
}

/** Follows one agent's screen. `on`: event(event, type), state(name), back(): it lives again. */
export class Line {
  constructor(user, on) {
    this.on = on;
    this.said = "";
    [this.open, this.refused, this.tried] = [false, false, false]; // what became of the last try
    this.stream = new Stream(`/v1/agents/${encodeURIComponent(user)}/screen?heartbeat=${BEAT}`, {
      event: (event, type) => { happened(event.time); on.event(event, type); },
      anew: () => {},
      state: (name) => this.told(name),
    }, { silence: DEAD });
    this.offline = !navigator.onLine;
    window.addEventListener("offline", () => { this.offline = true; this.look(); });
    window.addEventListener("online", () => { this.offline = false; this.stream.restart(); });
    setInterval(() => this.look(), LOOK);
  }

  /** Begin; once. */
  run() {
    this.show("connecting");
    this.stream.run();
  }

  /** She has logged in anew. */
  again() {
    this.stream.restart({ anew: true });
  }

  told(name) {
    [this.open, this.refused, this.tried] = [name === "live", name === "refused", true];
    if (this.refused) this.show("refused");
    else this.look();
  }

  look() {
    if (this.refused) return;
    const quiet = Date.now() - this.stream.heard > QUIET;
    if (this.open && !this.offline && !quiet) this.show("live");
    else if (this.tried || this.offline) this.show("lost");
  }

  show(name) {
    if (this.said === name) return;
    const before = this.said;
    this.said = name;
    this.on.state(name);
    if (name === "live" && before !== "connecting") this.on.back();
  }
}
