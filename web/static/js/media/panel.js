// What the recorder shows: built once for a recording, changed as it goes from state to state.

import { announce } from "../time.js";
import { icon, lengthWords, make, nameOf } from "./parts.js";

const DOING = { asking: "Waiting for your permission", recording: "Recording", paused: "Paused", stopping: "One moment", opening: "One moment" };

export class Panel {
  constructor(recorder) {
    this.recorder = recorder;
    this.root = make("div", { class: "recorder-panel", role: "group", tabindex: -1, hidden: true, keydown: (event) => this.key(event) });
    recorder.append(this.root);
  }

  key(event) {
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault(); // not the form's affair
    if (event.key !== "Escape" || this.recorder.state === "sending") return;
    event.preventDefault();
    this.recorder.discard();
  }

  holdsFocus() {
    return this.root.contains(document.activeElement);
  }

  // ---- from state to state

  show(state) {
    const { root, recorder } = this;
    root.hidden = state === "idle";
    if (state === "idle") {
      root.replaceChildren();
      this.acts = null;
      return;
    }
    if (!this.acts) this.build();
    root.setAttribute("aria-label", nameOf(recorder.kind));
    const had = recorder.contains(document.activeElement);
    this.state.textContent = DOING[state] ?? "";
    this.live.hidden = !["recording", "paused", "stopping"].includes(state);
    if (this.picture && this.live.hidden) this.picture.remove();
    if (state === "sending") this.body.replaceChildren();
    this.offer(this.buttons(state), ["recording", "paused", "checking", "sending"].includes(state));
    if (had) (this.acts.querySelector("[data-first]") ?? root).focus({ preventScroll: true });
  }

  build() {
    this.canvas = make("canvas", { class: "meter-live", "aria-hidden": "true" });
    this.timer = make("span", { class: "tabular", role: "timer" }, "0:00");
    this.left = make("span", { class: "left small" });
    this.live = make("div", { class: "live" }, make("span", { class: "rec", "aria-hidden": "true" }), this.timer, this.canvas, this.left);
    this.body = make("div", { class: "preview" });
    this.state = make("p");
    this.where = make("div", { class: "state" }, this.state);
    this.away = make("div");
    this.acts = make("div", { class: "acts" });
    this.picture = this.share = this.heard = this.asking = this.before = null;
    this.root.replaceChildren(this.live, this.body, make("div", { class: "foot" }, this.away, this.where, this.acts));
  }

  // Throwing away keeps its own place, so that no second press on another button can hit it.
  offer(buttons, away) {
    this.away.replaceChildren(...(away ? [this.button("Throw away", "trash-2", () => this.recorder.discard())] : []));
    this.acts.replaceChildren(...buttons);
  }

  buttons(state) {
    const { recorder } = this;
    const send = this.button("Send", "send", () => recorder.send(), "primary");
    const stop = this.button("Stop and listen", "square", () => recorder.stop());
    if (state === "asking") return [this.first(this.worded("Cancel", () => recorder.thrown()))];
    if (state === "recording") return [this.button("Pause", "pause", () => recorder.pause()), this.first(stop), send];
    if (state === "paused") return [this.first(this.button("Go on recording", "mic", () => recorder.resume())), stop, send];
    return state === "checking" ? [this.first(send)] : [];
  }

  // Thrown away is thrown away: asked once, in place.
  ask() {
    const { recorder } = this;
    this.before ??= this.state.textContent;
    this.state.textContent = "Throw this recording away?";
    announce("Throw this recording away?");
    const keep = this.first(this.worded("Keep it", () => this.kept()));
    this.offer([this.worded("Throw away", () => this.thrown(), "danger"), keep], false);
    keep.focus();
    this.asking = recorder.state;
  }

  thrown() {
    this.asking = this.before = null;
    this.recorder.thrown();
  }

  kept() {
    const { recorder } = this;
    this.asking = null;
    this.state.textContent = this.before;
    this.before = null;
    if (recorder.state === "failed") return this.refused(...this.lastRefusal);
    this.offer(this.buttons(recorder.state), true);
    this.acts.querySelector("[data-first]")?.focus();
    if (recorder.upload && !["recording", "paused"].includes(recorder.state)) recorder.moved();
  }

  // ---- while recording

  self(stream) {
    if (!stream.getVideoTracks().length) return;
    this.picture = make("video", { class: "self", "data-self": true, playsinline: true, "aria-label": "You, as the camera sees you" });
    this.picture.muted = true;
    this.picture.srcObject = stream;
    this.root.prepend(this.picture);
    this.picture.play().catch(() => {}); // a picture of oneself that does not move is no reason to stop
  }

  tick(elapsed, left) {
    this.timer.textContent = lengthWords(elapsed);
    this.left.textContent = left === null ? "" : `${lengthWords(left)} left`;
    if (this.recorder.state !== "recording") return;
    const { upload } = this.recorder;
    const words = upload.state === "waiting" ? "Recording. No connection: it is kept here." : upload.state === "failed" ? "Recording. It is kept here." : DOING.recording;
    if (this.state.textContent !== words) this.state.textContent = words;
  }

  // ---- after it

  preview(media) {
    const player = document.createElement("kind-player");
    this.body.replaceChildren(player);
    player.show(media);
  }

  say(words) {
    this.state.textContent = words;
  }

  progress(upload, state) {
    if (this.asking || (state !== "checking" && state !== "sending")) return;
    const sending = state === "sending";
    let words = `Uploading ${Math.floor(upload.share * 100)} %`;
    if (upload.state === "done") words = "Uploaded. Listen, then send.";
    else if (upload.state === "waiting") words = sending ? "Waiting for the connection. It is sent as soon as it is back." : "Waiting for the connection. Your recording is kept here.";
    if (sending) words = `${this.told()}. ${words}`;
    this.state.textContent = words;
    this.bar(upload.state === "done" ? null : upload.share);
    if (upload.state !== this.heard && upload.state !== "going") announce(words);
    this.heard = upload.state;
    if (sending) this.whileSending(upload.state === "waiting");
  }

  told() {
    const { kind, duration } = this.recorder;
    return duration ? `${nameOf(kind)}, ${lengthWords(duration)}` : nameOf(kind);
  }

  bar(share) {
    if (share === null) {
      this.share?.remove();
      this.share = null;
      return;
    }
    this.share ??= make("progress", { max: 1, "aria-label": "Uploaded" });
    this.share.value = share;
    if (!this.share.isConnected) this.where.append(this.share);
  }

  // A line that stays down must not hold the recording captive.
  whileSending(waiting) {
    const shown = this.acts.querySelector("[data-download]");
    if (Boolean(shown) === waiting) return;
    this.acts.replaceChildren(...(waiting ? [this.downloads(), this.worded("Try now", () => this.recorder.upload.retry())] : []));
  }

  refused(words, again, spoken) {
    const { recorder } = this;
    this.lastRefusal = [words, again, spoken];
    this.bar(null);
    this.body.replaceChildren();
    this.state.textContent = words;
    const acts = [this.worded(spoken ? "Throw away" : "Close", () => recorder.discard())];
    if (spoken) acts.push(this.downloads());
    if (again) acts.push(this.worded("Try again", () => recorder.tryAgain(), "primary"));
    this.offer(acts, false);
    this.first(acts.at(-1)).focus({ preventScroll: true });
  }

  // ---- buttons

  button(label, name, click, tone = "") {
    return make("button", { type: "button", class: `tool ${tone}`, "aria-label": label, title: label, click }, icon(name));
  }

  worded(label, click, tone = "") {
    return make("button", { type: "button", class: `button dense ${tone}`, click }, label);
  }

  downloads() {
    const button = this.worded("Download it", () => this.recorder.download());
    button.dataset.download = "";
    return button;
  }

  first(button) {
    button.dataset.first = "";
    return button;
  }
}
