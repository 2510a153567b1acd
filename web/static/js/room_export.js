// The archive of a room, downloaded with its progress shown. Without this file the form downloads it plainly.

import { refuses } from "./curtain.js";

const PIECE = 8 * 1024 * 1024; // handed to the browser in pieces, which it may keep on disk
const WORDS = {
  429: "That was often in a short time. Try again in an hour.",
  503: "A part of the service is away for a moment. Nothing was lost. Try again in a minute.",
  broken: "The connection broke before the archive was complete. Nothing was saved.",
};

function megabytes(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

class KindExport extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.button = this.form.querySelector("button");
    this.running = this.querySelector("[data-running]");
    this.bar = this.querySelector("progress");
    this.told = this.querySelector("[data-told]");
    this.said = this.querySelector("[data-said]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.start();
    });
    this.querySelector("[data-cancel]").addEventListener("click", () => this.stop?.abort());
  }

  disconnectedCallback() {
    this.stop?.abort(); // the page was emptied, or left
  }

  async start() {
    if (this.stop) return;
    this.stop = new AbortController();
    this.show(true);
    this.say("The archive is being made.");
    try {
      const response = await this.ask();
      if (!response.ok) return this.refused(response.status);
      this.save(await this.read(response), response.headers.get("Content-Disposition"));
      this.say("Done. The archive is among your downloads.");
      this.again("Download again");
    } catch {
      this.say(this.stop.signal.aborted ? "Stopped. Nothing was saved." : WORDS.broken);
      this.again("Try again");
    } finally {
      this.stop = null;
      this.show(false);
    }
  }

  ask() {
    const headers = { "X-CSRF-Token": this.form.elements.csrf_token.value };
    const options = { method: "POST", credentials: "same-origin", headers, signal: this.stop.signal };
    return fetch(`/v1/rooms/${this.form.dataset.room}/export`, options);
  }

  // The whole archive, or an error: a cut answer never counts as one.
  async read(response) {
    const about = Number(response.headers.get("X-Export-Bytes")) || 0;
    const reader = response.body.getReader();
    const pieces = [];
    let waiting = [];
    let held = 0;
    let received = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      waiting.push(value);
      held += value.length;
      received += value.length;
      if (held > PIECE) {
        pieces.push(new Blob(waiting));
        [waiting, held] = [[], 0];
      }
      this.progress(received, about);
    }
    return new Blob([...pieces, ...waiting], { type: "application/zip" });
  }

  progress(received, about) {
    this.told.textContent = about > received ? `${megabytes(received)} of about ${megabytes(about)}` : megabytes(received);
    if (about) this.bar.value = Math.min(99, (100 * received) / about);
  }

  save(archive, disposition) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(archive);
    link.download = /filename="([^"]+)"/.exec(disposition ?? "")?.[1] ?? "kindroom-room.zip";
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  refused(status) {
    if (refuses(status)) return;
    this.say(WORDS[status] ?? "The archive could not be made. Nothing was saved.");
    this.again("Try again");
  }

  show(on) {
    this.running.hidden = !on;
    this.form.hidden = on;
    this.bar.removeAttribute("value");
    this.told.textContent = "Working";
    if (!on) this.button.focus();
  }

  again(words) {
    this.button.lastChild.textContent = words;
  }

  say(words) {
    this.said.textContent = words;
  }
}

customElements.define("kind-export", KindExport);
