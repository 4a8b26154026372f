// The event stream, read with fetch: unlike EventSource it shows the heartbeats, so that a line that died while
// the laptop slept is noticed, and tells why it was refused.

import { ask } from "./api.js";

const SILENCE = 40_000; // ms without a byte after which the line is dead; a heartbeat comes every 15 s
const LOOK = 5000; // ms between looks at whether it is
const FIRST_WAIT = 500; // ms before the first new try, doubled for each further one
const LONGEST_WAIT = 5000;
const FRESH = 60_000; // ms of absence up to which the missed events are asked for, instead of the whole state

/**
 * Follows the events. `on` has: event(event, type), state(name), anew(): what is known has to be read again.
 * `silence`: ms without a byte after which the line is dead.
 */
export class Stream {
  constructor(path, on, { silence = SILENCE } = {}) {
    this.path = path;
    this.on = on;
    this.silence = silence;
    this.last = ""; // number of the last event
    this.heard = 0; // when the last byte came
    this.began = 0; // when it was last asked for
    this.tries = 0;
    this.aborting = null;
    this.waking = null;
  }

  /** Follow for ever. */
  async run() {
    for (;;) {
      const end = await this.once();
      if (end) this.on.state(end);
      const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.tries);
      this.tries += 1;
      await this.pause(longest * (0.5 + Math.random() / 2)); // not all screens at once
    }
  }

  /** Begin anew at once, as after a sleep; `anew`: with the whole state. */
  restart({ anew = false } = {}) {
    if (anew) this.last = "";
    this.tries = 0;
    this.aborting?.abort();
    this.waking?.();
  }

  /** Whether no byte has come for too long. */
  get silent() {
    return this.heard > 0 && Date.now() - this.heard > this.silence;
  }

  /** Whether this try has come to nothing for too long; one that has just begun has its time, too. */
  get dead() {
    return Date.now() - Math.max(this.heard, this.began) > this.silence;
  }

  async once() {
    this.aborting = new AbortController();
    this.began = Date.now();
    const late = setInterval(() => { if (this.dead) this.aborting.abort(); }, Math.min(LOOK, this.silence / 2));
    if (Date.now() - this.heard > FRESH) this.last = "";
    const headers = { Accept: "text/event-stream" };
    if (this.last) headers["Last-Event-ID"] = this.last;
    try {
      const response = await ask(this.path, { signal: this.aborting.signal, headers });
      if (!response.ok) return response.status === 401 || response.status === 403 ? "refused" : "lost";
      this.heard = Date.now();
      this.on.state("live");
      if (!headers["Last-Event-ID"]) this.on.anew();
      await this.read(response.body.pipeThrough(new TextDecoderStream()).getReader());
    } catch {
      // the line is lost: what there is to say of it is said below
    } finally {
      clearInterval(late);
    }
    return "lost";
  }

  async read(reader) {
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      [this.heard, this.tries] = [Date.now(), 0];
      const messages = (rest + value).split("\n\n");
      rest = messages.pop();
      messages.forEach((text) => this.take(text));
    }
  }

  take(text) {
    let [type, data] = ["", ""];
    for (const line of text.split("\n")) {
      if (line.startsWith("id: ")) this.last = line.slice(4);
      else if (line.startsWith("event: ")) type = line.slice(7);
      else if (line.startsWith("data: ")) data += line.slice(6);
    }
    if (type === "snapshot_needed") this.on.anew();
    else if (type) this.on.event(JSON.parse(data), type);
  }

  pause(milliseconds) {
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.waking = () => { clearTimeout(timer); done(); };
    });
  }
}
