// Choosing rows on the board: kept by id, so that a live refresh or a new order of the rows loses nothing.

const chosen = new Set();
const boxes = () => [...document.querySelectorAll("[data-choose]")];

function show() {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  const here = boxes().filter((box) => box.checked).length;
  const all = document.querySelector("[data-choose-all]");
  if (all) {
    all.checked = here > 0 && here === boxes().length;
    all.indeterminate = here > 0 && !all.checked;
  }
  const words = document.querySelector("[data-chosen-count]");
  if (words) words.textContent = here === 1 ? "1 row chosen" : `${here} rows chosen`;
}

function choose(box, on) {
  if (on) chosen.add(box.value);
  else chosen.delete(box.value);
}

// After a refresh: what is not on the page any more is not chosen any more.
function settle() {
  const there = new Set(boxes().map((box) => box.value));
  for (const id of chosen) if (!there.has(id)) chosen.delete(id);
  show();
}

export function start() {
  for (const box of boxes()) choose(box, box.checked);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose]")) choose(event.target, event.target.checked);
    else if (event.target.matches("[data-choose-all]")) {
      for (const box of boxes()) choose(box, event.target.checked);
    } else return;
    show();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-choose-none]")) return;
    chosen.clear();
    show();
  });
  document.addEventListener("htmx:after:swap", settle);
  show();
}
