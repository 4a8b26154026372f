// Drawing: what changed since the last picture, and nothing else, a few times a second at most.

import { element } from "./words.js";

let due = null;
let last = 0;

/** Call `draw` soon, in a frame, `every` so many ms at most; asked for again before that, it is one call. */
export function soon(draw, every) {
  if (due) return;
  const wait = Math.max(0, last + every - performance.now());
  due = setTimeout(() => requestAnimationFrame(() => {
    due = null;
    last = performance.now();
    draw();
  }), wait);
}

/** Set a text if it is another one. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Set a class if it is another one. */
export function dress(node, name) {
  if (node.className !== name) node.className = name;
}

/** A list whose entries keep their elements: each is made once, changed where it differs, and moved if it must. */
export class Keyed {
  /** `make()` gives a row with its `node`, and `fill(row, item)` brings it up to date. */
  constructor(parent, make, fill) {
    Object.assign(this, { parent, make, fill, rows: new Map() });
  }

  /** Show these, in this order; each has a `key`. */
  show(items) {
    const keys = new Set(items.map((item) => item.key));
    for (const [key, row] of this.rows) if (!keys.has(key)) this.drop(key, row);
    let place = this.parent.firstElementChild;
    for (const item of items) {
      let row = this.rows.get(item.key);
      if (!row) this.rows.set(item.key, row = this.make());
      this.fill(row, item);
      if (row.node === place) place = place.nextElementSibling;
      else this.parent.insertBefore(row.node, place);
    }
  }

  drop(key, row) {
    row.node.remove();
    this.rows.delete(key);
  }
}

/** Fills elements with texts, and touches only those whose text is another one than before. */
export function filler(nodes) {
  const before = nodes.map(() => null);
  return (texts) => texts.forEach((text, place) => {
    if (before[place] === text) return;
    before[place] = text;
    nodes[place].textContent = text;
  });
}

/** A table of columns: each has `title` and `text(item)`; `first` names the row, `name` is a class. */
export function tableOf(head, body, columns, classOf = () => "") {
  head.append(...columns.map(({ name = "", title }) => element("th", name, title, { scope: "col" })));
  const make = () => {
    const node = element("tr");
    const texts = columns.map(({ name = "", first = false }) => {
      const cell = first ? element("th", name, "", { scope: "row" }) : element("td", name);
      const text = element("bdi");
      cell.append(text);
      node.append(cell);
      return text;
    });
    return { node, fill: filler(texts) };
  };
  return new Keyed(body, make, (row, item) => {
    dress(row.node, classOf(item));
    row.fill(columns.map(({ text }) => text(item)));
  });
}
