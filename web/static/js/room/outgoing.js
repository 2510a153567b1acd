// What was written here and is on its way: shown at once, kept until it is sent, in order, under one key for every try.

import { call, Problem } from "../api.js";
import { done, drain, enqueue, pending, ready } from "../queue.js";
import { announce } from "../time.js";
import { draw, name, receipt, stamp } from "./message.js";

export class Outgoing {
  constructor(room) {
    this.room = room;
    this.timeline = room.timeline;
    this.list = this.timeline.list;
    this.entries = new Map(); // by key
    this.tries = 0;
    this.list.addEventListener("click", (event) => this.clicked(event));
  }

  // What an earlier visit wrote and could not send.
  async start() {
    await ready();
    for (const kept of await pending(this.room.id_).catch(() => [])) {
      this.show(kept);
      this.room.composer?.writtenBefore(kept.text);
    }
    if (this.entries.size) this.flush();
  }

  // An entry: {key, kind, text, media_id, reply_to, holding}, with `quote` and `media` as they are shown.
  async send(entry) {
    this.show({ ...entry, room: this.room.id_, sent_at: new Date().toISOString() });
    await this.timeline.toEnd().catch(() => null); // without a connection it is shown when one comes back to the end
    await enqueue(this.entries.get(entry.key));
    return this.flush();
  }

  show(entry) {
    if (this.entries.has(entry.key)) return this.entries.get(entry.key);
    entry.item = draw(this.room, { ...entry, mine: true });
    entry.item.dataset.key = entry.key;
    this.entries.set(entry.key, entry);
    this.under_way(entry);
    if (this.timeline.atTail) this.timeline.append(entry.item);
    return entry;
  }

  under_way({ item }) {
    item.classList.remove("failed");
    item.classList.add("sending");
    item.querySelector(".retry-line")?.remove();
    receipt(this.list, item, "Sending");
  }

  // Whoever holds the room's turn sends everything that waits, also what another tab wrote.
  async flush() {
    clearTimeout(this.timer);
    try {
      await drain(this.room.id_, (kept) => this.deliver(this.entries.get(kept.key) ?? this.show(kept)));
      // What another tab sent for this one: the same key gets the same answer.
      for (const entry of [...this.entries.values()]) if (!entry.refused) await this.deliver(entry);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.tries += 1;
      this.timer = setTimeout(() => this.flush(), Math.max(problem.retryAfter, Math.min(2 ** this.tries, 60)) * 1000);
    }
  }

  // Throws what may pass; answers false when it will never be taken as it is.
  async deliver(entry) {
    if (!this.entries.has(entry.key)) return true;
    const body = { kind: entry.kind, text: entry.text };
    if (entry.media_id) body.media_id = entry.media_id;
    if (entry.reply_to) body.reply_to = entry.reply_to;
    if (entry.holding) body.holding = true;
    this.under_way(entry);
    try {
      this.sent(entry, await call("POST", `${this.room.base}/messages`, body, { "Idempotency-Key": entry.key }));
      return true;
    } catch (problem) {
      this.failed(entry, problem);
      if (!entry.refused) throw problem;
      return false;
    }
  }

  sent(entry, answer) {
    if (!this.entries.delete(entry.key)) return;
    done(entry.key);
    this.tries = 0;
    const { item } = entry;
    item.classList.remove("sending");
    name(this.room, item, answer);
    stamp(this.room, item, answer.sent_at);
    this.timeline.placed(item, answer.seq);
    if (entry.twin?.message_id !== answer.message_id) this.showTwin(entry);
    // A resync may have drawn it before.
    for (const twin of this.list.querySelectorAll(`[data-id="${CSS.escape(answer.message_id)}"]`)) {
      if (twin !== item) twin.remove();
    }
    receipt(this.list, item, "Sent");
    this.room.sent(answer);
  }

  failed(entry, problem) {
    const { item } = entry;
    entry.refused = !(problem.passing || problem.status === 401 || problem.status === 423);
    item.classList.remove("sending");
    item.classList.add("failed");
    item.querySelector(".receipt").textContent = "· Not sent. Your words are kept here.";
    const line = document.createElement("span");
    line.className = "retry-line";
    for (const [kind, words] of [["retry", "Try again"], ["give-up", "Remove"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = kind;
      button.textContent = words;
      line.append(button);
    }
    item.querySelector(".meta").append(line);
    if (entry.refused) this.showTwin(entry);
    announce("Your message was not sent. It is kept.");
  }

  clicked(event) {
    const entry = this.entries.get(event.target.closest("[data-key]")?.dataset.key);
    if (!entry) return;
    if (event.target.closest(".retry")) this.flush();
    if (event.target.closest(".give-up")) this.giveUp(entry);
  }

  giveUp(entry) {
    this.entries.delete(entry.key);
    done(entry.key);
    entry.item.remove();
    this.showTwin(entry);
    this.room.composer?.giveBack(entry);
  }

  // The connection is back.
  again() {
    if ([...this.entries.values()].some((entry) => entry.item.matches(".failed") && !entry.refused)) this.flush();
  }

  // The stream can be quicker than the answer to the post, or the answer was lost on its way: the same words
  // are not shown twice meanwhile. Only the answer to the same key tells whether it is the same message.
  mayBePending(message) {
    for (const entry of this.entries.values()) {
      const same = entry.kind === message.kind && entry.text === message.text;
      if (!same || entry.twin || (entry.media_id ?? null) !== (message.media?.media_id ?? null)) continue;
      entry.twin = message;
      if (entry.item.matches(".failed")) this.flush();
      return true;
    }
    return false;
  }

  showTwin(entry) {
    const { twin } = entry;
    entry.twin = null;
    if (twin) this.timeline.append(draw(this.room, twin), entry.item.isConnected ? entry.item : undefined);
  }

  // ---- they stand at the room's end only

  leave() {
    for (const { item } of this.entries.values()) item.remove();
  }

  stay() {
    for (const { item } of this.entries.values()) if (!item.isConnected) this.timeline.append(item);
  }
}
