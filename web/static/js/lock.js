// A device with a passcode locks when nobody has been at it for a while, in all its tabs; and a page that the browser
// kept in memory shows nothing before the server has said that it may.

import { idleFor } from "./activity.js";
import { cookie, send } from "./api.js";
import { locked, lower, refuses, shut } from "./curtain.js";

const MOMENT = 10_000;
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("kindroom-lock") : null;
let elsewhere = 0; // when somebody was last active in another tab
let asked = Date.now();
let locking = false;

const idle = () => Math.min(idleFor(), Date.now() - elsewhere);

function watch(after) {
  if (idleFor() < 1500) channel?.postMessage({ active: Date.now() });
  if (idle() >= after) lock();
  else if (idleFor() < MOMENT && Date.now() - asked > after / 3) stayOpen();
}

// Somebody who reads asks the server for nothing, and it locks by its own count.
function stayOpen() {
  asked = Date.now();
  send("GET", "/v1/me").catch((problem) => refuses(problem.status));
}

async function lock() {
  if (locking) return;
  locking = true;
  lower();
  await send("POST", "/v1/me/lock", { keepalive: true }).catch(() => null);
  locked();
}

// The browser may keep a page as it was and show it again on "Back": another person may be signed in by then.
function keptInMemory(after) {
  const mine = cookie("kindroom_csrf");
  addEventListener("pagehide", (event) => {
    if (event.persisted) document.documentElement.style.visibility = "hidden";
  });
  addEventListener("pageshow", async (event) => {
    if (!event.persisted) return;
    if (cookie("kindroom_csrf") !== mine) return shut("/");
    if (after && idle() >= after) return lock();
    const problem = await send("GET", "/v1/me").then(() => null, (refusal) => refusal);
    if (problem && problem.status !== 0) return refuses(problem.status) || shut("/");
    document.documentElement.style.visibility = "";
  });
}

// At the lock: opened in another tab, this one goes on as well.
function atTheLock() {
  if (channel) channel.onmessage = ({ data }) => data.open && location.replace("/");
}

export function start() {
  if (location.pathname === "/locked") return atTheLock();
  if (!document.body.dataset.live) return;
  channel?.postMessage({ open: true });
  const after = Number(document.body.dataset.lockAfter ?? 0) * 1000;
  keptInMemory(after);
  if (!after) return;
  if (channel) channel.onmessage = ({ data }) => (elsewhere = Math.max(elsewhere, data.active ?? 0));
  setInterval(() => watch(after), 1000);
  // Timers rest in a hidden tab and on a sleeping machine.
  document.addEventListener("visibilitychange", () => document.hidden || watch(after));
}
