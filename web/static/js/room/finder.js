// Finding again, beside the conversation: words (in a body, never in an address), a day, what was starred.

import { call } from "../api.js";
import { announce, clockWords, headingWords } from "../time.js";
import { beginning, nameOf, textOf } from "./message.js";

const MOST = 50;

export class Finder {
  constructor(room) {
    this.room = room;
    this.panel = room.querySelector("[data-finder]");
    this.opener = room.querySelector("[data-find]");
    this.field = this.panel.querySelector("[data-find-q]");
    this.place = this.panel.querySelector("[data-found]");
    this.stars = this.panel.querySelector("[data-stars]");
    this.noStars = this.stars?.firstElementChild;
  }

  start() {
    this.opener.setAttribute("aria-expanded", "false");
    this.opener.addEventListener("click", (event) => {
      event.preventDefault();
      if (this.panel.hidden) this.open();
      else this.close();
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
      else if (event.key === "Enter" && event.target.matches("[data-row]")) event.target.querySelector("a").click();
    });
    this.panel.addEventListener("click", (event) => this.clicked(event));
    this.panel.querySelector("[data-find-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.search();
    });
    this.panel.querySelector("[data-date-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.goToDay(event.target.elements.at.value);
    });
  }

  open() {
    this.panel.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.starsChanged();
    this.field.focus();
    this.field.select();
  }

  close() {
    if (this.panel.hidden) return;
    this.panel.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    this.opener.focus();
  }

  clicked(event) {
    if (event.target.closest("[data-finder-close]")) this.close();
    const more = event.target.closest("[data-more]");
    if (more) this.search(more.dataset.more);
    const link = event.target.closest("[data-to], [data-at-day]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.atDay) this.goToDay(link.dataset.atDay);
    else this.goTo(() => this.room.timeline.goTo(Number(link.dataset.to)));
  }

  // On a phone the panel covers the conversation, so it goes.
  async goTo(go) {
    if (matchMedia("(max-width: 59.99rem)").matches) this.close();
    await go().catch(() => announce("That did not load. Try again."));
  }

  goToDay(day) {
    if (day) this.goTo(() => this.room.timeline.goToInstant(beginningOf(day, this.room.zone)));
  }

  async search(cursor = null) {
    const q = this.field.value.trim();
    if (q.length < 2) return;
    const asked = (this.asked = {});
    const body = { q, limit: MOST };
    if (cursor) body.cursor = cursor;
    this.place.setAttribute("aria-busy", "true");
    const page = await call("POST", `${this.room.base}/search`, body).catch(() => null);
    if (asked !== this.asked) return;
    this.place.removeAttribute("aria-busy");
    if (!page) this.say("That did not work. Try again.");
    else if (!page.items.length && !cursor) this.say("No message has these words. Fewer words find more.");
    else this.showFound(page, Boolean(cursor));
  }

  say(words) {
    const line = document.createElement("p");
    line.className = "muted";
    line.textContent = words;
    this.place.replaceChildren(line);
    announce(words);
  }

  showFound(page, further) {
    const rows = page.items.map((each) => this.row(each, snippet(each)));
    const list = further ? this.place.querySelector("ol") : document.createElement("ol");
    list.className = "found";
    list.append(...rows);
    const count = list.children.length;
    const words = `${count}${page.next_cursor ? " or more" : ""} ${count === 1 ? "message" : "messages"}`;
    const title = document.createElement("h3");
    title.textContent = words;
    this.place.replaceChildren(title, list);
    if (page.next_cursor) this.place.append(this.more(page.next_cursor));
    announce(`Found: ${words}`);
    rows[0]?.focus();
  }

  more(cursor) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button dense";
    button.dataset.more = cursor;
    button.textContent = "Earlier ones";
    return button;
  }

  async starsChanged() {
    if (!this.stars || this.panel.hidden) return;
    const page = await call("GET", `${this.room.base}/stars?limit=100`).catch(() => null);
    if (!page) return;
    const list = document.createElement("ol");
    list.className = "found";
    list.append(...page.items.map((each) => this.row(each, [beginning(each).slice(0, 160)])));
    this.stars.replaceChildren(page.items.length ? list : this.noStars);
  }

  row(message, words) {
    const item = document.createElement("li");
    item.dataset.row = "";
    item.tabIndex = -1;
    const link = document.createElement("a");
    link.href = `/rooms/${this.room.id_}?around=${message.seq}#m${message.seq}`;
    link.dataset.to = message.seq;
    const who = document.createElement("span");
    who.className = "who";
    const when = document.createElement("span");
    when.className = "muted";
    const at = Date.parse(message.sent_at);
    when.textContent = `${headingWords(at, this.room.zone)}, ${clockWords(at, this.room.zone)}`;
    who.append(nameOf(this.room, message), when);
    const text = document.createElement("span");
    text.className = "snippet";
    text.append(...words);
    link.append(who, text);
    item.append(link);
    return item;
  }
}

// The marks count characters, of which some are two units of a string here.
function snippet({ snippet: found, marks }) {
  const text = textOf({ text: found });
  const letters = [...text];
  const parts = [];
  let at = 0;
  for (const [start, end] of marks) {
    const mark = document.createElement("mark");
    mark.textContent = letters.slice(start, end).join("");
    parts.push(letters.slice(at, start).join(""), mark);
    at = end;
  }
  return [...parts, letters.slice(at).join("")];
}

// Midnight of a day in a zone, as an instant.
export function beginningOf(day, zone) {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const ahead = (at) => {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
      second: "numeric",
    }).formatToParts(at);
    const part = (kind) => Number(parts.find((each) => each.type === kind).value);
    return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - at;
  };
  // Once more with the offset that holds there: a change of the clocks may lie in between.
  return new Date(utc - ahead(utc - ahead(utc))).toISOString();
}
