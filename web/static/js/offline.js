// The page without a connection: says what waits, and leaves by itself as soon as it can.

import { waiting } from "./queue.js";

const EVERY = 4000;

async function tell() {
  const count = await waiting();
  if (!count) return;
  const words = count === 1 ? "One message that you wrote is" : `${count} messages that you wrote are`;
  document.getElementById("kept").textContent = `${words} kept here under lock and key, and goes out when you are back.`
    .replace("goes", count === 1 ? "goes" : "go");
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
