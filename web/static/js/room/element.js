// The room: loads by seq, sends at once and says how it went, keeps drafts, reads along on every device.

import { call } from "../api.js";
import { Actions } from "./actions.js";
import { Composer } from "./composer.js";
import { Finder } from "./finder.js";
import { receipt } from "./message.js";
import { Outgoing } from "./outgoing.js";
import { Timeline } from "./timeline.js";

class KindRoom extends HTMLElement {
  connectedCallback() {
    this.id_ = this.dataset.room;
    this.base = `/v1/rooms/${this.id_}`;
    this.zone = this.dataset.zone;
    this.readTo = Number(this.dataset.readSeq) || 0;
    this.loading = null;
    this.timeline = new Timeline(this);
    this.outgoing = new Outgoing(this);
    this.actions = new Actions(this);
    this.finder = new Finder(this);
    if (this.querySelector("[data-composer]")) this.composer = new Composer(this);
    this.listen();
    this.timeline.start();
    this.actions.start();
    this.finder.start();
    this.composer?.start();
    if (this.composer) this.outgoing.start();
    this.markRead();
    this.catchUp(); // what came while the page was on its way
  }

  listen() {
    const body = document.body;
    body.addEventListener(`live:message-${this.id_}`, (event) => this.heard(event.detail));
    body.addEventListener(`live:read-${this.id_}`, () => this.someoneRead());
    body.addEventListener("live:hello", () => this.catchUp());
    body.addEventListener("live:resync", () => this.timeline.renewAll());
    body.addEventListener("live:up", () => this.connection(true));
    body.addEventListener("live:down", () => this.connection(false));
    addEventListener("online", () => this.catchUp());
    document.addEventListener("visibilitychange", () => this.markRead());
  }

  // A seq that is held already: that message was corrected, or its recording is ready.
  heard({ seq }) {
    if (seq && seq <= this.timeline.last) this.timeline.renew(seq);
    else this.catchUp();
  }

  // One request at a time: no gap, no double.
  async catchUp() {
    if (this.loading) {
      this.again = true;
      return;
    }
    clearTimeout(this.catchUpTimer);
    this.loading = this.timeline.fetchNew().then(
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

  connection(up) {
    clearTimeout(this.offlineTimer);
    const show = () => (this.querySelector("[data-offline]").hidden = up);
    // A blink is not worth a word.
    if (!up) this.offlineTimer = setTimeout(show, 2000);
    else show();
    if (up) this.outgoing.again();
  }

  // A message of one's own is in the room.
  sent(answer) {
    const { timeline } = this;
    if (answer.seq === timeline.last + 1) timeline.last = answer.seq;
    else if (answer.seq > timeline.last) this.catchUp();
    this.readTo = Math.max(this.readTo, answer.seq);
    this.composer?.settle();
    document.getElementById("promise")?.dispatchEvent(new CustomEvent("live:turn"));
  }

  // ---- what was read

  markRead() {
    const { last, atTail } = this.timeline;
    if (document.hidden || !atTail || last <= this.readTo || !this.timeline.near()) return;
    this.readTo = last;
    call("PUT", `${this.base}/read`, { seq: last }).catch(() => {
      this.readTo = Math.min(this.readTo, last - 1);
    });
  }

  // The event says only that a mark moved; whose it was is asked of the room.
  async someoneRead() {
    const room = await call("GET", this.base).catch(() => null);
    if (!room) return;
    this.readTo = Math.max(this.readTo, room.read_seq);
    const { list } = this.timeline;
    const mine = this.timeline.items.filter((item) => item.matches(".mine")).at(-1);
    if (mine && this.timeline.atTail && Number(mine.dataset.seq) <= room.read_by_others) receipt(list, mine, "Read");
  }
}

customElements.define("kind-room", KindRoom);
