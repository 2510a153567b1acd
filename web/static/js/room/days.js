// The headings between days. Kept right by looking at the list as it is, whatever was put in or taken out.

import { dayKey, headingWords } from "../time.js";

const keys = new WeakMap(); // items never change their day; making a key costs

function keyOf(item, zone) {
  if (!keys.has(item)) keys.set(item, dayKey(Date.parse(item.dataset.at), zone));
  return keys.get(item);
}

function heading(at, zone) {
  const item = document.createElement("li");
  item.className = "day";
  item.dataset.day = at;
  item.textContent = headingWords(Date.parse(at), zone);
  return item;
}

// One heading before the first message of each day, none anywhere else.
export function settle(list, zone) {
  let day = "";
  let open = null; // a heading that waits for its first message
  for (const item of [...list.children]) {
    if (item.matches("[data-day]")) {
      open?.remove();
      open = item;
    } else if (item.dataset.at) {
      const key = keyOf(item, zone);
      const right = open && dayKey(Date.parse(open.dataset.day), zone) === key;
      if (key === day || !right) open?.remove();
      if (key !== day && !right) list.insertBefore(heading(item.dataset.at, zone), item);
      day = key;
      open = null;
    }
  }
  open?.remove();
}

// Today becomes Yesterday at midnight.
export function relabel(list, zone) {
  for (const item of list.querySelectorAll("[data-day]")) {
    const words = headingWords(Date.parse(item.dataset.day), zone);
    if (item.textContent !== words) item.textContent = words;
  }
}
