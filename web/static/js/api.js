// One way to talk to /v1: the session cookie, the double-submit token, problems as words a person can use.

import { attendance } from "./activity.js";
import { refuses } from "./curtain.js";

export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body?.code ?? `http_${status}`);
    this.status = status;
    this.code = body?.code ?? "";
    this.retryAfter = Number(retryAfter) || 0;
  }
  // Worth trying again without anyone changing anything.
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function cookie(name) {
  for (const part of document.cookie.split("; ")) {
    const [key, value] = part.split("=");
    if (key === name) return decodeURIComponent(value ?? "");
  }
  return "";
}

// One request with all of its answer. `json` or `body` is sent; a problem is thrown and nobody is sent elsewhere.
export async function send(method, path, { json, body, headers = {}, ...rest } = {}) {
  const options = { method, credentials: "same-origin", headers: { Accept: "application/json", ...attendance(), ...headers }, ...rest };
  if (body !== undefined) options.body = body;
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.headers["Content-Type"] = "application/json";
  }
  if (method !== "GET") options.headers["X-CSRF-Token"] = cookie("kindroom_csrf");
  let response;
  let text;
  try {
    response = await fetch(path, options);
    text = await response.text();
  } catch {
    throw new Problem(0);
  }
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    // Not ours (a proxy's page): the status says enough.
  }
  if (!response.ok) throw new Problem(response.status, answer, response.headers.get("Retry-After"));
  return { status: response.status, headers: response.headers, answer };
}

export async function call(method, path, body, headers = {}) {
  try {
    return (await send(method, path, { json: body, headers })).answer;
  } catch (problem) {
    refuses(problem.status);
    throw problem;
  }
}

// A random UUID; plain HTTP on another name than localhost has no crypto.randomUUID.
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
