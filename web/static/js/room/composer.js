// Where one writes: the text, its draft on the server, and everything that is sent from this room.

import { call, uuid } from "../api.js";

const LENGTH = 10000;

export class Composer {
  constructor(room) {
    this.room = room;
    this.form = room.querySelector("[data-composer]");
    this.field = this.form.querySelector("[data-text]");
    this.holding = this.form.querySelector("[data-holding]");
    this.saved = this.form.querySelector("[data-saved]");
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
      }
    });
    this.field.addEventListener("input", () => this.typed());
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
  send({ kind = "text", text = "", holding = Boolean(this.holding?.checked), key = uuid(), ...more }) {
    if (this.holding) this.holding.checked = false;
    return this.room.outgoing.send({ kind, text, holding, key, ...more });
  }

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
