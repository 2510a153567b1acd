// Ticking times. The words are those of web/times.py; a browser test holds the two together.

let ahead = 0; // server clock minus this device's, in milliseconds

export function setServerTime(iso) {
  const server = Date.parse(iso);
  if (Number.isFinite(server)) ahead = server - Date.now();
}

export const now = () => Date.now() + ahead;

export function spanWords(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  const days = Math.floor(whole / 86400);
  const hours = Math.floor(whole / 3600) % 24;
  const unit = days === 1 ? "day" : "days";
  return days < 7 && hours ? `${days} ${unit} ${hours} h` : `${days} ${unit}`;
}

export function dueWords(at, from) {
  const left = (at - from) / 1000;
  return left > 0 ? `due in ${spanWords(left)}` : `${spanWords(left)} overdue`;
}

export function agoWords(at, from) {
  const left = (at - from) / 1000;
  if (Math.abs(left) < 60) return "just now";
  return left > 0 ? `in ${spanWords(left)}` : `${spanWords(left)} ago`;
}

export function clockWords(at, zone) {
  const format = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit", timeZone: zone });
  return format.format(at).replace(/[  ]/g, " ");
}

export function dayKey(at, zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
}

export function headingWords(at, zone) {
  const key = dayKey(at, zone);
  if (key === dayKey(now(), zone)) return "Today";
  if (key === dayKey(now() - 86400000, zone)) return "Yesterday";
  const sameYear = key.slice(0, 4) === dayKey(now(), zone).slice(0, 4);
  const shape = { weekday: "long", month: "long", day: "numeric", timeZone: zone };
  return new Intl.DateTimeFormat("en-US", sameYear ? shape : { ...shape, year: "numeric" }).format(at);
}

function tick() {
  const moment = now();
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const words = element.firstElementChild;
    const at = Date.parse(element.dateTime);
    const text = element.dataset.relative === "due" ? dueWords(at, moment) : agoWords(at, moment);
    if (words && words.textContent !== text) words.textContent = text;
    if (element.dataset.soonAt) follow(element, at, moment);
  }
}

// Soon and late are said once, when they begin; the ticking itself is silent.
function follow(element, at, moment) {
  const holder = element.closest("[data-state]");
  if (!holder) return;
  const state = moment >= at ? "late" : moment >= Date.parse(element.dataset.soonAt) ? "soon" : "";
  if (holder.dataset.state === state) return;
  holder.dataset.state = state;
  if (state && holder.dataset.label) {
    announce(`${holder.dataset.label}: ${state === "late" ? "now overdue" : "due soon"}`);
    holder.dispatchEvent(new CustomEvent("threshold", { bubbles: true }));
  }
}

export function announce(words) {
  const place = document.getElementById("announce");
  if (place) place.textContent = words;
}

export function start() {
  setServerTime(document.body.dataset.now);
  const loop = () => {
    tick();
    setTimeout(loop, 1000 - (now() % 1000));
  };
  loop();
}
