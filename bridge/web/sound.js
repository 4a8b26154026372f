// Two short tones for a new alarm. A browser lets a page sound only after the viewer has asked for it.

const AGAIN = 30_000; // ms after which a lasting alarm sounds once more
const TONES = [880, 660]; // Hz
const LENGTH = 0.18; // s

let context = null;
let sounded = 0;
const known = new Set();

/** Allow it: called from a click. */
export function allow() {
  context ??= new AudioContext();
  context.resume();
}

function sound() {
  sounded = Date.now();
  TONES.forEach((pitch, place) => {
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const begin = context.currentTime + place * LENGTH;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.2, begin);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + LENGTH);
    tone.connect(volume).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + LENGTH);
  });
}

/** These are the alarms now; gives those that are new. */
export function heed(alarms, on) {
  const keys = new Set(alarms.map((one) => one.key));
  const fresh = alarms.filter((one) => !known.has(one.key));
  for (const key of [...known]) if (!keys.has(key)) known.delete(key);
  keys.forEach((key) => known.add(key));
  const again = keys.size > 0 && Date.now() - sounded > AGAIN;
  if (on && context?.state === "running" && (fresh.length || again)) sound();
  return fresh;
}
