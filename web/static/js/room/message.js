// One message as it is drawn. Words of people only ever become text nodes.

import { clockWords } from "../time.js";

export function draw(room, message) {
  const item = room.querySelector("template[data-message]").content.firstElementChild.cloneNode(true);
  item.classList.toggle("mine", message.mine);
  item.classList.toggle("holding", Boolean(message.holding));
  if (message.seq) item.dataset.seq = message.seq;
  if (message.message_id) item.dataset.id = message.message_id;
  item.querySelector(".sr").textContent = message.mine ? "You:" : `${room.dataset.other}:`;
  item.querySelector(".bubble").textContent = message.text ?? "";
  stamp(room, item, message.sent_at);
  const marks = [message.holding && "holding reply", message.corrected_at && "corrected"].filter(Boolean);
  item.querySelector(".marks").textContent = marks.map((mark) => `· ${mark}`).join(" ");
  return item;
}

export function stamp(room, item, at) {
  item.dataset.at = at;
  const time = item.querySelector("time");
  time.dateTime = at;
  time.textContent = clockWords(Date.parse(at), room.zone);
}

// How far a message of one's own has come: said on the last one only, and on those that failed.
export function receipt(list, item, words) {
  for (const other of list.querySelectorAll(".receipt")) if (!other.closest(".failed")) other.textContent = "";
  item.querySelector(".receipt").textContent = `· ${words}`;
}
