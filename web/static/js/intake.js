// The intake's form works without this. With it every answer is saved as soon as it is given, and questions that do
// not apply step aside.

import { Problem, send } from "./api.js";

const FRESH = "Each answer is saved as you give it. You can stop here and go on later, on any device.";
const SAVED = "Saved. You can stop here and go on later, on any device.";
const ELSEWHERE = "Saved. You had answered this on another device meanwhile; what you wrote here counts now.";
const NEWER = "Saved. On another device you have answered more; reload the page to see it.";
const WAITING = "Not saved yet: no connection. It is sent again by itself, and when you press the button.";
const REFUSED = "One answer cannot be kept as it is. Please look at it once more.";

class Saving {
  constructor(form) {
    this.form = form;
    this.words = form.querySelector("[data-saved]");
    this.queue = new Map();
    this.busy = false;
  }

  get version() {
    return Number(this.form.elements.namedItem("version").value);
  }

  set version(value) {
    this.form.elements.namedItem("version").value = String(value);
  }

  add(question) {
    this.queue.set(question.dataset.question, read(question));
    if (!this.busy) this.run();
  }

  // One at a time and in order: the last word on an answer must be the last to arrive.
  async run() {
    this.busy = true;
    while (this.queue.size) {
      const [name, value] = this.queue.entries().next().value;
      this.queue.delete(name);
      if (!(await this.save(name, value))) break;
    }
    this.busy = false;
  }

  async save(name, value) {
    const seen = this.version;
    try {
      const { answer } = await send("PUT", "/v1/intake", { json: { version: seen, ...nested(name, value.kept) } });
      if (answer.question) {
        location.assign("/journey/safe");
        return false;
      }
      this.version = answer.version;
      this.remember(name, value.shown);
      this.say(answer.overwrote.includes(name) ? ELSEWHERE : answer.version > seen + 1 ? NEWER : SAVED);
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!problem.passing) {
        this.say(REFUSED);
        return true;
      }
      this.say(WAITING);
      if (!this.queue.has(name)) this.queue.set(name, value);
      setTimeout(() => this.busy || this.run(), Math.max(2, problem.retryAfter) * 1000);
      return false;
    }
  }

  // The page's own press sends only what differs from what is saved.
  remember(name, shown) {
    const field = this.form.elements.namedItem("shown");
    field.value = JSON.stringify({ ...JSON.parse(field.value), [name]: shown });
  }

  say(words) {
    if (this.words.textContent !== words) this.words.textContent = words;
  }
}

// As the record keeps it (`kept`) and as the form would send it (`shown`).
function read(question) {
  const { kind } = question.dataset;
  if (kind === "choices") {
    const chosen = [...question.querySelectorAll("input:checked")].map((input) => input.value);
    return { kept: chosen.length ? chosen : null, shown: chosen };
  }
  if (kind === "choice" || kind === "yes_no") {
    const word = question.querySelector("input:checked")?.value ?? "";
    return { kept: kind === "yes_no" ? { yes: true, no: false }[word] ?? null : word || null, shown: word };
  }
  const text = question.querySelector("input, textarea, select").value.trim();
  return { kept: text || (kind === "long_text" ? "" : null), shown: text };
}

function nested(name, value) {
  const [group, part] = name.split(".");
  return part ? { [group]: { [part]: value } } : { [name]: value };
}

function conditions(form) {
  for (const question of form.querySelectorAll("[data-when]")) {
    const other = [...form.querySelectorAll("[data-question]")].find((each) => each.dataset.question === question.dataset.when);
    if (other) question.hidden = question.dataset.unless.split(" ").includes(read(other).shown);
  }
}

export function start() {
  for (const form of document.querySelectorAll("[data-intake]")) {
    const saving = new Saving(form);
    conditions(form);
    saving.say(FRESH);
    form.addEventListener("change", (event) => {
      const question = event.target.closest("[data-question]");
      if (!question) return;
      conditions(form);
      saving.add(question);
    });
  }
}
