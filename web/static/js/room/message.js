// One message as it is drawn. Words of people only ever become text nodes.

import { clockWords } from "../time.js";

const RECORDED = { audio: "Voice message", video: "Video message" };

// Who wrote it, as the reader names them.
export function nameOf(room, message) {
  if (message.mine) return "You";
  if (message.sender_role === "client") return room.dataset.client;
  if (!message.sender_id || message.sender_id === room.dataset.therapistId) return room.dataset.therapist;
  return "A colleague of the clinic";
}

const UNOPENED = "This message cannot be opened. It is kept, and the people who run Kindroom have been told.";

// What it says, or that it cannot be opened: the API gives no text then.
export const textOf = ({ text }) => text ?? UNOPENED;

export const beginning = (message) => textOf(message) || RECORDED[message.kind] || "";

export function draw(room, message) {
  const item = room.querySelector("template[data-message]").content.firstElementChild.cloneNode(true);
  const part = (selector) => item.querySelector(selector);
  item.classList.toggle("mine", message.mine);
  item.classList.toggle("holding", Boolean(message.holding));
  item.dataset.kind = message.kind;
  part(".sr").textContent = `${nameOf(room, message)}:`;
  words(item, message);
  quote(room, part(".quote"), message.quote);
  recording(part(".bubble"), message);
  if (!message.holding) part("[data-holding-mark]").remove();
  if (!message.revisions) part("[data-corrected]").remove();
  if (!message.mine || message.kind !== "text" || message.text === null) part("[data-correct]")?.remove();
  star(item, Boolean(message.starred));
  stamp(room, item, message.sent_at);
  name(room, item, message);
  return item;
}

// Its place in the room, once it has one; nothing can be done with a message before.
export function name(room, item, { seq, message_id }) {
  const acts = item.querySelector(".acts");
  if (acts) acts.hidden = !message_id;
  item.dataset.seq = seq ?? "";
  item.dataset.id = message_id ?? "";
  if (!message_id) return;
  item.id = `m${seq}`;
  const page = `/rooms/${room.id_}/messages/${message_id}`;
  item.querySelector("[data-revisions]")?.setAttribute("href", page);
  item.querySelector("[data-correct]")?.setAttribute("href", page);
  item.querySelector("[data-star]")?.setAttribute("formaction", `${page}/star`);
  item.querySelector("[data-reply]")?.setAttribute("href", `/rooms/${room.id_}?reply=${message_id}#text`);
}

function words(item, message) {
  const text = item.querySelector(".text");
  text.textContent = textOf(message);
  text.classList.toggle("muted", message.text === null);
  if (!text.textContent) text.remove();
}

function quote(room, link, quoted) {
  if (!quoted) {
    link.remove();
    return;
  }
  link.dataset.quote = quoted.seq;
  link.href = `/rooms/${room.id_}?around=${quoted.seq}#m${quoted.seq}`;
  link.querySelector("b").textContent = nameOf(room, quoted);
  link.querySelector(".words").textContent = beginning(quoted);
}

function recording(bubble, message) {
  if (!message.media) return;
  const player = document.createElement("kind-player");
  bubble.insertBefore(player, bubble.querySelector(".text"));
  customElements.whenDefined("kind-player").then(() => player.show(message.media));
}

export function star(item, on) {
  item.querySelector("[data-starred]").hidden = !on;
  const button = item.querySelector("[data-star]");
  if (!button) return;
  button.value = on ? "" : "yes";
  button.querySelector("span").textContent = on ? "Remove star" : "Star";
}

export function stamp(room, item, at) {
  item.dataset.at = at;
  const time = item.querySelector("time");
  time.dateTime = at;
  time.textContent = clockWords(Date.parse(at), room.zone);
  time.removeAttribute("title");
}

// Whether a message reads otherwise than it is drawn.
export function differs(item, message) {
  const text = item.querySelector(".text")?.textContent ?? "";
  const starred = !item.querySelector("[data-starred]").hidden;
  const state = item.querySelector("kind-player")?.dataset.state ?? "";
  return text !== textOf(message) || starred !== message.starred || state !== (message.media?.state ?? "");
}

// The same message as it is now: what plays in it goes on, what was said of its way stays.
export function renew(room, item, message) {
  const fresh = draw(room, message);
  const player = item.querySelector("kind-player");
  if (player && message.media) {
    fresh.querySelector("kind-player")?.replaceWith(player);
    player.show?.(message.media);
  }
  fresh.querySelector(".receipt").textContent = item.querySelector(".receipt").textContent;
  item.replaceWith(fresh);
  return fresh;
}

// How far a message of one's own has come: said on the last one only, and on those that failed.
export function receipt(list, item, said) {
  for (const other of list.querySelectorAll(".receipt")) if (!other.closest(".failed")) other.textContent = "";
  item.querySelector(".receipt").textContent = `· ${said}`;
}
