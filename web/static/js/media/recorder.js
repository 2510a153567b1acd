// Speaking or filming instead of writing: record, listen, send. Bytes leave while one still speaks; whatever goes
// wrong, what was spoken is kept until it is sent or thrown away on purpose.
//
// One recording goes through: asking, recording, paused, checking (listen before sending), sending, failed.
// When it is at the server and the person said "send", `medium-sent` bubbles up for the composer.

import { announce } from "../time.js";
import { Capture, canRecord, NotHeard } from "./capture.js";
import { Meter } from "./meter.js";
import { quiet } from "./player.js";
import { lengthOf, lengthWords, nameOf, typeOf, waveformOf } from "./parts.js";
import { Panel } from "./panel.js";
import { Upload } from "./uploads.js";
import { captureWords, isFinal, refusalWords } from "./words.js";

const SHORT = 5000; // ms: less than this is thrown away without asking
const SLACK = 5000; // ms: a recorder does not stop on the instant
const NEAR = 60000; // ms before the limit at which what is left is shown

class KindRecorder extends HTMLElement {
  connectedCallback() {
    this.panel = new Panel(this);
    this.file = this.querySelector("[data-file]");
    this.limits = { audio: this.dataset.audioSeconds * 1000, video: this.dataset.videoSeconds * 1000 };
    this.turn("idle");
    for (const button of this.querySelectorAll("[data-record]")) {
      button.hidden = !canRecord();
      button.addEventListener("click", () => this.record(button.dataset.record));
    }
    this.querySelector("[data-attach]").addEventListener("click", () => this.idle && this.file.click());
    this.file.addEventListener("change", () => this.attach(this.file.files[0]));
    // A file that was refused is still where it came from.
    this.leaving = (event) => this.upload && !(this.name && this.state === "failed") && event.preventDefault();
    this.playing = (event) => this.played(event);
    this.left = (event) => event.persisted || this.letGo();
    addEventListener("beforeunload", this.leaving);
    addEventListener("pagehide", this.left);
    document.addEventListener("play", this.playing, true);
  }

  // The page is emptied, perhaps because it was locked: nothing listens any more.
  disconnectedCallback() {
    removeEventListener("beforeunload", this.leaving);
    removeEventListener("pagehide", this.left);
    document.removeEventListener("play", this.playing, true);
    this.letGo();
  }

  get idle() {
    return this.state === "idle";
  }

  turn(state) {
    this.state = state;
    this.dataset.state = state;
    this.panel.show(state);
  }

  // ---- recording

  async record(kind) {
    if (!this.idle) return;
    quiet();
    this.begin(kind);
    this.turn("asking");
    const capture = new Capture(kind);
    this.capture = capture;
    try {
      await capture.open();
    } catch (problem) {
      if (!(problem instanceof NotHeard)) throw problem;
      if (this.capture === capture) this.refuse(captureWords(kind, problem.message), "record");
      return;
    }
    // Taken back while the browser still asked.
    if (this.capture !== capture) return capture.close();
    this.listen(capture);
  }

  listen(capture) {
    this.panel.self(capture.stream);
    this.meter = new Meter(this.panel.canvas);
    capture.addEventListener("beat", () => this.beat());
    capture.addEventListener("lost", () => this.stop(`The ${this.kind === "video" ? "camera" : "microphone"} is gone. What was recorded until then is kept.`));
    capture.addEventListener("taken", () => this.pause());
    const upload = new Upload(this.dataset.room, this.kind, capture.contentType);
    capture.addEventListener("bytes", (event) => upload.add(event.detail));
    this.carry(upload);
    upload.addEventListener("full", () => this.stop("That is as much as fits into one message."));
    capture.start();
    this.turn("recording");
    announce("Recording");
  }

  beat() {
    const { elapsed, levels } = this.capture;
    this.duration = elapsed;
    this.meter.draw(levels);
    const left = this.limits[this.kind] - elapsed;
    this.panel.tick(elapsed, left < NEAR ? Math.max(0, left) : null);
    if (left < NEAR && !this.warned) {
      this.warned = true;
      announce("One minute left");
    }
    if (left <= 0) this.stop("That is as long as one message can be.");
  }

  pause() {
    if (this.state !== "recording") return;
    this.capture.pause();
    this.turn("paused");
    announce("Recording paused");
  }

  resume() {
    quiet();
    this.capture.resume();
    this.turn("recording");
    announce("Recording");
  }

  // What plays would be recorded too.
  played(event) {
    if (!event.target.matches("[data-self]")) this.pause();
  }

  async stop(words = "") {
    if (this.state !== "recording" && this.state !== "paused") return;
    const { capture, upload } = this;
    this.turn("stopping");
    await capture.stop();
    if (this.capture !== capture) return;
    this.duration = capture.elapsed;
    this.waveform = waveformOf(capture.levels);
    upload.end();
    this.check(words || `Recorded, ${lengthWords(this.duration)}. Listen, then send.`);
  }

  // ---- a file instead

  async attach(file) {
    if (!file || !this.idle) return;
    quiet();
    const type = typeOf(file);
    this.begin(type.startsWith("video/") ? "video" : "audio");
    this.name = file.name;
    this.file.value = "";
    const most = Number(this.dataset.maxBytes);
    if (file.size > most) return this.refuse(refusalWords("too_large", most), "");
    const upload = new Upload(this.dataset.room, this.kind, type, file.size);
    this.carry(upload);
    upload.add(file);
    upload.end();
    this.turn("opening");
    const duration = await lengthOf(upload.bytes(), this.kind);
    if (this.upload !== upload) return;
    this.duration = duration ?? 0;
    if (this.duration > this.limits[this.kind] + SLACK) return this.tooLong();
    this.check(`${this.name}. Send it when you are ready.`, duration !== null);
  }

  tooLong() {
    this.upload.cancel();
    this.refuse(refusalWords("too_long"), "");
  }

  // ---- listening before sending

  check(words, playable = true) {
    this.turn("checking");
    if (this.upload.state === "failed") return this.fail();
    this.panel.say(words);
    announce(words);
    if (playable) this.preview();
    this.moved();
  }

  preview() {
    this.address = URL.createObjectURL(this.upload.bytes());
    this.panel.preview({
      media_id: null, kind: this.kind, state: "ready", duration_ms: this.duration, waveform: this.waveform ?? [], url: this.address,
    });
  }

  // ---- uploading

  begin(kind) {
    Object.assign(this, { kind, name: "", duration: 0, waveform: null, warned: false, upload: null, capture: null });
  }

  carry(upload) {
    this.upload = upload;
    upload.addEventListener("change", () => this.upload === upload && this.moved());
  }

  moved() {
    const { upload, state } = this;
    if (upload.state === "failed" && (state === "checking" || state === "sending")) return this.fail();
    if (upload.state === "done" && state === "sending") return this.sent();
    this.panel.progress(upload, state);
  }

  async send() {
    quiet();
    if (this.state === "recording" || this.state === "paused") await this.stop();
    if (this.state !== "checking") return;
    this.turn("sending");
    this.moved();
  }

  sent() {
    const detail = { media_id: this.upload.id, kind: this.kind, duration_ms: Math.round(this.duration), waveform: this.waveform ?? [] };
    this.upload = null;
    this.reset();
    this.dispatchEvent(new CustomEvent("medium-sent", { bubbles: true, detail }));
  }

  // ---- when it does not go through

  fail() {
    const { code, most } = this.upload;
    this.refuse(refusalWords(code, most), isFinal(code) ? "" : "upload");
  }

  refuse(words, again) {
    this.again = again;
    this.turn("failed");
    this.panel.refused(words, again, Boolean(this.upload?.size) && !this.name);
    announce(words);
  }

  tryAgain() {
    if (this.again === "record") {
      const { kind } = this;
      this.reset();
      this.record(kind);
      return;
    }
    this.upload.retry();
    this.check("Trying again.");
  }

  // ---- keeping and throwing away

  download() {
    const link = document.createElement("a");
    this.address ??= URL.createObjectURL(this.upload.bytes());
    link.href = this.address;
    link.download = `${nameOf(this.kind).replace(" ", "-").toLowerCase()}.${this.upload.about.content_type.includes("mp4") ? "mp4" : "webm"}`;
    link.click();
  }

  discard() {
    const careful = this.upload && (this.duration > SHORT || (this.capture?.elapsed ?? 0) > SHORT);
    if (!careful) return this.thrown();
    if (this.state === "recording") this.pause();
    this.panel.ask();
  }

  thrown() {
    this.reset();
    announce("Thrown away");
  }

  reset() {
    const within = this.panel.holdsFocus();
    const { kind } = this;
    this.letGo();
    this.turn("idle");
    if (within) this.querySelector(`[data-record="${kind}"]`)?.focus();
  }

  letGo() {
    this.capture?.close();
    this.upload?.cancel();
    if (this.address) URL.revokeObjectURL(this.address);
    Object.assign(this, { address: null, capture: null, upload: null });
  }
}

customElements.define("kind-recorder", KindRecorder);
