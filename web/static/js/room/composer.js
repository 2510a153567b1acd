// Where one writes: the text, its draft on the server, the message that is replied to; everything sent leaves from here.

import { call, uuid } from "../api.js";
import { beginning, nameOf } from "./message.js";

const LENGTH = 10000;
const JUST_NOW = 120000; // ms in which a draft that is like a message is that message

export class Composer {
  constructor(room) {
    this.room = room;
    this.form = room.querySelector("[data-composer]");
    this.field = this.form.querySelector("[data-text]");
    this.holding = this.form.querySelector("[data-holding]");
    this.saved = this.form.querySelector("[data-saved]");
    this.answering = this.form.querySelector("[data-answering]");
    this.quoted = null; // the message that is replied to
  }

  start() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendText();
    });
    this.field.addEventListener("keydown", (event) => {
      const plain = !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches;
      if (event.key === "Enter" && plain) {
        event.preventDefault();
        this.sendText();
      } else if (event.key === "Escape" && this.quoted) {
        event.preventDefault();
        this.reply(null);
      }
    });
    this.field.addEventListener("input", () => this.typed());
    this.form.querySelector("[data-answering-end]").addEventListener("click", (event) => {
      event.preventDefault();
      this.reply(null);
      this.field.focus();
    });
    this.replyOfThePage();
    for (const item of this.room.timeline.items) this.sentElsewhere(item);
    // A recording that a person chose to send.
    this.room.addEventListener("medium-sent", (event) => {
      const { media_id, kind, duration_ms, waveform } = event.detail;
      this.send({ kind, media_id, media: { media_id, kind, state: "processing", duration_ms, waveform } });
    });
    addEventListener("pagehide", () => this.saveDraft());
  }

  sendText() {
    const text = this.field.value;
    if (!text.trim()) return;
    this.field.value = "";
    clearTimeout(this.draftTimer);
    this.send({ kind: "text", text });
  }

  // Everything leaves through here, under one key for every try: {kind, text, media_id, reply_to, holding, key}.
  send({ kind = "text", text = "", holding = Boolean(this.holding?.checked), key = uuid(), reply_to, ...more }) {
    const quote = this.quoted;
    if (this.holding) this.holding.checked = false;
    this.reply(null);
    return this.room.outgoing.send({ kind, text, holding, key, reply_to: reply_to ?? quote?.message_id, quote, ...more });
  }

  // ---- replying

  // Quotes a message above the text; null: no message.
  reply(message) {
    this.quoted = message;
    this.answering.hidden = !message;
    this.form.elements.reply_to.value = message?.message_id ?? "";
    if (!message) return;
    this.form.querySelector("[data-answering-who]").textContent = nameOf(this.room, message);
    this.form.querySelector("[data-answering-words]").textContent = beginning(message);
    this.field.focus();
  }

  // The page came with a message that is replied to.
  replyOfThePage() {
    const id = this.form.elements.reply_to.value;
    const item = id && this.room.timeline.find(id);
    if (item) this.reply(this.room.actions.shown(item));
  }

  // What waits to be sent is no draft any more, though the server may still have it as one.
  writtenBefore(text) {
    if (!text || this.field.value !== text) return;
    this.field.value = "";
    this.unsaved = true;
    this.saveDraft();
  }

  // Another tab sent it a moment ago: a page that came in between still shows it as a draft.
  sentElsewhere(item) {
    const recent = Date.now() - Date.parse(item.dataset.at) < JUST_NOW;
    if (recent && item.matches(".mine")) this.writtenBefore(item.querySelector(".text")?.textContent);
  }

  // What could not be sent and was taken back is not lost.
  giveBack(entry) {
    if (!entry.text || this.field.value) return;
    this.field.value = entry.text;
    this.typed();
    this.field.focus();
  }

  // ---- the draft

  typed() {
    const left = LENGTH - this.field.value.length;
    const length = this.form.querySelector("[data-length]");
    length.hidden = left > 500;
    length.textContent = `${left} characters left`;
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.saveDraft(), 800);
    this.unsaved = true;
  }

  async saveDraft() {
    if (!this.unsaved) return;
    this.unsaved = false;
    try {
      await call("PUT", `${this.room.base}/draft`, { text: this.field.value });
      this.saved.textContent = "Draft saved";
    } catch {
      this.unsaved = true;
      this.saved.textContent = "Draft not saved yet";
    }
  }

  // What was written is sent: its draft goes.
  async settle() {
    if (this.field.value) return;
    this.unsaved = true;
    await this.saveDraft();
    if (!this.unsaved) this.saved.textContent = "";
  }
}
