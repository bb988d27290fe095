// What every page runs. Each page works without it.
import { initAll } from "../vendor/nhsuk-frontend/nhsuk-frontend-10.6.1.min.js";

// Moves focus to the error summary or a success banner, and wakes menus, character counts, conditional questions.
initAll();

// A card that was just moved has the focus, for its link is where the address points to: say what happened with it.
const moved = location.hash.startsWith("#card-") ? document.getElementById(location.hash.slice(1)) : null;
const told = document.querySelector(".nhsuk-notification-banner__content");
if (moved && told) {
  told.id = "told";
  moved.setAttribute("aria-describedby", told.id);
}

// A second press of the same button within this time is the same press (milliseconds).
const SAME_PRESS = 5000;
let sentAt = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) {
    return;
  }
  const before = sentAt.get(form);
  if (before !== undefined && event.timeStamp - before < SAME_PRESS) {
    event.preventDefault();
    return;
  }
  sentAt.set(form, event.timeStamp);
});

// Back to a page kept by the browser: its forms may be sent again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    sentAt = new WeakMap();
  }
});

// "Copy" beside a text: shown only where the browser can do it.
for (const button of document.querySelectorAll("[data-rc-copy]")) {
  const source = document.getElementById(button.dataset.rcCopy);
  const said = document.getElementById(`${button.dataset.rcCopy}-said`);
  if (!source || !said || !navigator.clipboard) {
    continue;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      said.textContent = "Copied";
    } catch {
      said.textContent = "Select the text and copy it: the browser did not allow the button to";
    }
  });
}

// Work that goes on: look again by itself until the page says that it is done.
const goingOn = document.querySelector("[data-rc-again]");
if (goingOn) {
  window.setTimeout(() => window.location.reload(), Number(goingOn.dataset.rcAgain));
}
