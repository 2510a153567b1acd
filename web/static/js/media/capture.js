// The microphone, and the camera if asked for: bytes as they come, how loud it is, how long it has been going.

// mp4 first: Safari can play nothing else, and records nothing else.
const TYPES = {
  audio: ["audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/webm;codecs=opus", "audio/webm", "audio/ogg;codecs=opus"],
  video: ["video/mp4;codecs=avc1.42E01E,mp4a.40.2", "video/mp4", "video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm"],
};
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, facingMode: "user" };
const RATES = { audioBitsPerSecond: 48000, videoBitsPerSecond: 1500000 };
const SLICE = 1000; // ms between two deliveries of bytes
const BEAT = 100; // ms between two measurements of loudness

const typeFor = (kind) => TYPES[kind].find((type) => MediaRecorder.isTypeSupported(type)) ?? "";

export const canRecord = () => "MediaRecorder" in window;

// Why it cannot be heard: denied, missing, busy, insecure.
export class NotHeard extends Error {}

function why(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "missing";
  return "busy";
}

// Events: beat (a new level), bytes (with the blob as detail), taken (silent for now), lost (the device is gone).
export class Capture extends EventTarget {
  constructor(kind) {
    super();
    this.kind = kind;
    this.levels = [];
    this.before = 0; // ms recorded before the last pause
  }

  async open() {
    if (!navigator.mediaDevices?.getUserMedia) throw new NotHeard("insecure");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: SOUND, video: this.kind === "video" && PICTURE });
      this.recorder = new MediaRecorder(this.stream, { mimeType: typeFor(this.kind), ...RATES });
    } catch (error) {
      this.close();
      throw new NotHeard(why(error));
    }
    this.recorder.addEventListener("dataavailable", (event) => this.dispatchEvent(new CustomEvent("bytes", { detail: event.data })));
    this.stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve));
    for (const track of this.stream.getTracks()) {
      track.addEventListener("ended", () => this.dispatchEvent(new Event("lost")));
      track.addEventListener("mute", () => this.dispatchEvent(new Event("taken"))); // by a call, or by another program
    }
    this.hear();
    this.stayAwake();
  }

  // A telephone that falls asleep would cut one off.
  async stayAwake() {
    const lock = await navigator.wakeLock?.request("screen").catch(() => null);
    if (this.context) this.awake = lock;
    else lock?.release();
  }

  // The loudness of the last moment, 0 to 1, in the measure of the ear.
  hear() {
    this.context = new AudioContext();
    this.context.resume();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 2048;
    this.context.createMediaStreamSource(new MediaStream(this.stream.getAudioTracks())).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      if (this.recorder.state !== "recording") return;
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      this.levels.push(Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 60)));
      this.dispatchEvent(new Event("beat"));
    }, BEAT);
  }

  get contentType() {
    return this.recorder.mimeType;
  }

  get elapsed() {
    return this.before + (this.since ? performance.now() - this.since : 0);
  }

  start() {
    this.recorder.start(SLICE);
    this.since = performance.now();
  }

  pause() {
    this.before = this.elapsed;
    this.since = 0;
    this.recorder.pause();
  }

  resume() {
    this.recorder.resume();
    this.since = performance.now();
  }

  // Settled when the last bytes have come.
  async stop() {
    this.before = this.elapsed;
    this.since = 0;
    if (this.recorder.state !== "inactive") this.recorder.stop();
    await this.stopped;
    this.close();
  }

  close() {
    clearInterval(this.timer);
    this.context?.close();
    this.context = null;
    this.awake?.release();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}
