// The browser as an agent's phone: SIP over a WebSocket, sound by WebRTC. It takes the call that the bridge makes to
// her, by which she sits in her room, and keeps it through a network that goes away and comes back.

import { UA, WebSocketInterface } from "./vendor/jssip.js";

const SILENCE = 5000; // ms without a word from Asterisk after which it is asked
const ANSWER = 4000; // ms that its answer, and a connection, may take: then the line is dead
const AGAIN = 5000; // ms until a registration that failed for a while is tried again
const CANDIDATES = 500; // ms that the search for addresses goes on after the first was found
const EXPIRES = 300; // s of a registration
const SOUND = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } };
const WRONG = new Set([401, 403, 404, 407]); // what no new try mends: user, secret or phone

/** What `error` is told: a text for people, and a name by which a page finds its own. */
const TEXTS = {
  "microphone-refused": "The browser may not use the microphone.",
  "microphone-missing": "There is no microphone.",
  "sound-refused": "The browser plays no sound before you press a key or click.",
  "sound-lost": "There is no way for sound between this browser and Asterisk.",
  "secret-refused": "Asterisk refuses this phone: its name or its secret is wrong.",
};

/** The WebSocket, which notices that nothing is heard any more and can be given up. */
class Link extends WebSocketInterface {
  heard = 0; // when something came, or the connection was begun

  connect() {
    this.heard = Date.now();
    super.connect();
  }

  /** Take it for lost: a network that is gone does not say so. */
  drop() {
    const tell = this.ondisconnect;
    this.disconnect();
    tell?.(true, 1006, "silent");
  }

  _onMessage(event) {
    this.heard = Date.now();
    super._onMessage(event);
  }
}

/** One phone. `on` has: state(name), error(text, name). */
export class Phone {
  #settings;
  #on;
  #state = "";
  #ua = null;
  #link = null;
  #call = null;
  #microphone = null;
  #muted = false;
  #asked = 0; // when Asterisk was asked last
  #timers = [];
  #ending = null; // of what the window is listened to for

  /** `settings`: what `GET /v1/console/phone` answers. */
  constructor(settings, on) {
    this.#settings = settings;
    this.#on = on;
    this.audio = document.createElement("audio");
    this.audio.autoplay = true;
    this.audio.hidden = true;
  }

  /** connecting, registered, ringing, talking, lost or refused. */
  get state() {
    return this.#state;
  }

  /** Ask for the microphone and register; with no microphone it is `refused`. */
  async start() {
    if (this.#ua) return;
    this.#say("connecting");
    document.body.append(this.audio);
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    if (!(await this.#listen())) return this.#refuse();
    if (signal.aborted) return this.#release(); // stopped while somebody was asked
    this.#register();
    window.addEventListener("offline", () => this.#link?.drop(), { signal });
    window.addEventListener("pagehide", () => this.stop(), { signal });
    navigator.mediaDevices.addEventListener("devicechange", () => this.#heal(), { signal });
    for (const gesture of ["pointerdown", "keydown"]) {
      document.addEventListener(gesture, () => this.#play(), { signal });
    }
  }

  /** Hang up and be no phone any more. */
  stop() {
    this.#ending?.abort();
    this.#timers.forEach(clearInterval);
    this.#timers = [];
    const ua = this.#ua;
    this.#ua = null; // what it still says is not heard
    this.#call = null;
    ua?.stop();
    this.#release();
    this.audio.srcObject = null;
    this.audio.remove();
  }

  /** End the call, if there is one. */
  hangup() {
    if (this.#call && !this.#call.isEnded()) this.#call.terminate();
  }

  /** Send silence, or the microphone again; it holds for the next call too. */
  mute(muted) {
    this.#muted = muted;
    for (const track of this.#microphone?.getTracks() ?? []) track.enabled = !muted;
  }

  // -- registration

  #register() {
    const { websocket, uri, user, password } = this.#settings;
    this.#link = new Link(websocket);
    const ua = new UA({
      sockets: [this.#link], uri, password,
      authorization_user: user,
      register_expires: EXPIRES,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: "agent-bridge console",
    });
    this.#ua = ua;
    const heard = (name, act) => ua.on(name, (event) => { if (this.#ua === ua) act(event); });
    heard("disconnected", () => this.#say("lost"));
    heard("registered", () => this.#registered());
    heard("registrationFailed", ({ response }) => this.#failed(response?.status_code));
    heard("newRTCSession", ({ originator, session }) => { if (originator === "remote") this.#answer(session); });
    ua.start();
    this.#timers.push(setInterval(() => this.#watch(), 1000));
  }

  #registered() {
    if (!this.#call) return this.#say("registered");
    this.#say("talking");
    // Asterisk learns where this end of the call is now, and the sound looks for its way again.
    this.#call.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  #failed(status) {
    if (WRONG.has(status)) {
      this.#tell("secret-refused");
      return this.#refuse();
    }
    this.#say("lost");
    if (this.#ua.isConnected()) setTimeout(() => this.#ua?.isConnected() && this.#ua.register(), AGAIN);
  }

  #refuse() {
    this.stop();
    this.#say("refused");
  }

  /** Each second: ask in silence, and take the line for lost when nothing comes. */
  #watch() {
    const silent = Date.now() - this.#link.heard;
    if (this.#link.isConnecting()) {
      if (silent > ANSWER) this.#link.drop();
    } else if (this.#link.isConnected()) {
      if (silent > SILENCE + ANSWER) this.#link.drop();
      else if (silent > SILENCE) this.#ask();
    }
  }

  #ask() {
    if (this.#asked > this.#link.heard) return;
    this.#asked = Date.now();
    this.#ua.sendOptions(this.#settings.uri);
  }

  // -- the call

  #answer(call) {
    if (this.#call && this.#sounds(this.#call)) return call.terminate({ status_code: 486 });
    this.hangup(); // what is left of a call that the network has taken
    this.#call = call;
    const heard = (name, act) => call.on(name, (event) => { if (this.#call === call) act(event); });
    heard("peerconnection", ({ peerconnection }) => this.#follow(peerconnection));
    heard("icecandidate", ({ ready }) => setTimeout(ready, CANDIDATES));
    heard("confirmed", () => this.#say("talking"));
    heard("ended", () => this.#ended());
    heard("failed", () => this.#ended());
    this.#say("ringing");
    const iceServers = (this.#settings.ice_servers ?? []).map((urls) => ({ urls }));
    call.answer({ mediaStream: this.#microphone, pcConfig: { iceServers } });
  }

  #sounds(call) {
    return call.isEstablished() && ["connected", "completed"].includes(call.connection?.iceConnectionState);
  }

  #follow(connection) {
    connection.addEventListener("track", ({ track, streams }) => {
      this.audio.srcObject = streams[0] ?? new MediaStream([track]);
      this.#play();
    });
    connection.addEventListener("iceconnectionstatechange", () => {
      if (connection.iceConnectionState === "failed" && this.#call?.connection === connection) this.#tell("sound-lost");
    });
  }

  #ended() {
    this.#call = null;
    this.audio.srcObject = null;
    if (this.#state !== "lost") this.#say(this.#ua.isRegistered() ? "registered" : "connecting");
  }

  #play() {
    if (this.audio.srcObject && this.audio.paused) this.audio.play().catch(() => this.#tell("sound-refused"));
  }

  // -- the microphone

  /** Take the microphone; false if there is none that may be used. */
  async #listen() {
    try {
      this.#microphone = await navigator.mediaDevices.getUserMedia(SOUND);
    } catch (error) {
      this.#tell(error.name === "NotFoundError" ? "microphone-missing" : "microphone-refused");
      return false;
    }
    this.mute(this.#muted);
    return true;
  }

  /** Another microphone in the place of one that was unplugged, in the middle of a call too. */
  async #heal() {
    const gone = this.#microphone?.getAudioTracks().every((track) => track.readyState === "ended");
    if (!gone || !(await this.#listen()) || !this.#ua) return;
    const [track] = this.#microphone.getAudioTracks();
    for (const sender of this.#call?.connection?.getSenders() ?? []) sender.replaceTrack(track);
  }

  #release() {
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = null;
  }

  // -- what is told

  #say(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#on.state(state);
  }

  #tell(name) {
    this.#on.error?.(TEXTS[name], name);
  }
}
