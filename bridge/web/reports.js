// Reports as a page: what is asked stands in the address, so that it can be kept and sent to others.

import { Failed, all } from "./api.js";
import { KINDS, NO_SUM, SPANS, TIMES, spanOf } from "./report_kinds.js";
import { colours } from "./settings.js";
import { language, number, say, translate, word } from "./texts.js";
import { attribute, duration, element, leadTo, shown } from "./words.js";

const MOST = 5000; // rows on the page; the file holds all
const PAGE = 500;
const $ = (id) => document.getElementById(id);
const form = $("wanted");
const fields = form.elements;
let found = [];
let order = { column: "", down: false };

function kind() {
  return KINDS[fields.report.value];
}

function choices(select, names, kindOf) {
  select.append(...names.map((name) => {
    const option = element("option", "", word(kindOf, name));
    option.value = name;
    return option;
  }));
}

/** Show the fields that the report knows. */
function fit() {
  const { fields: known, most } = kind();
  for (const option of fields.span.options) option.disabled = most < 3 && ["week", "month"].includes(option.value);
  if (fields.span.selectedOptions[0]?.disabled) fields.span.value = "today";
  const visible = new Set([...known, ...(most ? ["span"] : []), ...(most && fields.span.value === "times" ? ["times"] : [])]);
  for (const label of form.querySelectorAll("[data-for]")) label.hidden = !visible.has(label.dataset.for);
}

/** What the bridge is asked. */
function query() {
  const { fields: known, most } = kind();
  const asked = new URLSearchParams();
  if (most) {
    const times = fields.span.value === "times"
      ? [fields.from.value, fields.to.value].map((text) => new Date(text))
      : spanOf(fields.span.value, new Date());
    if (times.some((time) => Number.isNaN(time.getTime()))) throw new Error(say("timesMissing"));
    asked.set("since", times[0].toISOString());
    asked.set("until", times[1].toISOString());
  }
  for (const name of known) {
    const field = fields[name];
    const value = field.type === "checkbox" ? (field.checked ? "true" : "") : field.value.trim();
    if (value) asked.set(name, value);
  }
  return asked;
}

function tell(text, bad = false) {
  $("said").textContent = text;
  $("said").className = bad ? "bad" : "";
}

function links(path, asked) {
  const csv = new URLSearchParams(asked);
  csv.set("format", "csv");
  leadTo($("csv"), `${path}?${csv}`);
  leadTo($("json"), `${path}?${asked}`);
  $("csv").hidden = $("json").hidden = false;
}

let asking = 0; // of several that were asked for, the last is shown

async function show() {
  const mine = ++asking;
  const { path, rows } = kind();
  $("table").hidden = $("csv").hidden = $("json").hidden = true;
  try {
    const asked = query();
    tell(say("asking"));
    const page = new URLSearchParams(asked);
    page.set("limit", PAGE);
    const answer = (await all(`${path}?${page}`)).flatMap(rows);
    if (mine !== asking) return;
    found = answer;
    order = { column: "", down: false };
    links(path, asked);
    draw();
  } catch (error) {
    if (mine !== asking) return;
    const why = error instanceof Failed ? error.why || say(error.status === 403 ? "denied" : "lostLine") : error.message;
    tell(say("notShown", { why: shown(why, 300) }), true);
  }
}

function draw() {
  const columns = Object.keys(found[0] ?? {});
  const sums = columns.map((column) => sumOf(column));
  $("table").hidden = !found.length;
  tell(found.length ? say(found.length > MOST ? "firstRows" : "rows", { count: number(found.length), most: number(MOST) }) : say("nothing"));
  $("caption").textContent = word("report", fields.report.value);
  $("head").replaceChildren(...columns.map(headOf));
  $("body").replaceChildren(...sorted().slice(0, MOST).map((row) => rowOf(columns, row)));
  const totals = element("tr");
  totals.append(...columns.map((column, place) => place ? cell(column, sums[place]) : element("th", "", say("total"), { scope: "row" })));
  $("foot").replaceChildren(...(sums.some((sum) => sum !== null) && found.length > 1 ? [totals] : []));
}

function sumOf(column) {
  const isFigure = found.every((row) => typeof row[column] === "number");
  if (!isFigure || NO_SUM.has(column) || column.startsWith("average_")) return null;
  return found.reduce((sum, row) => sum + row[column], 0);
}

function sorted() {
  const { column, down } = order;
  if (!column) return found;
  const compare = new Intl.Collator(language, { numeric: true }).compare;
  const by = (one, other) => typeof one === "number" && typeof other === "number" ? one - other : compare(String(one ?? ""), String(other ?? ""));
  return [...found].sort((one, other) => (down ? -1 : 1) * by(one[column], other[column]));
}

function headOf(column) {
  const head = element("th", typeof found[0][column] === "number" ? "figure" : "", "", { scope: "col" });
  const button = element("button", "", word("column", column), { type: "button" });
  if (order.column === column) head.ariaSort = order.down ? "descending" : "ascending";
  button.addEventListener("click", () => {
    order = { column, down: order.column === column && !order.down };
    draw();
    $("head").children[Object.keys(found[0]).indexOf(column)].firstChild.focus();
  });
  head.append(button);
  return head;
}

function rowOf(columns, row) {
  const made = element("tr");
  made.append(...columns.map((column, place) => cell(column, row[column], place === 0)));
  return made;
}

function cell(column, value, first = false) {
  const made = first ? element("th", "", "", { scope: "row" }) : element("td", typeof value === "number" ? "figure" : "");
  made.append(element("bdi", "", textOf(column, value)));
  return made;
}

function textOf(column, value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  if (typeof value === "number") return TIMES.has(column) ? duration(value) : column === "list_id" ? String(value) : number(value, 2);
  if (column === "since" || column.endsWith("_at")) return new Date(value).toLocaleString(language);
  return shown(value, 60);
}

/** What is asked, in the address and out of it. */
function keep() {
  const kept = new URLSearchParams();
  for (const field of fields) {
    const value = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
    if (field.name && value) kept.set(field.name, value);
  }
  history.replaceState(null, "", `#${kept}`);
}

function restore() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = fields[name];
    if (field?.type === "checkbox") field.checked = value === "1";
    else if (field?.tagName === "SELECT") field.value = [...field.options].some((one) => one.value === value) ? value : field.value;
    else if (field) field.value = value;
  }
}

translate("reports");
attribute(form, "aria-label", say("reports"));
colours($("theme"));
choices(fields.report, Object.keys(KINDS), "report");
choices(fields.span, SPANS, "span");
choices(fields.by, ["campaign", "queue", "did"], "by");
restore();
fit();
form.addEventListener("change", () => { fit(); keep(); });
form.addEventListener("submit", (event) => { event.preventDefault(); keep(); show(); });
window.addEventListener("hashchange", () => { restore(); fit(); show(); });
show();
