// What went wrong, in words a tired person understands, and what to do about it.

const REFUSALS = {
  not_playable: "This is not a sound or video file that can be played here. Nothing was sent.",
  wrong_kind: "This kind of file cannot be sent. Sound as m4a, ogg or webm works, and video as mp4, mov or webm.",
  mixed_formats: "There is something else than a recording in this file. Nothing was sent.",
  too_large: "This is too large to send.",
  too_long: "This is too long to send as one message. Try it in two parts.",
  too_many_pixels: "The picture of this video is too large. Record it at a smaller size, or send a smaller copy.",
  too_many_tracks: "There are more tracks in this file than can be played here. Nothing was sent.",
  too_many_frames: "This video is too long to send as one message. Try it in two parts.",
  takes_too_much: "This file could not be prepared for playing. Try a plain recording.",
  empty: "There is nothing in this recording.",
  too_many_uploads: "Too many recordings are on their way in this room. Wait until they have arrived, then press Try again.",
  locked: "Kindroom is locked. Unlock it in another tab, then press Try again. Your recording is kept here.",
  signed_out: "You are signed out. Sign in in another tab, then press Try again. Your recording is kept here.",
  not_found: "This room does not take messages from you any more. You can download your recording.",
  room_closed: "This room is closed. You can download your recording.",
  consent_needed: "The client has to agree to care where they are first. You can download your recording.",
  consent_withdrawn: "You took back your agreement to care by messages. You can download your recording.",
};
const OTHER = "That did not go through. Your recording is kept here.";

const NOT_HEARD = {
  audio: {
    denied:
      "Kindroom may not use your microphone. Open the settings beside the address of this page, allow the microphone, and try again.",
    missing: "No microphone was found. Plug one in, or send a file that you recorded elsewhere.",
    busy: "The microphone is in use by another program. Close that one and try again.",
  },
  video: {
    denied:
      "Kindroom may not use your camera and microphone. Open the settings beside the address of this page, allow both, and try again.",
    missing: "No camera with a microphone was found. You can record your voice, or send a file.",
    busy: "The camera is in use by another program. Close that one and try again.",
  },
};
const INSECURE = "Recording works only over a secure connection (https). You can still send a file.";

// Nobody can change these by trying the same bytes again.
const PASSING = new Set(["locked", "signed_out", "too_many_uploads"]);
export const isFinal = (code) => code in REFUSALS && !PASSING.has(code);

export function refusalWords(code, most = 0) {
  if (code === "too_large" && most) return `This is too large to send. The most is ${Math.floor(most / 2 ** 20)} MB.`;
  return REFUSALS[code] ?? OTHER;
}

export const captureWords = (kind, code) => NOT_HEARD[kind][code] ?? INSECURE;

// What the sender of a refused recording reads in its place.
const AFTER = {
  not_playable: "It is not a sound or video file that can be played here.",
  wrong_kind: "What is inside is not what its name says.",
  mixed_formats: "There is something else than a recording in it.",
  too_long: "It is too long for one message.",
  too_many_frames: "It is too long for one message.",
  too_many_pixels: "Its picture is too large.",
};

export const refusedWords = (reason) => `This could not be prepared for playing. ${AFTER[reason] ?? "Please record it again, or send another file."}`;
