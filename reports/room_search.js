// Finds words in an exported room. Nothing leaves the page; without this file only the search is missing.
const form = document.querySelector("[data-search]");
const field = form.querySelector("input");
const found = form.querySelector("[data-found]");
const messages = [...document.querySelectorAll(".message")];
const days = [...document.querySelectorAll(".day, .month")].reverse();

function search() {
  const words = field.value.trim().toLowerCase();
  let count = 0;
  for (const message of messages) {
    message.hidden = words.length > 1 && !message.textContent.toLowerCase().includes(words);
    count += message.hidden ? 0 : 1;
  }
  for (const day of days) day.hidden = !day.querySelector(".message:not([hidden])");
  found.textContent = words.length > 1 ? `${count} ${count === 1 ? "message" : "messages"} with these words` : "";
}

let waiting = 0;
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 150);
});
