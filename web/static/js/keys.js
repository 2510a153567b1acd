// Keyboard first: one map of keys, at rest while somebody types.

const typing = (element) =>
  element?.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(element?.tagName ?? "") && element.type !== "checkbox");

let going = 0;

function rows() {
  // A panel that is open has the keys.
  const panel = document.querySelector("[data-finder]:not([hidden])");
  return [...(panel ?? document).querySelectorAll(panel ? "[data-row]" : "main [data-row]")];
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const here = all.indexOf(document.activeElement?.closest("[data-row]"));
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
  return true;
}

function open() {
  const row = document.activeElement;
  if (!row?.matches("[data-row]") || row.matches("a, .message")) return false;
  const link = row.querySelector("a[href]");
  link?.click();
  return Boolean(link);
}

function show(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
  return Boolean(dialog);
}

function focus(selector) {
  const element = document.querySelector(selector);
  element?.focus();
  return Boolean(element);
}

function go(number) {
  const link = document.querySelectorAll(".nav .places a")[number - 1];
  link?.click();
  return Boolean(link);
}

function press(selector, within = document) {
  const element = within?.querySelector(selector);
  element?.click();
  return Boolean(element);
}

const focusedRow = () => document.activeElement?.closest("[data-row]");
const onMessage = (selector) => Boolean(focusedRow()?.matches(".message")) && press(selector, focusedRow());
const anyChosen = () => document.querySelector("[data-choose]:checked");

const MAP = {
  j: () => move(1),
  k: () => move(-1),
  Enter: open,
  "/": () => focus("[data-finder]:not([hidden]) [data-find-q]") || press("[data-find]") || focus("[data-search]"),
  r: () => focus("[data-text]"),
  x: () => press("[data-choose]", focusedRow()),
  a: () => (anyChosen() ? press("[data-acknowledge-chosen]") : press("[data-acknowledge]", focusedRow())),
  q: () => onMessage("[data-reply]"),
  s: () => onMessage("[data-star]"),
  e: () => onMessage("[data-correct]"),
  m: () => (anyChosen() ? press("[data-move]") : false),
  "?": () => show("keys-dialog"),
  "!": () => show("help-dialog"),
  g: () => {
    going = Date.now();
    return true;
  },
};

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (/^[1-5]$/.test(event.key) && Date.now() - going < 1500) {
      if (go(Number(event.key))) event.preventDefault();
      return;
    }
    if (MAP[event.key]?.()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-help], [data-keys], [data-close], [data-dismiss], dialog");
    if (!target) return;
    if (target.matches("[data-help]") && show("help-dialog")) event.preventDefault();
    else if (target.matches("[data-keys]")) show("keys-dialog");
    else if (target.matches("[data-close]")) target.closest("dialog").close();
    else if (target.matches("[data-dismiss]")) target.closest(".toast").remove();
    else if (target === event.target && target.tagName === "DIALOG") target.close();
  });
}
