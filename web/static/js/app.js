// The start of every page's script. Each module stands alone; a page works without all of them.

import { start as startActivity } from "./activity.js";
import { refuses } from "./curtain.js";
import { start as startDevice } from "./device.js";
import { start as startForms } from "./forms.js";
import { start as startKeys } from "./keys.js";
import { start as startLive } from "./live.js";
import { start as startLock } from "./lock.js";
import { start as startTime } from "./time.js";

document.documentElement.classList.add("js");
startActivity();
startLock();
startTime();
startKeys();
startForms();
if (document.querySelector("kind-room, kind-player")) await import("./media/player.js");
if (document.querySelector("kind-recorder")) await import("./media/recorder.js");
if (document.querySelector("kind-room")) await import("./room/element.js");
if (document.querySelector("kind-export")) await import("./room_export.js");
if (document.querySelector("[data-intake]")) (await import("./intake.js")).start();
if (document.querySelector("kind-wake")) await import("./wake.js");
if (document.querySelector("[data-board]")) (await import("./board.js")).start();
startLive();
startDevice();

// A page that polls learns here that its session has ended.
document.body.addEventListener("htmx:response:error", (event) => {
  refuses(event.detail?.ctx?.response?.status);
});
