// The conversation on the screen: what is loaded of it, in order, and where one looks.

import { call } from "../api.js";
import { announce } from "../time.js";
import { relabel, settle } from "./days.js";
import { draw } from "./message.js";

const PAGE = 50;
const NEAR = 120; // pixels from the end that still count as reading along

export class Timeline {
  constructor(room) {
    this.room = room;
    this.list = room.querySelector("[data-messages]");
    this.scroller = room.querySelector("[data-scroll]");
    this.jump = room.querySelector("[data-jump]");
    this.first = Number(this.list.querySelector("[data-seq]")?.dataset.seq ?? 0);
    this.last = Number(room.dataset.lastSeq) || 0;
  }

  start() {
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.jump.addEventListener("click", () => this.toEnd());
    this.list.addEventListener("click", (event) => {
      const link = event.target.closest("[data-earlier] a");
      if (!link) return;
      event.preventDefault();
      this.earlier(link);
    });
    setInterval(() => relabel(this.list, this.room.zone), 30000);
    // A banner or a keyboard that takes room must not push the last words out of sight.
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.scroller);
    this.toEnd();
  }

  // Everything after the last seq we hold.
  async fetchNew() {
    const near = this.near();
    let came = 0;
    for (;;) {
      const page = await call("GET", `${this.room.base}/messages?after=${this.last}&limit=${PAGE}`);
      for (const message of page.items) came += this.add(message) ? 1 : 0;
      if (page.items.length < PAGE) break;
    }
    if (!came) return;
    if (near) this.toEnd();
    else this.jump.hidden = false;
    this.room.markRead();
    announce(came === 1 ? `New message from ${this.room.dataset.other}` : `${came} new messages`);
  }

  // Adds a message at the end unless it is there; returns whether somebody else's words came.
  add(message) {
    if (message.seq <= this.last && this.find(message.message_id)) return false;
    this.last = Math.max(this.last, message.seq);
    if (message.mine && this.room.outgoing?.mayBePending(message)) return false;
    this.append(draw(this.room, message));
    return !message.mine;
  }

  find(id) {
    return this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  append(item, before = null) {
    this.list.querySelector(".empty")?.parentElement.remove();
    this.list.insertBefore(item, before);
    settle(this.list, this.room.zone);
  }

  async earlier(link) {
    if (this.backing || !this.first) return;
    this.backing = true;
    link.setAttribute("aria-disabled", "true");
    try {
      const page = await call("GET", `${this.room.base}/messages?before=${this.first}&limit=${PAGE}`);
      const height = this.scroller.scrollHeight;
      const holder = link.closest("[data-earlier]");
      holder.after(...page.items.map((message) => draw(this.room, message)));
      settle(this.list, this.room.zone);
      if (page.items.length) this.first = page.items[0].seq;
      if (page.items.length < PAGE) holder.remove();
      // What one was reading stays where it was.
      this.scroller.scrollTop += this.scroller.scrollHeight - height;
    } catch {
      link.textContent = "That did not load. Try again";
    }
    link.removeAttribute("aria-disabled");
    this.backing = false;
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
      this.room.markRead();
    }
    const link = this.list.querySelector("[data-earlier] a");
    if (link && this.scroller.scrollTop < 60 && this.scroller.scrollHeight > this.scroller.clientHeight + 200) {
      this.earlier(link);
    }
  }
}
