// The conversation on the screen: a window on the room, paged both ways, never more of it than one can scroll through.

import { call } from "../api.js";
import { announce } from "../time.js";
import { relabel, settle } from "./days.js";
import { differs, draw, renew } from "./message.js";

const PAGE = 50;
const MOST = 200; // messages that stay on the page
const NEAR = 120; // pixels from the end that still count as reading along
const SOON = 600; // pixels from either edge at which the next page is fetched

export class Timeline {
  constructor(room) {
    this.room = room;
    this.list = room.querySelector("[data-messages]");
    this.scroller = room.querySelector("[data-scroll]");
    this.jump = room.querySelector("[data-jump]");
    this.before = this.list.querySelector("[data-earlier]");
    this.after = this.list.querySelector("[data-later]");
    this.round = 0; // grows when the window is put elsewhere: pages that were on their way are dropped
    this.sized();
    this.atTail = this.last >= Number(room.dataset.lastSeq); // whether the window reaches to the room's end
    this.sized();
  }

  start() {
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.jump.addEventListener("click", () => this.toEnd());
    this.list.addEventListener("click", (event) => this.clicked(event));
    setInterval(() => relabel(this.list, this.room.zone), 30000);
    // A banner or a keyboard that takes room must not push the last words out of sight.
    new ResizeObserver(() => this.reading && this.atTail && this.bottom()).observe(this.scroller);
    this.arrive();
  }

  // Where the page opens: at the message of its address, at the first unread one, or at the end.
  arrive() {
    const asked = /^#m\d+$/.test(location.hash) ? this.list.querySelector(location.hash) : null;
    const unread = this.list.querySelector("[data-new]");
    if (asked) this.point(asked);
    else if (!this.atTail) this.scroller.scrollTop = 0;
    else if (unread) unread.scrollIntoView({ block: "start" });
    else this.bottom();
    this.reading = this.near();
    if (!this.atTail) this.jump.hidden = false;
  }

  get items() {
    return [...this.list.querySelectorAll('.message[data-seq]:not([data-seq=""])')];
  }

  // First and last seq of the window, and what there is beyond it.
  sized() {
    const { items } = this;
    this.first = Number(items[0]?.dataset.seq ?? 0);
    this.last = Number(items.at(-1)?.dataset.seq ?? 0);
    this.before.hidden = this.first <= 1;
    this.after.hidden = this.atTail || !items.length;
  }

  find(id) {
    return this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  get(query) {
    return call("GET", `${this.room.base}/messages?${query}`);
  }

  // ---- what comes

  // Everything after the last seq we hold, if the window is at the room's end; else it is only known to be there.
  async fetchNew() {
    if (!this.atTail) {
      this.jump.hidden = false;
      return;
    }
    const { round } = this;
    const near = this.near();
    let came = 0;
    for (;;) {
      const page = await this.get(`after=${this.last}&limit=${PAGE}`);
      if (round !== this.round) return;
      for (const message of page.items) came += this.add(message) ? 1 : 0;
      if (page.items.length < PAGE) break;
    }
    if (near) this.trim("start");
    if (!came) return;
    if (near) this.bottom();
    else this.jump.hidden = false;
    this.room.markRead();
    announce(came === 1 ? `New message from ${this.room.dataset.other}` : `${came} new messages`);
  }

  // Adds a message at the end unless it is there; returns whether somebody else's words came.
  add(message) {
    this.last = Math.max(this.last, message.seq);
    if (this.find(message.message_id)) return false;
    if (message.mine && this.room.outgoing.mayBePending(message)) return false;
    const item = draw(this.room, message);
    this.append(item, this.behind(message.seq));
    this.room.composer?.sentElsewhere(item);
    return !message.mine;
  }

  // What stands behind a message of this seq: the first later one, or what has no place in the room yet.
  behind(seq, item = null) {
    const all = [...this.list.querySelectorAll(".message")];
    const place = (each) => Number(each.dataset.seq) || Infinity;
    return all.find((each) => each !== item && place(each) > seq) ?? this.after;
  }

  // One's own message has its place: others may have come in between.
  placed(item, seq) {
    const all = [...this.list.querySelectorAll(".message")];
    const behind = this.behind(seq, item);
    if (item.isConnected && (all[all.indexOf(item) + 1] ?? this.after) !== behind) this.append(item, behind);
  }

  append(item, before = this.after) {
    this.list.querySelector(".empty")?.parentElement.remove();
    this.list.insertBefore(item, before);
    settle(this.list, this.room.zone);
  }

  // A message that is on the page was corrected, or its recording is ready.
  async renew(seq) {
    const item = this.list.querySelector(`#m${seq}`);
    if (!item) return;
    const page = await this.get(`after=${seq - 1}&limit=1`).catch(() => null);
    const [message] = page?.items ?? [];
    // One's own message is heard of, too, once it is sent: what reads the same stays as it is, with what is open in it.
    if (message?.seq === seq && item.isConnected && (message.media || differs(item, message))) this.put(message, item);
  }

  // After a break nobody knows what was corrected meanwhile: the whole window, in one request.
  async renewAll() {
    const { first, round } = this;
    if (!first) return;
    const page = await this.get(`after=${first - 1}&limit=${MOST}`).catch(() => null);
    if (!page || round !== this.round) return;
    for (const message of page.items) {
      const item = this.find(message.message_id);
      if (item && differs(item, message)) this.put(message, item);
    }
  }

  put(message, item) {
    if (item.querySelector("form")) return; // it is being corrected here
    const held = item.contains(document.activeElement);
    this.still(() => {
      const fresh = renew(this.room, item, message);
      if (held) fresh.focus({ preventScroll: true });
    });
  }

  // ---- paging

  earlier = () => this.page("start", this.before, `before=${this.first}&limit=${PAGE}`);
  later = () => this.page("end", this.after, `after=${this.last}&limit=${PAGE}`);

  async page(side, holder, query) {
    if (this.paging || holder.hidden) return;
    this.paging = true;
    const { round } = this;
    const link = holder.querySelector("a");
    link.setAttribute("aria-disabled", "true");
    const page = await this.get(query).catch(() => null);
    link.removeAttribute("aria-disabled");
    this.paging = false;
    link.textContent = !page ? "That did not load. Try again" : side === "start" ? "Earlier messages" : "Later messages";
    if (!page || round !== this.round) return;
    this.take(side, page.items);
    // Whoever scrolled on meanwhile is not left at the edge.
    requestAnimationFrame(() => this.scrolled());
  }

  take(side, messages) {
    const drawn = messages.filter((message) => !this.find(message.message_id)).map((message) => draw(this.room, message));
    this.still(() => {
      if (side === "start") this.before.after(...drawn);
      else this.after.before(...drawn);
      this.trim(side === "start" ? "end" : "start");
      if (side === "end") this.atTail = messages.length < PAGE;
      settle(this.list, this.room.zone);
      this.sized();
    });
    if (this.atTail) this.room.outgoing.stay();
  }

  // Drops what is far from where one reads.
  trim(side) {
    const { items } = this;
    const over = items.length - MOST;
    if (over < PAGE) return;
    if (side === "end") {
      this.room.outgoing.leave();
      this.atTail = this.jump.hidden = false;
    }
    const drop = side === "start" ? items.slice(0, over) : items.slice(-over);
    for (const item of drop) item.remove();
    this.list.querySelector("[data-new]")?.remove();
    settle(this.list, this.room.zone);
    this.sized();
  }

  // Does something to the list while what one is reading stays where it is.
  still(work) {
    const top = this.scroller.getBoundingClientRect().top;
    const held = this.items.find((item) => item.getBoundingClientRect().bottom > top);
    const at = held?.getBoundingClientRect().top;
    const id = held?.dataset.id;
    work();
    const now = id && this.find(id);
    if (now) this.scroller.scrollTop += now.getBoundingClientRect().top - at;
  }

  // ---- going somewhere else

  // Puts the window around a message and points at it.
  async goTo(seq) {
    if (!this.list.querySelector(`#m${seq}`)) {
      const round = ++this.round;
      const { items } = await this.get(`around=${seq}&limit=${PAGE}`);
      if (round !== this.round) return;
      this.replace(items, items.filter((each) => each.seq >= seq).length < PAGE);
    }
    const item = this.list.querySelector(`#m${seq}`);
    if (item) this.point(item);
  }

  // The first message at or after an instant; the end when there is none.
  async goToInstant(iso) {
    const page = await this.get(`at=${encodeURIComponent(iso)}&limit=1`);
    if (page.items.length) await this.goTo(page.items[0].seq);
    else await this.toEnd();
  }

  async toEnd() {
    if (!this.atTail) {
      const round = ++this.round;
      const page = await this.get(`limit=${PAGE}`);
      if (round !== this.round) return;
      this.replace(page.items, true);
    }
    this.bottom();
    this.room.markRead();
  }

  replace(messages, atTail) {
    this.atTail = atTail;
    this.room.outgoing.leave();
    for (const item of this.list.querySelectorAll(".message, .day, [data-new]")) item.remove();
    this.before.after(...messages.map((message) => draw(this.room, message)));
    settle(this.list, this.room.zone);
    this.sized();
    if (this.atTail) this.room.outgoing.stay();
    else this.jump.hidden = false;
  }

  point(item) {
    item.scrollIntoView({ block: "center" });
    item.focus({ preventScroll: true });
    item.classList.add("pointed");
    setTimeout(() => item.classList.remove("pointed"), 2500);
  }

  // ---- where one looks

  near() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  bottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.reading = true;
    this.jump.hidden = true;
  }

  scrolled() {
    this.reading = this.near();
    if (this.reading && this.atTail) {
      this.jump.hidden = true;
      this.room.markRead();
    }
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollHeight < clientHeight + 200) return;
    if (scrollTop < SOON / 10) this.earlier();
    else if (scrollHeight - clientHeight - scrollTop < SOON) this.later();
  }

  clicked(event) {
    const link = event.target.closest("[data-earlier] a, [data-later] a");
    if (!link) return;
    event.preventDefault();
    if (link.matches("[data-newest]")) this.toEnd();
    else if (link.closest("[data-earlier]")) this.earlier();
    else this.later();
  }
}
