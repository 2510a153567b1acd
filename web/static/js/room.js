// The room: loads by seq, sends at once and says how it went, keeps drafts, reads along on every device.
// Words of people only ever become text nodes.

import { call, uuid } from "./api.js";
import { announce, clockWords, dayKey, headingWords } from "./time.js";

const PAGE = 50;
const NEAR = 120; // pixels from the end that still count as reading along
const LENGTH = 10000;

class KindRoom extends HTMLElement {
  connectedCallback() {
    this.id_ = this.dataset.room;
    this.base = `/v1/rooms/${this.id_}`;
    this.zone = this.dataset.zone;
    this.last = Number(this.dataset.lastSeq) || 0;
    this.readTo = Number(this.dataset.readSeq) || 0;
    this.first = Number(this.querySelector("[data-seq]")?.dataset.seq ?? 0);
    this.list = this.querySelector("[data-messages]");
    this.scroller = this.querySelector("[data-scroll]");
    this.form = this.querySelector("[data-composer]");
    this.jump = this.querySelector("[data-jump]");
    this.pending = new Map();
    this.loading = null;
    this.listen();
    this.toEnd();
    this.markRead();
  }

  listen() {
    const body = document.body;
    body.addEventListener(`live:message-${this.id_}`, () => this.catchUp());
    body.addEventListener(`live:read-${this.id_}`, () => this.someoneRead());
    body.addEventListener("live:hello", () => this.catchUp());
    body.addEventListener("live:up", () => this.connection(true));
    body.addEventListener("live:down", () => this.connection(false));
    addEventListener("online", () => this.catchUp());
    document.addEventListener("visibilitychange", () => this.markRead());
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.jump.addEventListener("click", () => this.toEnd());
    this.list.addEventListener("click", (event) => this.clicked(event));
    if (this.form) this.compose();
    setInterval(() => this.relabel(), 30000);
    // A banner or a keyboard that takes room must not push the last words out of sight.
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.scroller);
  }

  // ---- reading

  // Everything after the last seq we hold, one request at a time: no gap, no double.
  async catchUp() {
    if (this.loading) {
      this.again = true;
      return;
    }
    clearTimeout(this.catchUpTimer);
    this.loading = this.fetchNew().then(
      () => this.connection(true),
      () => this.lostTouch(),
    );
    await this.loading;
    this.loading = null;
    if (this.again) {
      this.again = false;
      this.catchUp();
    }
  }

  // The stream may still stand while requests fail, and then nobody would call again.
  lostTouch() {
    this.connection(false);
    this.catchUpTimer = setTimeout(() => this.catchUp(), 3000);
  }

  async fetchNew() {
    const near = this.near();
    let came = 0;
    for (;;) {
      const page = await call("GET", `${this.base}/messages?after=${this.last}&limit=${PAGE}`);
      for (const message of page.items) came += this.add(message) ? 1 : 0;
      if (page.items.length < PAGE) break;
    }
    if (!came) return;
    if (near) this.toEnd();
    else this.jump.hidden = false;
    this.markRead();
    announce(came === 1 ? `New message from ${this.dataset.other}` : `${came} new messages`);
  }

  // Adds a message at the end unless it is there; returns whether somebody else's words came.
  add(message) {
    if (message.seq <= this.last && this.list.querySelector(`[data-id="${CSS.escape(message.message_id)}"]`)) {
      return false;
    }
    this.last = Math.max(this.last, message.seq);
    this.list.querySelector(".empty")?.parentElement.remove();
    if (message.mine && this.mayBePending(message)) return false;
    this.dayFor(message.sent_at);
    this.list.append(this.draw(message));
    return !message.mine;
  }

  // The stream can be quicker than the answer to the post, or the answer was lost on its way: the same words
  // are not shown twice meanwhile. Only the answer to the same key tells whether it is the same message.
  mayBePending(message) {
    for (const entry of this.pending.values()) {
      if (entry.text !== message.text || entry.twin) continue;
      entry.twin = message;
      if (entry.retry) this.retry(entry);
      return true;
    }
    return false;
  }

  showTwin(entry) {
    const { twin } = entry;
    entry.twin = null;
    if (twin) this.list.insertBefore(this.draw(twin), entry.item);
  }

  dayFor(at, before = null) {
    const key = dayKey(Date.parse(at), this.zone);
    const days = [...this.list.querySelectorAll("[data-day]")];
    const last = days.at(-1);
    if (last && dayKey(Date.parse(last.dataset.day), this.zone) === key) return;
    this.list.insertBefore(this.dayHeading(at), before);
  }

  dayHeading(at) {
    const item = document.createElement("li");
    item.className = "day";
    item.dataset.day = at;
    item.textContent = headingWords(Date.parse(at), this.zone);
    return item;
  }

  draw(message) {
    const item = this.querySelector("template[data-message]").content.firstElementChild.cloneNode(true);
    item.classList.toggle("mine", message.mine);
    item.classList.toggle("holding", Boolean(message.holding));
    if (message.seq) item.dataset.seq = message.seq;
    if (message.message_id) item.dataset.id = message.message_id;
    item.querySelector(".sr").textContent = message.mine ? "You:" : `${this.dataset.other}:`;
    item.querySelector(".bubble").textContent = message.text ?? "";
    const time = item.querySelector("time");
    time.dateTime = message.sent_at;
    time.textContent = clockWords(Date.parse(message.sent_at), this.zone);
    const marks = [message.holding && "holding reply", message.corrected_at && "corrected"].filter(Boolean);
    item.querySelector(".marks").textContent = marks.map((mark) => `· ${mark}`).join(" ");
    return item;
  }

  async earlier(link) {
    if (this.backing || !this.first) return;
    this.backing = true;
    link.setAttribute("aria-disabled", "true");
    try {
      const page = await call("GET", `${this.base}/messages?before=${this.first}&limit=${PAGE}`);
      const height = this.scroller.scrollHeight;
      const holder = link.closest("[data-earlier]");
      this.insertBefore_(page.items, holder);
      if (page.items.length < PAGE) holder.remove();
      // What one was reading stays where it was.
      this.scroller.scrollTop += this.scroller.scrollHeight - height;
    } catch {
      link.textContent = "That did not load. Try again";
    }
    link.removeAttribute("aria-disabled");
    this.backing = false;
  }

  insertBefore_(messages, holder) {
    const next = holder.nextElementSibling;
    const nextDay = next?.matches("[data-day]") ? dayKey(Date.parse(next.dataset.day), this.zone) : "";
    let day = "";
    for (const message of messages) {
      const key = dayKey(Date.parse(message.sent_at), this.zone);
      if (key !== day) this.list.insertBefore(this.dayHeading(message.sent_at), next);
      day = key;
      this.list.insertBefore(this.draw(message), next);
    }
    if (messages.length) this.first = messages[0].seq;
    if (day && day === nextDay) next.remove();
  }

  relabel() {
    for (const item of this.list.querySelectorAll("[data-day]")) {
      const words = headingWords(Date.parse(item.dataset.day), this.zone);
      if (item.textContent !== words) item.textContent = words;
    }
  }

  // ---- what was read

  markRead() {
    if (document.hidden || this.last <= this.readTo || !this.near()) return;
    const seq = this.last;
    this.readTo = seq;
    call("PUT", `${this.base}/read`, { seq }).catch(() => {
      this.readTo = Math.min(this.readTo, seq - 1);
    });
  }

  // The event says only that a mark moved; whose it was is asked of the room.
  async someoneRead() {
    const room = await call("GET", this.base).catch(() => null);
    if (!room) return;
    this.readTo = Math.max(this.readTo, room.read_seq);
    const mine = [...this.list.querySelectorAll(".message.mine[data-seq]")].at(-1);
    if (mine && Number(mine.dataset.seq) <= room.read_by_others) this.receipt(mine, "Read");
  }

  receipt(item, words) {
    for (const other of this.list.querySelectorAll(".receipt")) if (!other.closest(".failed")) other.textContent = "";
    item.querySelector(".receipt").textContent = `· ${words}`;
  }

  // ---- writing

  compose() {
    const text = this.form.querySelector("[data-text]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    text.addEventListener("keydown", (event) => {
      const plain = !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches;
      if (event.key === "Enter" && plain) {
        event.preventDefault();
        this.send();
      }
    });
    text.addEventListener("input", () => this.typed(text));
    addEventListener("pagehide", () => this.saveDraft());
  }

  typed(text) {
    const left = LENGTH - text.value.length;
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
    const saved = this.form.querySelector("[data-saved]");
    try {
      await call("PUT", `${this.base}/draft`, { text: this.form.querySelector("[data-text]").value });
      saved.textContent = "Draft saved";
    } catch {
      this.unsaved = true;
      saved.textContent = "Draft not saved yet";
    }
  }

  send() {
    const field = this.form.querySelector("[data-text]");
    const holding = this.form.querySelector("[data-holding]");
    const text = field.value;
    if (!text.trim()) return;
    const entry = { key: uuid(), text, holding: Boolean(holding?.checked), sent_at: new Date().toISOString() };
    this.list.querySelector(".empty")?.parentElement.remove();
    this.dayFor(entry.sent_at);
    entry.item = this.draw({ mine: true, text, holding: entry.holding, sent_at: entry.sent_at });
    entry.item.dataset.key = entry.key;
    this.list.append(entry.item);
    this.pending.set(entry.key, entry);
    field.value = "";
    if (holding) holding.checked = false;
    clearTimeout(this.draftTimer);
    this.toEnd();
    // In the order they were written: each waits for the one before it.
    this.sending = (this.sending ?? Promise.resolve()).then(() => this.deliver(entry));
  }

  async deliver(entry) {
    const { item } = entry;
    item.classList.remove("failed");
    item.classList.add("sending");
    this.receipt(item, "Sending");
    const body = { kind: "text", text: entry.text };
    if (entry.holding) body.holding = true;
    try {
      const answer = await call("POST", `${this.base}/messages`, body, { "Idempotency-Key": entry.key });
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
    item.querySelector("time").dateTime = answer.sent_at;
    item.querySelector("time").textContent = clockWords(Date.parse(answer.sent_at), this.zone);
    if (entry.twin?.message_id !== answer.message_id) this.showTwin(entry);
    // A resync may have drawn it before.
    for (const twin of this.list.querySelectorAll(`[data-id="${CSS.escape(answer.message_id)}"]`)) {
      if (twin !== item) twin.remove();
    }
    this.receipt(item, "Sent");
    this.pending.delete(entry.key);
    if (answer.seq === this.last + 1) this.last = answer.seq;
    else if (answer.seq > this.last) this.catchUp();
    this.readTo = Math.max(this.readTo, answer.seq);
    if (!this.form.querySelector("[data-text]").value) {
      this.unsaved = true;
      this.saveDraft().then(() => (this.form.querySelector("[data-saved]").textContent = ""));
    }
    document.getElementById("promise")?.dispatchEvent(new CustomEvent("live:turn"));
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

  clicked(event) {
    const link = event.target.closest("[data-earlier] a");
    if (link) {
      event.preventDefault();
      this.earlier(link);
    }
    const item = event.target.closest(".retry")?.closest("[data-key]");
    if (item) this.retry(this.pending.get(item.dataset.key));
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

  connection(up) {
    clearTimeout(this.offlineTimer);
    const show = () => (this.querySelector("[data-offline]").hidden = up);
    // A blink is not worth a word.
    if (!up) this.offlineTimer = setTimeout(show, 2000);
    else show();
    if (!up) return;
    for (const entry of this.pending.values()) if (entry.retry) this.retry(entry);
  }

  // ---- where one looks

  near() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.atEnd = true;
    this.jump.hidden = true;
  }

  scrolled() {
    this.atEnd = this.near();
    if (this.atEnd) {
      this.jump.hidden = true;
      this.markRead();
    }
    const link = this.querySelector("[data-earlier] a");
    if (link && this.scroller.scrollTop < 60 && this.scroller.scrollHeight > this.scroller.clientHeight + 200) {
      this.earlier(link);
    }
  }
}

customElements.define("kind-room", KindRoom);
