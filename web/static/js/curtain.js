// Takes everything private off the page at once, then leads on. Every tab of this browser does the same.

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("kindroom-curtain") : null;
let down = false;
let left = false;

// Nothing of a person stays: not in the text, not in a field, not in the title.
export function lower() {
  if (!down) channel?.postMessage({ lower: true });
  drop();
}

// Empties the page and goes to the lock or to the door.
export function shut(path) {
  if (left) return;
  left = true;
  lower();
  channel?.postMessage({ shut: path });
  location.replace(path);
}

// Whoever signs out here is signed out in every tab: none waits to be told by the server.
export function shutOthers(path) {
  channel?.postMessage({ shut: path });
}

export const locked = () => shut("/locked");
export const signedOut = () => shut(`/sign-in?next=${encodeURIComponent(location.pathname)}`);

// Whether an answer's status means that this device may show nothing any more; if so, it is emptied.
export function refuses(status) {
  if (status === 423) locked();
  if (status === 401) signedOut();
  return status === 423 || status === 401;
}

function drop() {
  if (down) return;
  down = true;
  for (const media of document.querySelectorAll("audio, video")) media.pause();
  document.title = "Kindroom";
  document.body.replaceChildren();
}

if (channel) {
  channel.onmessage = ({ data }) => {
    if (!document.body.dataset.live) return; // a page from outside shows nothing of anybody
    drop();
    // Who lowered it may be gone before it is said where to go.
    const path = data.shut?.startsWith("/sign-in") ? "/sign-in" : "/locked";
    if (!left) setTimeout(() => location.replace(path), data.shut ? 0 : 3000);
    if (data.shut) left = true;
  };
}
