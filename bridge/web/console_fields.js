// The customer's fields. What she types stays hers until it is saved: new values of others go into fields that she
// has not touched, and stand beside those that she has.

import { now } from "./clock.js";
import { $, act, hers, known, visible } from "./console_base.js";
import { write } from "./paint.js";
import { say } from "./texts.js";
import { attribute, element, shown } from "./words.js";

const FIELDS = [
  "title", "first_name", "middle_initial", "last_name", "address1", "address2", "address3", "postal_code", "city", "state",
  "province", "country_code", "alt_phone", "email", "date_of_birth", "gender", "vendor_lead_code", "security_phrase", "comments",
];
const LONG = "comments";
const LONGEST = { comments: 2000 };
const MARKED = 8000; // ms for which a changed field is marked

const rows = new Map(); // of each field: input, hint, before (as the bridge has it)
let lead = null;
let note = ""; // what happened last to her fields

/** Whether there is something that is not saved. */
export const dirty = () => changed().length > 0;

function changed() {
  return lead ? FIELDS.filter((name) => rows.get(name).input.value !== rows.get(name).before) : [];
}

/** Make the fields. */
export function furnish() {
  for (const name of FIELDS) $("lead-fields").append(row(name));
  $("lead").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  $("lead").addEventListener("input", (event) => { clear(event.target); note = ""; count(); });
  $("undo").addEventListener("click", () => { for (const name of FIELDS) fill(name, rows.get(name).before); count(); });
  window.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s" || !lead) return;
    event.preventDefault();
    submit();
  });
  window.addEventListener("beforeunload", (event) => { if (dirty()) event.preventDefault(); });
}

function row(name) {
  const id = `lead-${name}`;
  const node = element("div", `field ${name}`);
  const input = element(name === LONG ? "textarea" : "input", "", "", {
    id, name, dir: "auto", autocomplete: "off", "aria-describedby": `${id}-hint`, maxlength: String(LONGEST[name] ?? 255),
  });
  if (name === LONG) attribute(input, "rows", "4");
  const hint = element("p", "hint", "", { id: `${id}-hint` });
  node.append(element("label", "", say(`field_${name}`), { for: id }), input, hint);
  rows.set(name, { node, input, hint, before: "", timer: null });
  return node;
}

const text = (value) => (value === null || value === undefined ? "" : String(value));

/** As an input keeps it: line breaks are `\n`, and one of a single line has none. */
function kept(name, value) {
  const plain = text(value).replace(/\r\n?/g, "\n");
  return name === LONG ? plain : plain.replace(/\n/g, "");
}

function fill(name, value) {
  const { input } = rows.get(name);
  if (input.value !== value) input.value = value;
  clear(input);
}

function clear(input) {
  const found = rows.get(input.name);
  if (!found) return;
  found.hint.replaceChildren();
  input.removeAttribute("aria-invalid");
}

/** Show this lead, or none. */
export function show(found) {
  if (found?.id !== lead?.id) change(found);
  else if (found) for (const name of FIELDS) renew(name, kept(name, found[name]));
  lead = found;
  visible($("lead"), Boolean(lead));
  write($("customer-none"), lead ? "" : say("no_customer"));
  write($("customer-name"), lead ? shown([lead.title, lead.first_name, lead.last_name].filter(Boolean).join(" "), 80) : "");
  write($("customer-number"), lead ? `+${shown(lead.phone_code, 6)} ${shown(lead.phone_number, 24)}` : "");
  custom();
  count();
}

/** Another customer: what was not saved of the former one is put aside, readable. */
function change(found) {
  note = "";
  for (const name of changed()) {
    const item = element("li");
    const [who, what] = [element("bdi", "", shown($("customer-name").textContent)), element("bdi", "typed", rows.get(name).input.value)];
    const away = element("button", "", say("dismiss"), { type: "button" });
    away.addEventListener("click", () => item.remove());
    item.append(`${say("leftOver")}: `, who, `, ${say(`field_${name}`)}: `, what, " ", away);
    $("left").append(item);
  }
  for (const name of FIELDS) {
    Object.assign(rows.get(name), { before: kept(name, found?.[name]) });
    fill(name, rows.get(name).before);
    rows.get(name).node.classList.remove("changed");
  }
}

function renew(name, value) {
  const found = rows.get(name);
  if (value === found.before) return;
  const touched = found.input.value !== found.before && found.input.value !== value;
  found.before = value;
  if (touched) offer(name, value);
  else fill(name, value);
}

/** Somebody else has another value for a field that she has changed: she sees it, and may take it. */
function offer(name, value) {
  const { hint } = rows.get(name);
  const take = element("button", "", say("takeIt"), { type: "button" });
  take.addEventListener("click", () => { fill(name, rows.get(name).before); count(); });
  hint.replaceChildren(`${say("newValue")}: `, element("bdi", "", shown(value, 120)), " ", take);
}

/** These fields were changed by somebody else: they are marked for a while. */
export function mark(names) {
  for (const name of names) {
    const found = rows.get(name);
    if (!found) continue;
    found.node.classList.add("changed");
    clearTimeout(found.timer);
    found.timer = setTimeout(() => found.node.classList.remove("changed"), MARKED);
  }
  const told = names.filter((name) => rows.has(name)).map((name) => say(`field_${name}`));
  note = told.length ? say("fieldsChanged", { names: told.join(", ") }) : note;
  count();
}

function count() {
  const many = changed().length;
  visible($("undo"), many > 0);
  write($("lead-told"), [many ? say("unsaved", { count: many }) : "", note].filter(Boolean).join(" · "));
}

function submit() {
  if (dirty()) act($("lead").querySelector("[type=submit]"), save);
}

/** Save what she has changed; it stays in the fields if that fails. */
export async function save() {
  const names = changed();
  if (!names.length) return;
  for (const name of names) fill(name, oneLine(rows.get(name).input.value));
  const typed = Object.fromEntries(names.map((name) => [name, rows.get(name).input.value]));
  const of = lead.id;
  try {
    const found = await hers("PATCH", "/screen/lead", typed);
    if (lead?.id !== of) return;
    for (const name of names) rows.get(name).before = kept(name, found[name] ?? typed[name]);
    note = say("saved");
    count();
  } catch (error) {
    refused(error);
    throw error;
  }
}

/** A note has one line where it is kept. */
const oneLine = (value) => value.replace(/\s*\n\s*/g, " ").trimEnd();

function refused(error) {
  const found = rows.get(error.field);
  if (!found) return;
  attribute(found.input, "aria-invalid", "true");
  found.hint.replaceChildren(shown(error.message, 200));
  found.input.focus();
}

function custom() {
  const items = Object.entries(lead?.custom ?? {}).filter(([, value]) => value !== "");
  $("lead-custom").replaceChildren(...items.flatMap(([name, value]) => {
    const [term, what] = [element("dt"), element("dd")];
    term.append(element("bdi", "", shown(name)));
    what.append(element("bdi", "", shown(value, 300)));
    return [term, what];
  }));
}

/** The customer's clock, as far as the bridge knows it. */
export function clock() {
  const there = clockThere();
  write($("customer-clock"), there ? say("clockThere", { time: there.slice(11, 16) }) : "");
}

/** Now on the customer's clock, as `2026-11-25T15:30`; empty: it is not known. `ahead`: ms from now. */
export function clockThere(ahead = 0) {
  const zone = /([+-])(\d\d):(\d\d)$|Z$/.exec(known.screen.customer_time ?? "");
  if (!zone) return "";
  const minutes = zone[1] ? (zone[1] === "-" ? -1 : 1) * (60 * Number(zone[2]) + Number(zone[3])) : 0;
  return new Date(now() + ahead + minutes * 60_000).toISOString().slice(0, 16);
}
