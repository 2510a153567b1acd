// The service worker. It keeps files that are the same for everybody (styles, scripts, the font) and one page that says
// there is no connection; it never keeps an answer of the API or a page with anything of anybody in it.
// The server writes VERSION, ASSETS and ICONS above this.

const OFFLINE = "/offline";
const CACHE = `kindroom-${VERSION}`;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(begin()));

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(ASSETS.map((path) => new Request(path, { credentials: "omit" })));
  await cache.add(new Request(OFFLINE, { credentials: "omit", cache: "reload" }));
  await self.skipWaiting();
}

async function begin() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || pathname.startsWith("/v1/")) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (ASSETS.includes(pathname)) event.respondWith(file(request));
});

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(OFFLINE)) ?? Response.error();
  }
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

// A push is empty: what is shown is the same for everybody and tells nothing.
self.addEventListener("push", (event) => {
  const shown = { tag: "waiting", renotify: true, icon: ICONS.icon, badge: ICONS.badge };
  event.waitUntil(self.registration.showNotification("You have a message in Kindroom", shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show());
});

async function show() {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!open.length) return self.clients.openWindow("/");
  const one = open.find((each) => each.visibilityState === "visible") ?? open[0];
  return one.focus();
}
