// Whether somebody is at this page. What the page asks for while nobody is says so, and keeps no device open:
// the server locks by its own count of the other requests.

const HEADER = "Kindroom-Background";
const MOMENT = 10_000;
const BUSY = 'kind-recorder[data-state="recording"], kind-recorder[data-state="sending"], kind-player[data-playing="true"]';
let last = Date.now();

// Milliseconds since somebody last did something here. Speaking into a recorder and listening are doing something.
export function idleFor() {
  if (document.querySelector(BUSY)) last = Date.now();
  return Date.now() - last;
}

// What to send along with a request of this moment.
export function attendance() {
  return idleFor() > MOMENT ? { [HEADER]: "1" } : {};
}

function seen(event) {
  if (event.isTrusted) last = Date.now();
}

export function start() {
  for (const kind of ["pointerdown", "pointermove", "keydown", "input", "wheel", "touchmove"]) {
    document.addEventListener(kind, seen, { capture: true, passive: true });
  }
  document.addEventListener("htmx:config:request", (event) => {
    Object.assign(event.detail.ctx.request.headers, attendance());
  });
}
