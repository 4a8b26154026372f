// What a supervisor can do with an agent: hear her, be heard by her or by all, and log her out.

import { Failed, post } from "./api.js";
import { element, shown } from "./words.js";
import { say, word } from "./texts.js";
import { settings, set } from "./settings.js";

const WAYS = ["listen", "whisper", "barge"];
const PHONE = /^[A-Za-z0-9_-]{1,40}$/;

/** The dialog of one agent, opened by her card. */
export class Supervision {
  /** `find(user)` gives what is known of an agent; nothing if she is not there any more. */
  constructor(dialog, find) {
    this.dialog = dialog;
    this.find = find;
    this.user = "";
    const part = (name) => dialog.querySelector(`[data-part=${name}]`);
    Object.assign(this, { title: part("title"), about: part("about"), phone: part("phone"), said: part("said") });
    this.leave = element("button", "", "", { type: "button" });
    this.ways = WAYS.map((way) => this.button(way, () => this.monitor(way)));
    part("ways").append(...this.ways);
    this.leave.addEventListener("click", () => this.logout());
    part("end").append(this.leave, this.button("close", () => dialog.close()));
    dialog.addEventListener("close", () => { this.user = ""; });
  }

  button(name, work) {
    const made = element("button", "", say(name), { type: "button" });
    made.addEventListener("click", work);
    return made;
  }

  /** Open it for an agent. */
  open(user) {
    this.user = user;
    this.sure = false;
    this.phone.value = settings.phone;
    this.tell("");
    this.show();
    this.dialog.showModal();
  }

  /** Bring it up to date. */
  show() {
    if (!this.user) return;
    const agent = this.find(this.user);
    this.title.textContent = shown(this.user, 20);
    this.about.textContent = agent
      ? [shown(agent.name, 40), word("state", agent.state), shown(agent.campaign, 20)].filter(Boolean).join(" · ")
      : say("gone");
    for (const button of [...this.ways, this.leave]) button.disabled = !agent;
    this.leave.textContent = say(this.sure ? "logoutSure" : "logout");
  }

  tell(text, bad = false) {
    this.said.textContent = text;
    this.said.className = bad ? "bad" : "";
  }

  async monitor(way) {
    const phone = this.phone.value.trim();
    if (!PHONE.test(phone)) {
      this.tell(say("phoneBad"), true);
      this.phone.focus();
      return;
    }
    set("phone", phone);
    await this.ask("monitor", { phone, way }, say("rings", { phone }));
  }

  async logout() {
    if (!this.sure) this.sure = true;
    else if (await this.ask("logout", {}, say("loggedOut"))) this.sure = false;
    this.show();
  }

  async ask(command, body, done) {
    const user = this.user;
    this.tell(say("asking"));
    try {
      await post(`/v1/agents/${encodeURIComponent(user)}/${command}`, body);
      if (this.user === user) this.tell(done);
      return true;
    } catch (error) {
      const why = error instanceof Failed ? error.why || String(error.status) : say("lostLine");
      if (this.user === user) this.tell(say("notDone", { why: shown(why, 200) }), true);
      return false;
    }
  }
}
