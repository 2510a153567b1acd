// What was written here and is on its way: shown at once, sent in order, tried again under the same key.

import { call } from "../api.js";
import { announce } from "../time.js";
import { draw, receipt, stamp } from "./message.js";

export class Outgoing {
  constructor(room) {
    this.room = room;
    this.timeline = room.timeline;
    this.list = this.timeline.list;
    this.entries = new Map(); // by key
    this.queue = Promise.resolve();
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest(".retry")?.closest("[data-key]");
      if (item) this.retry(this.entries.get(item.dataset.key));
    });
  }

  // An entry: {key, kind, text, media_id, reply_to, holding}. In the order they were written: each waits for the
  // one before it.
  send(entry) {
    entry.sent_at = new Date().toISOString();
    entry.item = draw(this.room, { ...entry, mine: true });
    entry.item.dataset.key = entry.key;
    this.entries.set(entry.key, entry);
    this.timeline.append(entry.item);
    this.timeline.toEnd();
    this.queue = this.queue.then(() => this.deliver(entry));
    return this.queue;
  }

  async deliver(entry) {
    const { item } = entry;
    item.classList.remove("failed");
    item.classList.add("sending");
    receipt(this.list, item, "Sending");
    const body = { kind: entry.kind, text: entry.text };
    if (entry.holding) body.holding = true;
    try {
      const answer = await call("POST", `${this.room.base}/messages`, body, { "Idempotency-Key": entry.key });
      this.sent(entry, answer);
    } catch (problem) {
      this.failed(entry, problem);
    }
  }

  sent(entry, answer) {
    const { item } = entry;
    item.classList.remove("sending");
    item.dataset.seq = answer.seq;
    item.dataset.id = answer.message_id;
    stamp(this.room, item, answer.sent_at);
    if (entry.twin?.message_id !== answer.message_id) this.showTwin(entry);
    // A resync may have drawn it before.
    for (const twin of this.list.querySelectorAll(`[data-id="${CSS.escape(answer.message_id)}"]`)) {
      if (twin !== item) twin.remove();
    }
    receipt(this.list, item, "Sent");
    this.entries.delete(entry.key);
    this.room.sent(answer);
  }

  failed(entry, problem) {
    const { item } = entry;
    item.classList.remove("sending");
    item.classList.add("failed");
    item.querySelector(".receipt").textContent = "· Not sent. Your words are kept here.";
    let button = item.querySelector(".retry");
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "retry";
      button.textContent = "Try again";
      item.querySelector(".meta").append(button);
    }
    entry.retry = problem.passing ?? false;
    if (!entry.retry) this.showTwin(entry);
    else this.retryLater(entry, problem);
    announce("Your message was not sent. It is kept.");
  }

  retryLater(entry, problem) {
    entry.tries = (entry.tries ?? 0) + 1;
    const wait = Math.max(problem.retryAfter, Math.min(2 ** entry.tries, 60));
    entry.timer = setTimeout(() => this.retry(entry), wait * 1000);
  }

  retry(entry) {
    clearTimeout(entry.timer);
    entry.retry = false;
    entry.item.querySelector(".retry")?.remove();
    this.deliver(entry);
  }

  // The connection is back.
  again() {
    for (const entry of this.entries.values()) if (entry.retry) this.retry(entry);
  }

  // The stream can be quicker than the answer to the post, or the answer was lost on its way: the same words
  // are not shown twice meanwhile. Only the answer to the same key tells whether it is the same message.
  mayBePending(message) {
    for (const entry of this.entries.values()) {
      if (entry.kind !== message.kind || entry.text !== message.text || entry.twin) continue;
      entry.twin = message;
      if (entry.retry) this.retry(entry);
      return true;
    }
    return false;
  }

  showTwin(entry) {
    const { twin } = entry;
    entry.twin = null;
    if (twin) this.timeline.append(draw(this.room, twin), entry.item);
  }
}
