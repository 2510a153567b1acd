// The words of a recording beside it: to read instead of listening, and for who recorded it, to write down.
// They are kept as WebVTT; plain words become one caption as long as the recording.

import { send } from "../api.js";
import { announce } from "../time.js";
import { make } from "./parts.js";

const FORM = /^\uFEFF?WEBVTT/;

const stamp = (ms) => new Date(Math.max(1000, ms || 0)).toISOString().slice(11, 23);

// What is written as it is sent; nothing stays nothing, which takes the captions away.
function asCaptions(text, duration) {
  const words = text.trim();
  if (!words || FORM.test(words)) return words;
  return `WEBVTT\n\n00:00:00.000 --> ${stamp(duration)}\n${words.replace(/\n\s*\n/g, "\n").replaceAll("-->", "→")}\n`;
}

// The words of WebVTT, without its times, settings, notes and tags.
export function spokenWords(text) {
  const lines = [];
  for (const block of text.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const parts = block.split("\n");
    const at = parts.findIndex((line) => line.includes("-->"));
    if (at >= 0) lines.push(...parts.slice(at + 1).map((line) => line.replace(/<[^>]*>/g, "")).filter(Boolean));
  }
  return lines;
}

// Plain words stay plain words to who wrote them: what has times of its own is shown with them.
const asWritten = (text) => ((text.match(/-->/g) ?? []).length === 1 ? spokenWords(text).join("\n") : text);

export class Captions {
  constructor(player) {
    this.player = player;
    this.mine = Boolean(player.closest(".mine"));
  }

  get media() {
    return this.player.media;
  }

  // Null where there is nothing to read and nothing to write.
  element() {
    if (!this.media.media_id || (!this.media.captions_url && !this.mine)) return null;
    this.body = make("div", { class: "stack-small" });
    this.summary = make("summary", {}, this.media.captions_url ? "In words" : "Add captions");
    this.root = make("details", { class: "captions", toggle: () => this.root.open && this.open() }, this.summary, this.body);
    return this.root;
  }

  async open() {
    if (this.body.firstChild) return;
    let text = "";
    if (this.media.captions_url) {
      text = await this.player.read().catch(() => null);
      if (text === null) return this.body.replaceChildren(make("p", {}, "The words did not load. Close and open this again."));
    }
    this.show(text);
  }

  show(text) {
    const lines = spokenWords(text).map((line) => make("p", {}, line));
    this.body.replaceChildren(...lines);
    if (this.mine) this.write(text);
  }

  write(text) {
    this.field = make("textarea", { class: "input", rows: 3, "aria-label": "What is said in this recording" });
    this.field.value = asWritten(text);
    this.told = make("p", { class: "small", role: "status" }, "Write what is said, or paste captions (WebVTT).");
    const save = make("button", { type: "button", class: "button dense", click: () => this.save() }, "Save captions");
    this.body.append(this.field, this.told, save);
  }

  async save() {
    const text = asCaptions(this.field.value, this.media.duration_ms);
    try {
      await send("PUT", `/v1/media/${this.media.media_id}/captions`, { body: text, headers: { "Content-Type": "text/vtt" } });
    } catch (problem) {
      this.told.textContent = problem.code === "not_webvtt" ? "A time in these captions is not in the form of WebVTT. Your words are still here." : "That was not saved. Your words are still here.";
      return;
    }
    await this.player.renew().catch(() => {});
    this.summary.textContent = text ? "In words" : "Add captions";
    this.show(text);
    announce("Captions saved");
    this.told.textContent = text ? "Saved." : "Taken away.";
  }
}
