// An upload that begins while its bytes are still being recorded, and goes on by itself after a cut.
// The server counts what it has; after any doubt it is asked, so that no byte is missing or there twice.

import { Problem, send } from "../api.js";

const KIB = 1024;
const FIRST = 64 * KIB; // bytes of a part, until the line is known
const LEAST = 16 * KIB;
const GATHERED = { audio: 128 * KIB, video: 1024 * KIB }; // while recording: the first part goes soon, later ones are larger
const QUICK = 700; // ms: a part this quick may be larger
const SLOW = 3000;
const STALLED = 45000;
const DOUBTS = 5; // times in a row that the server is asked how it stands
const UNSURE = new Set(["offset_mismatch", "medium_uploaded", "cut_off", "size_mismatch"]); // the server knows how it stands
const LONGEST_WAIT = 30; // seconds between two tries

export class Upload extends EventTarget {
  constructor(room, kind, contentType, size = null) {
    super();
    this.about = { kind, content_type: contentType, ...(size === null ? {} : { size }) };
    this.path = `/v1/rooms/${room}/media`;
    this.parts = [];
    this.size = 0;
    this.offset = 0;
    this.part = FIRST;
    this.enough = LEAST;
    this.ended = false;
    this.state = "going"; // going, waiting, done, failed, cancelled
    this.run();
  }

  // ---- what the recorder calls

  add(blob) {
    if (!blob.size) return;
    this.parts.push(blob);
    this.size += blob.size;
    if (this.most && this.size > this.most * 0.97) this.dispatchEvent(new Event("full"));
    this.wake?.();
  }

  end() {
    this.ended = true;
    this.wake?.();
  }

  retry() {
    if (this.state === "failed") {
      this.turn("going");
      this.unsure = Boolean(this.id);
      this.run();
    } else this.wake?.(true);
  }

  cancel() {
    const { id } = this;
    this.turn("cancelled");
    this.aborter?.abort();
    this.wake?.();
    if (id) send("DELETE", `/v1/media/${id}`, { keepalive: true }).catch(() => {}); // an unfinished one is cleared away later anyway
  }

  // Everything there is so far, for listening and keeping.
  bytes() {
    return new Blob(this.parts, { type: this.about.content_type });
  }

  get share() {
    return this.size ? Math.min(1, this.offset / this.size) : 0;
  }

  // ---- going on until all is there

  get over() {
    return this.state === "done" || this.state === "failed" || this.state === "cancelled";
  }

  async run() {
    let tries = 0;
    while (!this.over) {
      const asks = this.unsure;
      try {
        await this.step();
        if (!asks) tries = 0;
        if (this.state === "waiting") this.turn("going");
      } catch (problem) {
        if (this.over) return;
        this.unsure = true; // whose count is right: the server's
        if (!problem.passing && (!UNSURE.has(problem.code) || tries > DOUBTS)) return this.fail(problem);
        this.turn("waiting");
        await this.rest(Math.max(problem.retryAfter, Math.min(2 ** tries, LONGEST_WAIT)) * 1000);
        tries += 1;
      }
    }
  }

  async step() {
    if (this.unsure && this.id) return this.ask();
    if (!this.ended && this.size - this.offset < this.enough) return this.rest();
    return this.id ? this.put() : this.begin();
  }

  async begin() {
    if (this.ended && !this.size) throw new Problem(422, { code: "empty" });
    const { answer } = await this.request("POST", this.path, { json: this.about });
    this.id = answer.media_id;
    this.offset = answer.offset;
    this.most = answer.max_bytes;
    this.largest = answer.part_bytes;
    if (this.size > this.most) throw new Problem(413, { code: "too_large" });
  }

  async ask() {
    const { headers } = await this.request("HEAD", `/v1/media/${this.id}`);
    this.unsure = false;
    this.offset = Number(headers.get("Upload-Offset"));
    if (headers.get("Upload-Complete") === "1") await this.settle();
  }

  // It is whole, and the answer that said so was lost.
  async settle() {
    const { answer } = await this.request("GET", `/v1/media/${this.id}/status`);
    if (answer.state === "refused") throw new Problem(422, { code: answer.refused_reason });
    this.turn("done");
  }

  async put() {
    const end = Math.min(this.size, this.offset + Math.min(this.part, this.largest));
    const whole = this.ended ? this.size : "*";
    const range = end > this.offset ? `bytes ${this.offset}-${end - 1}/${whole}` : `bytes */${whole}`;
    const began = performance.now();
    const { status, headers } = await this.request("PUT", `/v1/media/${this.id}`, {
      body: this.bytes().slice(this.offset, end),
      headers: { "Content-Range": range },
    });
    this.learn(performance.now() - began);
    if (status === 202) {
      this.offset = this.size;
      this.turn("done");
    } else {
      this.offset = Number(headers.get("Upload-Offset") ?? end);
      this.enough = Math.min(this.enough * 2, GATHERED[this.about.kind]);
      this.dispatchEvent(new Event("change"));
    }
  }

  learn(took) {
    if (took < QUICK) this.part = Math.min(this.part * 2, this.largest);
    else if (took > SLOW) this.part = Math.max(this.part / 2, LEAST);
  }

  async request(method, path, options = {}) {
    this.aborter = new AbortController();
    const stalled = setTimeout(() => this.aborter.abort(), STALLED);
    try {
      return await send(method, path, { ...options, signal: this.aborter.signal });
    } finally {
      clearTimeout(stalled);
    }
  }

  // Until more bytes came; or when the line is down, until it is back or the time is over: new bytes do not mend it.
  rest(ms = null) {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        removeEventListener("online", go);
        resolve();
      };
      const timer = ms === null ? null : setTimeout(go, ms);
      if (ms !== null) addEventListener("online", go);
      this.wake = (asked = false) => (ms === null || asked || this.over) && go();
    });
  }

  fail(problem) {
    this.code = problem.status === 401 ? "signed_out" : problem.status === 423 ? "locked" : problem.code || `http_${problem.status}`;
    if (problem.status === 404 || problem.status === 409) this.forget();
    this.turn("failed");
  }

  // The next try begins anew: what the server had is gone.
  forget() {
    this.id = null;
    this.offset = 0;
  }

  turn(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
