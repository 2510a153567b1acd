// One event stream for all tabs: the tab that holds the lock listens and tells the others.
// Each event becomes DOM events on the body: live:<kind>, live:<kind>-<room>, live:any. After a reconnect: live:resync,
// and every kind once.

import { attendance } from "./activity.js";
import { refuses } from "./curtain.js";
import { setServerTime } from "./time.js";

const KINDS = ["message", "read", "promise", "session", "notice", "journey", "board", "devices"];
const channel = "BroadcastChannel" in window ? new BroadcastChannel("kindroom-live") : null;
let heard = false;

function say(name, detail) {
  document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
}

function deliver(kind, data) {
  if (kind === "hello") {
    if (data.server_time) setServerTime(data.server_time);
    say("hello", data);
    if (heard) missed(data);
    heard = true;
    return;
  }
  if (kind === "devices") signedOut();
  say(kind, data);
  if (data.room_id) say(`${kind}-${data.room_id}`, data);
  say("any", data);
}

// Nobody knows what was told meanwhile: whoever waits for anything looks again.
function missed(data) {
  for (const name of ["resync", ...KINDS, "any"]) say(name, data);
}

function online(up) {
  document.documentElement.dataset.online = up ? "yes" : "no";
  say(up ? "up" : "down");
}

function listen(address, release) {
  let wait = 1000;
  let source = null;
  const open = () => {
    source = new EventSource(address);
    source.onopen = () => {
      wait = 1000;
      spread("up");
    };
    source.onerror = async () => {
      spread("down");
      // The server ends the streams of a device that was locked or signed out: nothing stays on the screen meanwhile.
      if (document.body.dataset.lockAfter && (await signedOut())) return release();
      if (source.readyState !== EventSource.CLOSED) return;
      if (await signedOut()) return release();
      setTimeout(open, wait + Math.random() * 500);
      wait = Math.min(wait * 2, 30000);
    };
    for (const kind of ["hello", ...KINDS]) {
      source.addEventListener(kind, (event) => spread("event", kind, JSON.parse(event.data)));
    }
  };
  open();
}

async function signedOut() {
  const response = await fetch("/v1/me", { credentials: "same-origin", headers: attendance() }).catch(() => null);
  return refuses(response?.status);
}

function spread(what, kind, data) {
  receive({ what, kind, data });
  channel?.postMessage({ what, kind, data });
}

function receive({ what, kind, data }) {
  if (what === "event") deliver(kind, data);
  else online(what === "up");
}

export function start() {
  const address = document.body.dataset.live;
  if (!address) return;
  if (channel) channel.onmessage = (message) => receive(message.data);
  if (!navigator.locks || !channel) {
    listen(address, () => {});
    return;
  }
  // Held until the tab goes; then the next tab in line becomes the listener.
  navigator.locks.request("kindroom-live", () => new Promise((release) => listen(address, release)));
  // A tab that came second has missed the stream's hello, and perhaps what came while its page was on the way.
  navigator.locks.query().then((state) => {
    if (!state.pending?.some((lock) => lock.name === "kindroom-live")) return;
    heard = true;
    say("hello", {});
  });
}
