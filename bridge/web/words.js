// Text for people: what others have written is cut, and made harmless for the line in which it stands.

const LONGEST = 60; // characters of a name, a code or a number that are shown
const READ = 1000; // code units that are looked at, however many came

// Control characters, and those that change the direction of what follows: a name needs none of them.
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g;

/** Text of others in one line: without control characters, cut with an ellipsis. */
export function shown(text, longest = LONGEST) {
  if (text === undefined || text === null) return "";
  const whole = String(text);
  const letters = Array.from(whole.slice(0, READ).replace(CONTROLS, " ").trim());
  if (letters.length <= longest && whole.length <= READ) return letters.join("");
  return `${letters.slice(0, longest - 1).join("")}…`;
}

/** A customer's number: its last four digits, unless the viewer wants the whole. */
export function numberShown(number, whole) {
  const text = shown(number, 24);
  return whole || text.length <= 4 ? text : `…${text.slice(-4)}`;
}

/** Seconds as 4:05 or 1:04:05. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const STEP = 5; // s

/** The same by steps of some seconds, and from a minute on by minutes: of hundreds, few change at a time then. */
export function roughly(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return duration(seconds - seconds % STEP);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")} h`;
}

const ATTRIBUTES = new Set([
  ..."aria-busy aria-describedby aria-hidden aria-invalid aria-keyshortcuts aria-label aria-pressed autocomplete class dir".split(" "),
  ..."focusable for id inputmode lang max maxlength min name role rows scope type".split(" "),
  ..."height text-anchor viewBox width x x1 x2 y y1 y2".split(" "), // of SVG
]);

/** Set an attribute: one of those by which nothing can be loaded or run. */
export function attribute(node, name, value) {
  if (!ATTRIBUTES.has(name)) throw new Error(`attribute ${name}`);
  node.setAttribute(name, value);
}

/** Have a link lead to a path of the bridge itself. */
export function leadTo(link, path) {
  if (!/^\/[a-z0-9]/.test(path)) throw new Error(`path ${path}`);
  link.href = location.origin + path;
}

/** Give a link or a frame the address of a page on the web; anything else (`javascript:`) is an error. */
export function pointTo(node, name, url) {
  const found = new URL(url);
  if (!["http:", "https:"].includes(found.protocol) || !["href", "src"].includes(name)) throw new Error(`address ${name}`);
  node[name] = found.href;
}

/** An element with a class and a text; attributes, too. */
export function element(tag, className = "", text = "", attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== "") made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) attribute(made, name, value);
  return made;
}
