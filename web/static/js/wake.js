// Asks this browser to be woken when a message waits, and says plainly where that is not possible.

import { send } from "./api.js";

const SAY = {
  no: "This device is not notified.",
  yes: "This device is notified until you sign out.",
  unable: "This browser cannot be notified. On an iPhone or iPad, put Kindroom on the Home Screen first and open it there.",
  blocked: "Notifications from this page are blocked. Allow them in the browser's settings for this page, then come back.",
  failed: "That did not work just now. Nothing was changed. Try again in a moment.",
};

class KindWake extends HTMLElement {
  connectedCallback() {
    this.begin = this.querySelector("[data-begin]");
    this.stop = this.querySelector("[data-stop]");
    this.begin.addEventListener("click", () => this.subscribe());
    this.stop.addEventListener("submit", (event) => this.unsubscribe(event));
    const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
    if (!able) this.show("unable");
    else if (Notification.permission === "denied") this.show("blocked");
    else if (this.dataset.here === "yes") this.check();
  }

  // The server may still know a browser that has forgotten it.
  async check() {
    const worker = await navigator.serviceWorker.getRegistration();
    if (!(await worker?.pushManager.getSubscription())) this.show("no");
  }

  show(state) {
    this.querySelector("[data-state]").textContent = SAY[state];
    this.begin.hidden = state === "yes" || state === "unable" || state === "blocked";
    this.stop.hidden = state !== "yes";
    this.dataset.here = state;
  }

  async subscribe() {
    this.begin.setAttribute("aria-disabled", "true");
    try {
      if ((await Notification.requestPermission()) !== "granted") {
        return this.show(Notification.permission === "denied" ? "blocked" : "no");
      }
      const worker = await navigator.serviceWorker.ready;
      const options = { userVisibleOnly: true, applicationServerKey: this.dataset.key };
      const { endpoint } = await worker.pushManager.subscribe(options);
      await send("POST", "/v1/me/push-subscriptions", { json: { endpoint } });
      this.show("yes");
    } catch {
      this.show("failed");
    } finally {
      this.begin.removeAttribute("aria-disabled");
    }
  }

  // Without a service worker the plain form does what can be done.
  async unsubscribe(event) {
    event.preventDefault();
    try {
      const worker = await navigator.serviceWorker?.getRegistration();
      await (await worker?.pushManager.getSubscription())?.unsubscribe();
      await send("DELETE", "/v1/me/push-subscriptions");
      this.show("no");
    } catch {
      this.stop.submit();
    }
  }
}

customElements.define("kind-wake", KindWake);
