// Requests to the bridge. The browser holds the login that it was asked for with the page, and sends it along.

import { answered } from "./clock.js";

const PATIENCE = 15_000; // ms
const PAGES = 20; // of one list: enough for any wall

/** An answer that is not good; `status` is HTTP's, 0 if none came. */
export class Failed extends Error {
  constructor(path, status, why = "") {
    super(`${path}: ${status}`);
    this.status = status;
    this.why = why; // as the bridge says it
  }
}

/** Ask for a path. With the origin: a page opened as http://user:secret@host/ must not resolve it by itself. */
export async function ask(path, options = {}) {
  const asked = Date.now();
  const response = await fetch(location.origin + path, { cache: "no-store", ...options });
  answered(response.headers.get("date"), asked, Date.now());
  return response;
}

/** The JSON of an answer. */
export async function json(path, { also = [] } = {}) {
  const response = await ask(path, { signal: AbortSignal.timeout(PATIENCE), headers: { Accept: "application/json" } });
  if (!response.ok && !also.includes(response.status)) throw new Failed(path, response.status);
  return response.json();
}

/** Have something done. */
export async function post(path, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const signal = AbortSignal.timeout(PATIENCE);
  const response = await ask(path, { method: "POST", signal, headers, body: JSON.stringify(body) });
  if (!response.ok) throw await failed(path, response);
}

async function failed(path, response) {
  const { detail } = await response.json().catch(() => ({}));
  return new Failed(path, response.status, detail);
}

/** All pages of a list. */
export async function all(path) {
  const found = [];
  for (let next = path, page = 0; next && page < PAGES; page += 1) {
    const response = await ask(next, { signal: AbortSignal.timeout(PATIENCE), headers: { Accept: "application/json" } });
    if (!response.ok) throw await failed(path, response);
    found.push(...(await response.json()));
    next = nextOf(response.headers.get("link"));
  }
  return found;
}

function nextOf(header) {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(header ?? "");
  if (!link) return "";
  const url = new URL(link[1], location.origin);
  return url.pathname + url.search;
}
