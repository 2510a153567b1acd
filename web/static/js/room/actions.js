// What one does with a message: reply to it, star it, correct it, look at what it said before, go to what it quotes.

import { call } from "../api.js";
import { announce, clockWords, headingWords } from "../time.js";
import { star, textOf } from "./message.js";

export class Actions {
  constructor(room) {
    this.room = room;
    this.list = room.timeline.list;
  }

  start() {
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      const item = event.target.closest(".message");
      if (item?.querySelector("form")) this.stop(item);
      else if (item?.querySelector("details[open]")) this.close(item);
    });
  }

  clicked(event) {
    const item = event.target.closest(".message");
    if (!item?.dataset.id) return;
    const does = (selector) => event.target.closest(selector);
    const link = does("[data-quote], [data-reply], [data-star], [data-correct], [data-revisions]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (does("[data-quote]")) this.room.timeline.goTo(Number(link.dataset.quote)).catch(() => this.failed());
    if (does("[data-reply]")) this.room.composer?.reply(this.shown(item));
    if (does("[data-star]")) this.star(item, link.value === "yes");
    if (does("[data-correct]")) this.correct(item);
    if (does("[data-revisions]")) this.revisions(item, link);
    this.close(item, !does("[data-correct], [data-reply], [data-quote]"));
  }

  close(item, focus = true) {
    const acts = item.querySelector("details[open]");
    if (!acts) return;
    acts.open = false;
    if (focus) acts.querySelector("summary").focus();
  }

  // The message as far as the page shows it.
  shown(item) {
    const mine = item.matches(".mine");
    const said = item.querySelector(".sr").textContent.replace(/:$/, "");
    const client = !mine && said === this.room.dataset.client;
    const colleague = !mine && !client && said !== this.room.dataset.therapist;
    return {
      message_id: item.dataset.id,
      seq: Number(item.dataset.seq),
      mine,
      kind: item.dataset.kind,
      text: item.querySelector(".text")?.textContent.slice(0, 160) ?? "",
      sender_role: client ? "client" : "therapist",
      sender_id: colleague ? "somebody" : null,
    };
  }

  failed() {
    announce("That did not work. Try again.");
  }

  async star(item, on) {
    star(item, on);
    try {
      await call(on ? "PUT" : "DELETE", `${this.room.base}/messages/${item.dataset.id}/star`);
      announce(on ? "Starred" : "Star removed");
      this.room.finder?.starsChanged();
    } catch {
      star(item, !on);
      this.failed();
    }
  }

  // ---- correcting, in its place

  correct(item) {
    const text = item.querySelector(".text");
    if (item.querySelector("form")) return;
    const form = document.createElement("form");
    form.className = "correcting";
    const field = document.createElement("textarea");
    field.className = "input";
    field.maxLength = 10000;
    field.required = true;
    field.value = text.textContent;
    field.setAttribute("aria-label", "Correct your message. Everybody in the room sees that it was corrected.");
    const row = document.createElement("div");
    row.className = "row";
    row.append(button("Save", "submit", "button primary dense"), button("Cancel", "button", "button dense"));
    form.append(field, row);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save(item, field.value);
    });
    row.lastElementChild.addEventListener("click", () => this.stop(item));
    text.hidden = true;
    text.after(form);
    field.focus();
  }

  stop(item) {
    item.querySelector("form")?.remove();
    item.querySelector(".text").hidden = false;
    item.focus({ preventScroll: true });
  }

  async save(item, text) {
    const before = item.querySelector(".text").textContent;
    if (!text.trim() || text === before) {
      this.stop(item);
      return;
    }
    const save = item.querySelector("form .primary");
    save.setAttribute("aria-disabled", "true");
    try {
      await call("PATCH", `${this.room.base}/messages/${item.dataset.id}`, { text });
      this.stop(item);
      await this.room.timeline.renew(Number(item.dataset.seq));
      announce("Corrected");
    } catch {
      save.textContent = "Not saved. Try again";
      save.removeAttribute("aria-disabled");
      this.failed();
    }
  }

  // ---- what it said before

  async revisions(item, link) {
    const shown = item.querySelector(".revisions");
    link.setAttribute("aria-expanded", String(!shown));
    if (shown) {
      shown.remove();
      return;
    }
    const page = await call("GET", `${this.room.base}/messages/${item.dataset.id}/revisions`).catch(() => null);
    if (!page) {
      this.failed();
      return;
    }
    const list = document.createElement("ol");
    list.className = "revisions";
    list.setAttribute("aria-label", "Earlier texts");
    list.append(...page.items.map((each) => this.revision(each)));
    item.querySelector(".bubble").after(list);
  }

  revision({ replaced_at, ...revision }) {
    const item = document.createElement("li");
    const words = document.createElement("div");
    words.className = "text";
    words.textContent = textOf(revision);
    const until = document.createElement("p");
    until.className = "muted small";
    const at = Date.parse(replaced_at);
    until.textContent = `until ${headingWords(at, this.room.zone)}, ${clockWords(at, this.room.zone)}`;
    item.append(words, until);
    return item;
  }
}

function button(words, type, style) {
  const element = document.createElement("button");
  element.type = type;
  element.className = style;
  element.textContent = words;
  return element;
}
