// Calls of the last hours by what became of them, as bars; for those who hear the page, as a table.

import { number, say } from "./texts.js";
import { attribute, element } from "./words.js";

export const HOURS = 12;
const HOUR = 3_600_000;
const DROPPED = ["DROP", "PDROP"];
const OPEN = "INCALL"; // of calls that have no outcome yet
const PARTS = ["answered", "dropped", "missed"];
const [WIDTH, HEIGHT, FOOT, HEAD] = [480, 150, 22, 18];
const SVG = "http://www.w3.org/2000/svg";

/** The hours that are shown, as `since` and `until` of the report. */
export function span(now) {
  const end = (Math.floor(now / HOUR) + 1) * HOUR;
  return [new Date(end - HOURS * HOUR), new Date(end)].map((one) => one.toISOString());
}

/** Rows of the report, of all names together: an entry for each hour. */
export function byHour(rows, since) {
  const begin = Date.parse(since);
  const hours = Array.from({ length: HOURS }, (_, place) => ({ at: begin + place * HOUR, answered: 0, dropped: 0, missed: 0 }));
  for (const hour of rows.flatMap((row) => row.hours)) {
    const place = hours[Math.round((Date.parse(hour.since) - begin) / HOUR)];
    if (!place) continue;
    const dropped = DROPPED.reduce((sum, status) => sum + (hour.statuses[status] ?? 0), 0);
    place.answered += hour.answered - dropped; // the law counts a dropped call as answered; here it is shown apart
    place.dropped += dropped;
    place.missed += hour.calls - hour.answered - (hour.statuses[OPEN] ?? 0);
  }
  return hours;
}

const total = (hour) => hour.answered + hour.dropped + hour.missed;
const clockHour = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "numeric" });

function shape(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) attribute(made, name, value);
  if (text) made.textContent = text;
  return made;
}

function bars(hours) {
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", focusable: "false" });
  const most = Math.max(1, ...hours.map(total));
  const [step, room] = [WIDTH / hours.length, HEIGHT - FOOT - HEAD];
  svg.append(shape("line", { class: "ground", x1: 0, x2: WIDTH, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT }));
  hours.forEach((hour, place) => {
    let top = HEIGHT - FOOT;
    for (const part of PARTS) {
      const height = (hour[part] / most) * room;
      top -= height;
      if (height) svg.append(shape("rect", { class: part, x: place * step + step * 0.15, y: top, width: step * 0.7, height }));
    }
    const middle = { x: place * step + step / 2, "text-anchor": "middle" };
    if (total(hour)) svg.append(shape("text", { ...middle, y: top - 4 }, number(total(hour))));
    if (place % 2) svg.append(shape("text", { ...middle, class: "soft", y: HEIGHT - 6 }, clockHour(hour.at)));
  });
  return svg;
}

function table(title, hours) {
  const made = element("table", "hidden");
  made.append(element("caption", "", title));
  const head = made.createTHead().insertRow();
  for (const text of [say("hour"), ...PARTS.map((part) => say(`chart_${part}`))]) head.append(element("th", "", text, { scope: "col" }));
  const body = made.createTBody();
  for (const hour of hours.filter(total)) {
    const row = body.insertRow();
    row.append(element("th", "", clockHour(hour.at), { scope: "row" }));
    for (const part of PARTS) row.append(element("td", "", number(hour[part])));
  }
  return made;
}

/** A figure with its heading and what the colours mean. */
export function chart(title, hours) {
  const figure = element("figure", "chart");
  const caption = element("figcaption");
  caption.append(element("strong", "", title));
  for (const part of PARTS) caption.append(element("span", part, `${say(`chart_${part}`)} ${number(hours.reduce((sum, hour) => sum + hour[part], 0))}`));
  figure.append(caption, bars(hours), table(title, hours));
  return figure;
}
