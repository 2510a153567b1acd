// A voice or video message, drawn from the media object of the API. One plays at a time; a link that has died is
// asked for anew and playing goes on where it was.

import { call } from "../api.js";
import { Captions } from "./captions.js";
import { now } from "../time.js";
import { bars, fillBars, icon, lengthWords, make, nameOf } from "./parts.js";
import { refusedWords } from "./words.js";

const SPEEDS = [1, 1.5, 2];
const WAIT = [2000, 4000, 8000, 15000, 30000]; // ms between two looks at one that is being prepared
const AGAIN = 5000; // ms: a link that fails sooner than this after a new one is not the trouble

const DAMAGED = "This recording cannot be opened. It is kept, and the people who run Kindroom have been told.";

let speed = 1;

// Stops whatever plays on the page. The picture of oneself while recording is not playing.
export function quiet(except = null) {
  for (const media of document.querySelectorAll("audio, video:not([data-self])")) {
    if (media !== except && !media.paused) media.pause();
  }
}

document.addEventListener("play", (event) => event.target.matches("[data-self]") || quiet(event.target), true);

class KindPlayer extends HTMLElement {
  connectedCallback() {
    if (!this.media && this.dataset.media) this.show(JSON.parse(this.dataset.media));
    else if (this.media?.state === "processing") this.wait();
  }

  // Put somewhere else on the page it plays on.
  disconnectedCallback() {
    clearTimeout(this.timer);
    queueMicrotask(() => this.isConnected || this.element?.pause());
  }

  // A message may come again with nothing new but a fresher link: then what plays goes on.
  show(media) {
    const same = this.media?.media_id === media.media_id && this.media.state === media.state;
    const captioned = Boolean(this.media?.captions_url) === Boolean(media.captions_url) || this.contains(document.activeElement);
    this.media = media;
    if (same && this.dataset.drawn && (captioned || this.dataset.playing === "true")) return;
    clearTimeout(this.timer);
    this.element = this.shown = null;
    this.dataset.drawn = media.kind;
    this.dataset.state = media.state;
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", `${nameOf(media.kind)}${media.duration_ms ? `, ${lengthWords(media.duration_ms)}` : ""}`);
    if (media.state === "processing") this.preparing();
    else if (media.state === "refused") this.refused();
    else if (media.state === "damaged") this.told(DAMAGED);
    else if (media.kind === "video") this.video();
    else this.voice();
  }

  preparing() {
    const { media } = this;
    const shape = media.waveform?.length ? bars(media.waveform) : null;
    const words = make("p", { class: "told" }, icon("hourglass", true), make("span", {}, "Being prepared. It plays here in a moment."));
    this.replaceChildren(...[shape, words].filter(Boolean));
    this.looks = 0;
    this.wait();
  }

  // The room tells live when it is ready; this is for when that word is lost.
  wait() {
    if (!this.media.media_id || !this.isConnected) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const media = await call("GET", `/v1/media/${this.media.media_id}/status`).catch(() => null);
      this.looks += 1;
      if (media && media.state !== "processing") this.show(media);
      else if (this.media.state === "processing") this.wait();
    }, WAIT[Math.min(this.looks, WAIT.length - 1)]);
  }

  refused() {
    const mine = Boolean(this.closest(".mine"));
    const words = mine ? refusedWords(this.media.refused_reason) : "This recording could not be played.";
    this.told(words);
  }

  told(words) {
    this.replaceChildren(make("p", { class: "told" }, icon("triangle-alert", true), make("span", {}, words)));
  }

  // ---- sound

  voice() {
    const { media } = this;
    this.element = make("audio", { preload: "none", src: media.url });
    this.shape = bars(media.waveform);
    this.button = make("button", { type: "button", class: "play", click: () => this.toggle() });
    this.seek = make("input", {
      type: "range", min: 0, max: Math.max(1, media.duration_ms), value: 0, step: 10, "aria-label": "Where in the message",
      input: () => this.goTo(this.seek.valueAsNumber / 1000), keydown: (event) => this.step(event),
    });
    this.time = make("span", { class: "length tabular" });
    this.rate = make("button", { type: "button", class: "rate tabular", click: () => this.faster() });
    this.replaceChildren(this.button, make("div", { class: "wave" }, this.shape, this.seek), this.time, this.rate, this.element, this.trouble(), ...this.captions());
    this.watch();
    for (const name of ["play", "pause", "timeupdate", "ended", "seeked"]) this.element.addEventListener(name, () => this.follow());
    this.setSpeed(speed);
    this.follow();
  }

  get length() {
    return this.media.duration_ms === null ? this.element.duration || 0 : this.media.duration_ms / 1000;
  }

  async toggle() {
    if (!this.element.paused) return this.element.pause();
    this.say("");
    if (this.broken) await this.reload(true);
    else this.start();
  }

  start() {
    if (speed !== this.element.playbackRate) this.setSpeed(speed);
    // Refused or cut off: the error of the element tells, and that is heard below.
    this.element.play().catch(() => this.follow());
  }

  goTo(seconds) {
    this.element.currentTime = Math.min(Math.max(0, seconds), this.length);
    this.at = this.element.currentTime;
    this.follow();
  }

  // By arrow key a sensible step, not the hundredth of a second that a finger needs.
  step(event) {
    const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    this.goTo(this.element.currentTime + way * (this.length > 60 ? 5 : 1));
  }

  faster() {
    this.setSpeed(SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length]);
  }

  setSpeed(wanted) {
    speed = wanted;
    this.element.defaultPlaybackRate = wanted;
    this.element.playbackRate = wanted;
    this.rate.textContent = `${wanted}×`;
    this.rate.setAttribute("aria-label", `${wanted}× speed`);
  }

  follow() {
    const { element, length } = this;
    const playing = !element.paused && !element.ended;
    const at = element.ended ? 0 : Math.min(element.currentTime, length);
    const whole = lengthWords(this.media.duration_ms);
    if (this.shown !== playing) {
      this.shown = playing;
      this.button.replaceChildren(icon(playing ? "pause" : "play"));
      this.button.setAttribute("aria-label", playing ? "Pause" : `Play ${nameOf(this.media.kind).toLowerCase()}, ${whole}`);
    }
    this.seek.value = at * 1000;
    this.seek.setAttribute("aria-valuetext", `${lengthWords(at * 1000)} of ${whole}`);
    this.time.textContent = at ? `${lengthWords(at * 1000)} / ${whole}` : whole;
    fillBars(this.shape, length ? at / length : 0);
  }

  // ---- picture

  video() {
    const { media } = this;
    this.element = make("video", {
      controls: true, playsinline: true, preload: media.poster_url ? "none" : "metadata", src: media.url, poster: media.poster_url,
      width: media.width, height: media.height, "aria-label": this.getAttribute("aria-label"),
    });
    if (media.captions_url) this.element.append(make("track", { kind: "captions", src: media.captions_url, srclang: "en", label: "Captions", default: true }));
    this.replaceChildren(this.element, this.trouble(), ...this.captions());
    this.watch();
    if (this.dead) this.reload(false).then(() => (this.element.poster = this.media.poster_url ?? ""));
  }

  // The page may have been open for long when this is drawn.
  get dead() {
    return Boolean(this.media.expires_at) && Date.parse(this.media.expires_at) <= now();
  }

  captions() {
    return [new Captions(this).element()].filter(Boolean);
  }

  // What is said in it, as WebVTT.
  async read() {
    let answer = await fetch(this.media.captions_url, { credentials: "same-origin" });
    if (answer.status === 404) answer = await fetch((await this.renew()).captions_url, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  }

  // ---- links that die

  trouble() {
    this.words = make("p", { class: "told", role: "status" });
    return this.words;
  }

  say(words) {
    this.words.replaceChildren(...(words ? [icon("wifi-off", true), words] : []));
  }

  watch() {
    const { element } = this;
    element.addEventListener("timeupdate", () => element.readyState && (this.at = element.currentTime));
    element.addEventListener("playing", () => ((this.wanted = true), this.say("")));
    element.addEventListener("pause", () => (this.wanted = element.error !== null && this.wanted));
    element.addEventListener("play", () => (this.wanted = true));
    element.addEventListener("error", () => this.failed());
    // Who listens or watches is here, though nothing is pressed.
    for (const name of ["playing", "pause", "ended", "emptied"]) element.addEventListener(name, () => (this.dataset.playing = !element.paused && !element.ended));
  }

  failed() {
    const lately = performance.now() - (this.renewed ?? -AGAIN) < AGAIN;
    if (!this.media.media_id || lately) return this.stuck();
    this.reload(this.wanted);
  }

  // Fresh links.
  async renew() {
    this.media = await call("GET", `/v1/media/${this.media.media_id}/status`);
    return this.media;
  }

  // A fresh link for the same bytes, then on from where it was.
  async reload(play) {
    const at = this.at ?? this.element.currentTime ?? 0;
    this.renewed = performance.now();
    const media = await this.renew().catch(() => null);
    if (!media?.url) return this.stuck();
    this.broken = false;
    this.element.src = media.url;
    this.element.currentTime = at;
    if (this.rate) this.setSpeed(speed);
    if (play) this.start();
  }

  stuck() {
    this.broken = true;
    this.say(navigator.onLine ? "This did not load. Press play to try again." : "No connection. Press play when it is back.");
    if (this.button) this.follow();
    else if (this.media.media_id) this.addEventListener("click", () => this.reload(true), { once: true });
  }
}

customElements.define("kind-player", KindPlayer);
