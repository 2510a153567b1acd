// The page without a connection: says what waits, and leaves by itself as soon as it can.

import { waiting } from "./queue.js";

const EVERY = 4000;

async function tell() {
  const count = await waiting();
  if (!count) return;
  document.getElementById("kept").textContent = count === 1
    ? "One message that you wrote is kept here under lock and key, and goes out when you are back."
    : `${count} messages that you wrote are kept here under lock and key, and go out when you are back.`;
}

async function back() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  if (location.pathname === "/offline") location.replace("/");
  else location.reload();
}

document.documentElement.classList.add("js");
addEventListener("online", back);
document.getElementById("again").addEventListener("click", back);
setInterval(back, EVERY);
tell();
