// What the recorder and the player draw with: elements, icons of the sprite, bars, lengths of time.

const SPRITE = new URL("../../vendor/lucide/sprite.svg", import.meta.url).pathname;
const SVG = "http://www.w3.org/2000/svg";
export const BARS = 48;

// An element with attributes (a null one is left out, a function listens) and children.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function drawing(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export function icon(name, small = false) {
  const element = drawing("svg", { class: small ? "icon small" : "icon", "aria-hidden": "true" });
  element.append(drawing("use", { href: `${SPRITE}#${name}` }));
  return element;
}

// The waveform as bars; `played` of them are in colour.
export function bars(waveform) {
  const element = drawing("svg", { class: "bars", viewBox: `0 0 ${BARS * 4} 32`, preserveAspectRatio: "none", "aria-hidden": "true" });
  for (let index = 0; index < BARS; index += 1) {
    const height = 2 + (28 * Math.min(100, Math.max(0, waveform?.[index] ?? 0))) / 100;
    element.append(drawing("rect", { x: index * 4 + 0.7, y: 16 - height / 2, width: 2.6, height, rx: 1.3 }));
  }
  return element;
}

export function fillBars(element, share) {
  const played = Math.round(share * BARS);
  [...element.children].forEach((bar, index) => bar.classList.toggle("played", index < played));
}

// Loudness over time brought to 48 whole numbers of 0 to 100, the loudest being 100.
export function waveformOf(levels) {
  if (!levels.length) return Array(BARS).fill(0);
  const most = Math.max(...levels, 0.01);
  return Array.from({ length: BARS }, (_, index) => {
    const from = Math.floor((index * levels.length) / BARS);
    const to = Math.max(from + 1, Math.floor(((index + 1) * levels.length) / BARS));
    return Math.round((100 * Math.max(...levels.slice(from, to))) / most);
  });
}

// 42 s is `0:42`, an hour and more `1:02:03`.
export function lengthWords(ms) {
  const whole = Math.max(0, Math.round((ms || 0) / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export const nameOf = (kind) => (kind === "video" ? "Video message" : "Voice message");

// How long a file plays in milliseconds; 0 when that cannot be told, null when this browser cannot play it.
export function lengthOf(blob, kind) {
  const address = URL.createObjectURL(blob);
  const media = document.createElement(kind);
  return new Promise((resolve) => {
    // What a browser recorded often does not say how long it is before it was read to its end.
    media.addEventListener("durationchange", () => {
      if (Number.isFinite(media.duration)) resolve(media.duration * 1000);
      else media.currentTime = Number.MAX_SAFE_INTEGER;
    });
    media.addEventListener("error", () => resolve(null));
    setTimeout(() => resolve(media.readyState ? 0 : null), 3000);
    media.src = address;
  }).finally(() => {
    media.removeAttribute("src");
    URL.revokeObjectURL(address);
  });
}

// Browsers name some endings differently, or not at all.
const ENDINGS = { m4a: "audio/x-m4a", mkv: "video/x-matroska", mov: "video/quicktime" };
export const typeOf = (file) => ENDINGS[file.name.split(".").at(-1).toLowerCase()] ?? (file.type || "application/octet-stream");
