// The server's time. A clock on a wall is often wrong, and times in a state are the server's.
// Every answer and event bounds how far the two are apart; a clock that was set breaks the bounds.

const TICK = 2000; // ms: the Date header tells whole seconds, and a server may make it anew but once a second

let low = -Infinity; // the server is ahead by at least so many ms
let high = Infinity;
let close = false; // `low` comes from an event, which was sent as it happened; else from a whole second

function bound(from, to, live) {
  if (from > high || to < low) [low, high] = [-Infinity, Infinity]; // this clock was set
  if (from > low) [low, close] = [from, live];
  high = Math.min(high, to);
}

/** An answer that was asked for and came at these times of ours. */
export function answered(header, asked, came) {
  const told = Date.parse(header);
  if (!Number.isNaN(told)) bound(told - came, told + TICK - asked, false);
}

/** Something that has happened at a time of the server's, of which we hear now. */
export function happened(at) {
  const told = Date.parse(at);
  if (!Number.isNaN(told)) bound(told - Date.now(), Infinity, true);
}

/** ms since the epoch, by the server's clock as far as we know it. */
export function now() {
  if (!Number.isFinite(low)) return Date.now();
  return Date.now() + (close || !Number.isFinite(high) ? low : (low + high) / 2);
}
