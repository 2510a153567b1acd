// Forms work without this. With it they ask only what fits, and save a tap.

function guessZone() {
  const select = document.querySelector("[data-guess-zone]");
  if (!select || select.querySelector("option[selected]")) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === zone)) select.value = zone;
}

// The card's fields belong to insurance, the code to a sponsor, the other person's name to another's plan.
function kinds(form) {
  const kind = form.querySelector("[name=kind]:checked")?.value ?? "";
  for (const part of form.querySelectorAll("[data-kind]")) toggle(part, part.dataset.kind === kind);
  const relationship = form.querySelector("[name=relationship]:checked")?.value ?? "self";
  for (const part of form.querySelectorAll("[data-kind-other]")) {
    toggle(part, kind === "insurance" && relationship !== "self");
  }
}

// A question that follows from another one is put as soon as that one is answered with yes.
function follows(form) {
  for (const part of form.querySelectorAll("[data-after]")) {
    toggle(part, form.querySelector(`[name="${part.dataset.after}"]:checked`)?.value === "1");
  }
}

function toggle(part, on) {
  part.hidden = !on;
  for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !on;
}

export function start() {
  guessZone();
  for (const form of document.querySelectorAll("[data-kind-form]")) {
    kinds(form);
    form.addEventListener("change", () => kinds(form));
  }
  for (const form of document.querySelectorAll("[data-follows]")) {
    follows(form);
    form.addEventListener("change", () => follows(form));
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });
  // A second press must not send a form twice.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
}
