// Confetti, on a canvas above the page, which it does not keep from anything. Those who asked for less motion see none.

const MOST = 3000; // pieces
const LONGEST = 10; // s
const COLOURS = ["#3b5bdb", "#14804a", "#f5b95f", "#b3261e", "#91a7ff", "#4cc38a"];

/** Throw it, as a notification's look has it. */
export function confetti(canvas, { duration = 2, particles = 2350, particle_speed: speed = 2 }) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const [width, height] = [canvas.width, canvas.height] = [innerWidth, innerHeight];
  const drawing = canvas.getContext("2d");
  const pieces = Array.from({ length: Math.min(MOST, Math.max(1, particles)) }, () => ({
    x: Math.random() * width, y: -Math.random() * height, fall: (0.5 + Math.random()) * speed * 90,
    sway: Math.random() * 6, size: 3 + Math.random() * 5, colour: COLOURS[Math.floor(Math.random() * COLOURS.length)],
  }));
  const [began, until] = [performance.now(), Math.min(LONGEST, Math.max(0.1, duration)) * 1000];
  canvas.hidden = false;
  const frame = (at) => {
    const spent = at - began;
    drawing.clearRect(0, 0, width, height);
    if (spent > until) {
      canvas.hidden = true;
      return;
    }
    drawing.globalAlpha = Math.min(1, (until - spent) / 400);
    for (const { x, y, fall, sway, size, colour } of pieces) {
      drawing.fillStyle = colour;
      drawing.fillRect(x + Math.sin(spent / 200 + sway) * 12, y + fall * spent / 1000, size, size * 0.6);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
