// What was written without a connection: kept on this device until it is sent, readable by nobody else.
//
// Every entry is sealed (AES-GCM) under a key that the server gives only to this session while the device is open; it
// is held in memory, never stored. Without the browser's cryptography (plain HTTP on another name than localhost) the
// queue lives in memory and ends with the tab. An entry is sent as often as needed with the same Idempotency-Key, so
// the server keeps one message of it.
//
//   enqueue({ key, room, kind, text, media_id, reply_to, holding, sent_at })  before the first try
//   drain(room, deliver)     in the order of writing, one tab at a time; when `deliver(entry)` throws, the rest waits;
//                            when it answers false, this one is kept and the rest goes on
//   done(key)                it is sent, or its writer gave it up
//   pending(room)            what waits, oldest first
//
// `queue:lost` on the body tells how many entries of an ended session could not be opened; they are gone.

import { call } from "./api.js";

const DATABASE = "kindroom";
const STORE = "queue";
const FIELDS = ["key", "room", "kind", "text", "media_id", "reply_to", "holding", "sent_at"];
const sealing = Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);
const unsealed = new Map(); // by key: what no key was there for yet
const given = new Set(); // keys that are done with: a seal still under way must not bring them back

let opening = null;
let holding = null;
let order = Promise.resolve();

// ---- the key and the seal

function deviceKey() {
  holding ??= fetchKey().catch((problem) => {
    holding = null;
    throw problem;
  });
  return holding;
}

async function fetchKey() {
  const answer = await call("GET", "/v1/me/device-key");
  const bytes = Uint8Array.from(atob(answer.key), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function seal(entry) {
  const key = await deviceKey();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bound = new TextEncoder().encode(entry.key);
  const words = new TextEncoder().encode(JSON.stringify(entry));
  return { key: entry.key, iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound }, key, words) };
}

async function unseal(row) {
  const key = await deviceKey();
  const bound = new TextEncoder().encode(row.key);
  const words = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv, additionalData: bound }, key, row.sealed);
  return JSON.parse(new TextDecoder().decode(words));
}

// ---- the store

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "n", autoIncrement: true });
      store.createIndex("key", "key", { unique: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function store(mode, work) {
  const transaction = (await database()).transaction(STORE, mode, { durability: "strict" });
  const request = work(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

async function keep(entry) {
  const row = await seal(entry);
  if (given.has(entry.key)) return;
  try {
    await store("readwrite", (rows) => rows.add(row));
  } catch (error) {
    if (error?.name !== "ConstraintError") throw error; // kept before
  }
  unsealed.delete(entry.key);
  if (given.has(entry.key)) await remove(entry.key);
}

function remove(key) {
  return store("readwrite", (rows) => {
    rows.index("key").openKeyCursor(IDBKeyRange.only(key)).onsuccess = (event) => {
      const found = event.target.result;
      if (found) rows.delete(found.primaryKey);
    };
  });
}

async function keepAll() {
  for (const entry of [...unsealed.values()]) await keep(entry);
}

// ---- what others call

// The key is fetched while there is a connection: it is needed when there is none.
export async function ready() {
  if (sealing) await deviceKey().catch(() => null);
}

// Resolves once the entry is safe: sealed on disk, or in memory where there is no way to seal it yet.
export function enqueue(entry) {
  unsealed.set(entry.key, Object.fromEntries(FIELDS.map((name) => [name, entry[name]])));
  return sealing ? keepInOrder() : Promise.resolve();
}

function keepInOrder() {
  order = order.then(keepAll).catch(() => null);
  return order;
}
if (sealing) addEventListener("online", keepInOrder);

export async function done(key) {
  given.add(key);
  unsealed.delete(key);
  if (sealing) await remove(key).catch(() => null);
}

export async function pending(room = null) {
  const entries = sealing ? await opened() : [];
  const kept = new Set(entries.map((entry) => entry.key));
  for (const entry of unsealed.values()) if (!kept.has(entry.key)) entries.push(entry);
  return entries.filter((entry) => !given.has(entry.key) && (room === null || entry.room === room));
}

// Whoever holds the room's turn sends everything that waits there, also what another tab wrote.
export function drain(room, deliver) {
  return inTurn(room, async () => {
    const tried = new Set();
    for (;;) {
      const next = (await pending(room)).find((entry) => !tried.has(entry.key));
      if (!next) return;
      tried.add(next.key);
      if ((await deliver(next)) !== false) await done(next.key);
    }
  });
}

// Sends one entry. Throws what may pass; answers false when the server will never take it.
export async function post({ key, room, kind, text, media_id, reply_to, holding }) {
  const body = { kind, text };
  if (media_id) body.media_id = media_id;
  if (reply_to) body.reply_to = reply_to;
  if (holding) body.holding = true;
  try {
    return await call("POST", `/v1/rooms/${room}/messages`, body, { "Idempotency-Key": key });
  } catch (problem) {
    if (problem.passing || problem.status === 401 || problem.status === 423) throw problem;
    return false;
  }
}

// How many entries wait on this device, sealed: no key is needed to count them.
export async function waiting() {
  if (!globalThis.indexedDB) return 0;
  return store("readonly", (rows) => rows.count()).catch(() => 0);
}

// ---- inside

async function opened() {
  const rows = await store("readonly", (all) => all.getAll()).catch(() => []); // some browsers keep nothing in private
  if (!rows.length) return [];
  const entries = [];
  const lost = [];
  await deviceKey();
  for (const row of rows) {
    const entry = await unseal(row).catch(() => null);
    if (entry) entries.push(entry);
    else lost.push(row.key);
  }
  if (lost.length) await dropLost(lost);
  return entries;
}

// Written in a session that has ended, perhaps by somebody else: nobody can open it any more.
async function dropLost(keys) {
  for (const key of keys) await remove(key);
  document.body.dispatchEvent(new CustomEvent("queue:lost", { detail: { count: keys.length } }));
}

const turns = new Map();

function inTurn(room, work) {
  if (navigator.locks) return navigator.locks.request(`kindroom-queue-${room}`, work);
  const turn = (turns.get(room) ?? Promise.resolve()).then(work, work);
  turns.set(room, turn.catch(() => null));
  return turn;
}
