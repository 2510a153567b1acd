// What this device does beside the page: the service worker, messages that still wait to be sent, being woken.

import { cookie, send } from "./api.js";
import { shutOthers } from "./curtain.js";
import { drain, pending, post, ready, waiting } from "./queue.js";

const TOLD = "kindroom-push"; // in the session's storage: for which sign-in this browser is known to the server

function register() {
  if (!("serviceWorker" in navigator)) return;
  const begin = () => navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).catch(() => null);
  // After the page, so that it takes nothing from it.
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
}

// The room sends its own; from every other page they go out as well.
async function sendWaiting() {
  if (!(await waiting())) return;
  const rooms = new Set((await pending()).map((entry) => entry.room));
  for (const room of rooms) await drain(room, post);
}

function toast(words) {
  const item = document.createElement("div");
  item.className = "toast";
  item.append(Object.assign(document.createElement("span"), { textContent: words }));
  document.getElementById("toasts")?.append(item);
}

function lost({ detail: { count } }) {
  const these = count === 1 ? "A message that was" : `${count} messages that were`;
  toast(`${these} written here before you signed in again could not be opened, and ${count === 1 ? "was" : "were"} not sent.`);
}

// A new sign-in in this browser: the server is told where to wake it, if that was this person's wish before.
async function renew() {
  if (!("PushManager" in globalThis) || Notification.permission !== "granted") return;
  const session = cookie("kindroom_csrf").slice(0, 8);
  if (!session || sessionStorage.getItem(TOLD) === session) return;
  const worker = await navigator.serviceWorker.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  if (subscription) {
    await send("POST", "/v1/me/push-subscriptions", { json: { endpoint: subscription.endpoint, renew: true } });
  }
  sessionStorage.setItem(TOLD, session);
}

// Signing out clears this browser, and with it what waits to be sent.
async function leaving(event) {
  const form = event.target;
  if (!form.matches('[action="/sign-out"]') || form.dataset.sure) return;
  event.preventDefault();
  const count = await waiting();
  const these = count === 1 ? "A message is" : `${count} messages are`;
  if (count && !confirm(`${these} not sent yet and will be lost. Sign out all the same?`)) return;
  form.dataset.sure = "yes";
  shutOthers("/sign-in");
  form.requestSubmit();
}

export function start() {
  register();
  if (!document.body.dataset.live) return;
  document.addEventListener("submit", leaving, { capture: true });
  document.body.addEventListener("queue:lost", lost);
  const again = () => sendWaiting().catch(() => null); // no connection: the next one begins anew
  if (!document.querySelector("kind-room")) {
    again();
    addEventListener("online", again);
  } else ready();
  renew().catch(() => null);
}
