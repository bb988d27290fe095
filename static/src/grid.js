// The marking grid by keyboard and mouse. Each decision is sent alone; what could not be sent waits in this
// browser and is sent again. Without this script every cell is a link to a form that does the same.
import { initAll } from "../vendor/nhsuk-frontend/nhsuk-frontend-10.6.1.min.js";

const FIRST_WAIT = 1000; // milliseconds before a failed save is tried again; doubles up to
const LONGEST_WAIT = 60000;
const GIVE_UP = 20000; // a save that has no answer by then counts as lost
const REST = 250; // how long the focus rests on a cell before its panel is fetched
const TWICE = 400; // a second press on the panel's buttons within that time is a double click, not a decision

const page = document.querySelector("[data-marking]");
const grid = document.getElementById("rc-grid");
const panel = document.getElementById("rc-panel");
const saved = document.getElementById("rc-saved");
const trouble = document.getElementById("rc-trouble");
const path = page.dataset.marking;
const writes = page.dataset.writes === "yes";
const holds = page.dataset.holds === "yes";
const SHAPES = { "met": "met", "not yet met": "not-yet" };

const byId = (id) => document.getElementById(id);
const linkOf = (cell) => grid?.querySelector(`a.rc-cell[href="${CSS.escape(cell)}"]`) ?? null;
const cellOf = (link) => link.getAttribute("href");
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

// ---- what is kept in this browser: changes not sent yet, choices owed, feedback half written -----------------
const kept = { queue: [], stale: [], typed: {} };
let canKeep = true;
try {
  Object.assign(kept, JSON.parse(localStorage.getItem(page.dataset.queue) ?? "{}"));
} catch {
  canKeep = false;
}
let { queue, stale, typed } = kept;

function keep() {
  try {
    if (queue.length || stale.length || Object.keys(typed).length) {
      localStorage.setItem(page.dataset.queue, JSON.stringify({ queue, stale, typed }));
    } else {
      localStorage.removeItem(page.dataset.queue);
    }
    canKeep = true;
  } catch {
    canKeep = false; // private browsing or a full disk: said in the message when something waits
  }
}

window.addEventListener("beforeunload", (event) => {
  if (queue.length || stale.length) {
    event.preventDefault();
  }
});

// ---- saying what happens -----------------------------------------------------------------------------------
function say(text) {
  saved.textContent = text;
}

function warn(text, way = null) {
  if (trouble.dataset.said === text) {
    return; // said already: a screen reader need not hear it at every try
  }
  trouble.dataset.said = text;
  trouble.textContent = text;
  if (way) {
    const link = document.createElement("a");
    link.href = way.href;
    link.textContent = way.text;
    trouble.append(" ", link);
  }
  trouble.hidden = !text;
}

// ---- sending -----------------------------------------------------------------------------------------------
let sending = false;
let stopped = false;
let wait = FIRST_WAIT;
let timer = 0;

function enqueue(change) {
  const last = queue.length > (sending ? 1 : 0) ? queue.at(-1) : null;
  if (last && last.cell === change.cell && !last.deed && !change.deed) {
    Object.assign(last, { outcome: change.outcome, feedback: change.feedback, missing: change.missing });
  } else {
    queue.push(change);
  }
  keep();
  send();
}

function later() {
  const lost = canKeep ? "" : " Keep this page open: this browser cannot keep them.";
  warn(`${count(queue.length, "change")} not saved yet, trying again.${lost}`);
  clearTimeout(timer);
  timer = setTimeout(send, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

function halt(text, way) {
  stopped = true;
  warn(`${text} ${count(queue.length, "change")} kept on this computer.`, way);
}

async function send() {
  if (sending || stopped) {
    return;
  }
  clearTimeout(timer);
  while (queue.length && !stopped) {
    sending = true;
    const answer = await post(queue[0]);
    sending = false;
    if (answer === null) {
      later();
      return;
    }
    take(queue[0], answer);
  }
}

// The answer, or null when there was none that counts: no connection, or the server cannot save just now.
async function post(change) {
  const fields = new URLSearchParams({ csrf_token: page.dataset.token, seen: change.seen });
  for (const name of ["outcome", "feedback", "deed"]) {
    if (change[name]) {
      fields.set(name, change[name]);
    }
  }
  for (const letter of change.missing ?? []) {
    fields.append("missing", letter);
  }
  try {
    const answer = await fetch(change.cell, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(GIVE_UP),
    });
    if (answer.status === 429 || answer.status >= 500) {
      return null;
    }
    const speaks = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.type === "opaqueredirect" ? 401 : answer.status, body: speaks ? await answer.json() : {} };
  } catch {
    return null;
  }
}

function take(change, { status, body }) {
  wait = FIRST_WAIT;
  if (status === 401) {
    const back = encodeURIComponent(path);
    halt("You are signed out.", { href: `/sign-in?next=${back}`, text: "Sign in to save them" });
    return;
  }
  if (status === 400) {
    halt("This page is too old to save.", { href: location.pathname + location.search, text: "Open it again to save them" });
    return;
  }
  queue.shift();
  warn("");
  if (status === 200) {
    taken(change, body);
  } else if (status === 409) {
    stale.push({ change, body });
    replaceCell(change.cell, body.cell);
    keep();
    askStale();
  } else {
    refused(change, status === 422 ? body.error : "You may not record a decision here now.");
  }
  keep();
}

function taken(change, body) {
  for (const other of queue.filter((one) => one.cell === change.cell)) {
    other.seen = body.seen;
  }
  if (typed[change.cell] === change.feedback || change.deed) {
    delete typed[change.cell];
  }
  replaceCell(change.cell, body.cell);
  if (queue.some((one) => one.cell === change.cell)) {
    linkOf(change.cell)?.classList.add("rc-is-waiting");
  }
  for (const [name, by] of Object.entries(body.changes)) {
    for (const place of document.querySelectorAll(`[data-count="${name}"]`)) {
      place.textContent = Number(place.textContent) + by;
    }
  }
  const release = byId("rc-release");
  if (release) {
    release.hidden = Number(release.querySelector("[data-count]").textContent) < 1;
  }
  if (!change.deed) {
    done.push(change.cell);
  }
  const owed = change.outcome === "not yet met" && !change.feedback;
  const all = queue.length ? "Saved" : "All changes saved";
  say(`${all} ${body.saved_at}${owed ? ". Press F to write what would make it met" : ""}`);
  if (panel.dataset.cell === change.cell && (!stopOf() || cellOf(stopOf()) === change.cell)) {
    openPanel(change.cell); // unless the focus has gone on: then the next one's panel is on its way
  }
}

function refused(change, sentence) {
  if (change.feedback) {
    typed[change.cell] = change.feedback;
  }
  replaceCell(change.cell, change.was);
  warn(`${change.where}: ${sentence}`);
  say("");
  if (writes && linkOf(change.cell)) {
    openPanel(change.cell, { error: sentence });
  }
}

// ---- drawing a cell ----------------------------------------------------------------------------------------
function replaceCell(cell, html) {
  const old = linkOf(cell);
  if (!old || !html) {
    return;
  }
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const link = holder.content.querySelector("a");
  link.tabIndex = old.tabIndex;
  if (old.hasAttribute("aria-current")) {
    link.setAttribute("aria-current", "true");
  }
  const focused = document.activeElement === old;
  old.replaceWith(link);
  if (focused) {
    link.focus();
  }
}

function paint(link, outcome) {
  const shape = SHAPES[outcome];
  link.classList.add("rc-is-waiting");
  if (shape) {
    link.classList.remove("rc-cell--met", "rc-cell--not-yet", "rc-cell--needs", "rc-cell--handed-in", "rc-cell--nothing");
    link.classList.add(`rc-cell--${shape}`);
    link.querySelector("use").setAttribute("href", `#rc-${shape}`);
  }
}

// ---- deciding ----------------------------------------------------------------------------------------------
const done = []; // cells decided since the page was opened, the latest last: what U undoes

function changeOf(link, rest) {
  const cell = cellOf(link);
  const where = link.getAttribute("aria-label").split(", ").slice(0, 2).join(", ");
  return { cell, where, seen: link.dataset.seen, was: link.closest("td").innerHTML, ...rest };
}

// Whether the key would only say again what stands there. A "not yet met" after a released one is a new attempt.
function alreadyIs(link, outcome) {
  const same = link.classList.contains(`rc-cell--${SHAPES[outcome]}`);
  return same && (outcome === "met" || link.classList.contains("rc-is-drafts"));
}

function decide(link, outcome) {
  const cell = cellOf(link);
  const box = panel.dataset.cell === cell ? panel.querySelector("textarea") : null;
  const feedback = (box ? box.value : typed[cell] ?? "").trim();
  if (link.classList.contains("rc-is-locked")) {
    say("This unit is verified, so its decisions are locked.");
    return;
  }
  if (!box && !feedback && alreadyIs(link, outcome)) {
    say(`It is ${outcome} already. Press F to write feedback.`);
    goOn(link);
    return;
  }
  if (outcome === "not yet met" && !feedback && !holds) {
    openPanel(cell, { focus: "feedback", error: page.dataset.owed });
    return;
  }
  const ticked = box ? [...panel.querySelectorAll("input[name=missing]:checked")].map((one) => one.value) : [];
  const change = changeOf(link, { outcome, feedback, missing: ticked });
  paint(link, outcome);
  enqueue(change);
  goOn(link);
}

// After a decision the focus goes to the next cell that can be decided, as the person has chosen: one key a criterion.
const WAYS = { right: [1, 0], down: [0, 1] };

function goOn(link) {
  const to = following(link, moveBox.value);
  if (to) {
    focusOn(to);
  }
}

function following(link, way) {
  if (!(way in WAYS)) {
    return null;
  }
  const rows = [...grid.tBodies[0].rows];
  const row = rows.indexOf(link.closest("tr"));
  const column = link.closest("td").cellIndex;
  const width = rows[0].cells.length;
  const boxes = way === "right"
    ? rows.slice(row).flatMap((one, n) => [...one.cells].slice(n ? 1 : column + 1))
    : Array.from({ length: width - column }, (_, n) => rows.slice(n ? 0 : row + 1).map((one) => one.cells[column + n])).flat();
  for (const box of boxes) {
    const found = box?.querySelector("a.rc-cell:not(.rc-is-locked, .rc-is-quiet)");
    if (found) {
      return found;
    }
  }
  return null;
}

function undo() {
  const waiting = queue.length > (sending ? 1 : 0) ? queue.at(-1) : null;
  if (waiting) {
    queue.pop();
    replaceCell(waiting.cell, waiting.was);
    keep();
    say("Undone before it was saved.");
    warn("");
    return;
  }
  const link = linkOf(done.pop() ?? "");
  if (!link) {
    say("Nothing to undo on this page.");
    return;
  }
  focusOn(link);
  const change = changeOf(link, { deed: "undo" });
  paint(link, "");
  enqueue(change);
}

// ---- the panel ---------------------------------------------------------------------------------------------
let asked = 0;
let rest = 0; // opens the panel of a cell the focus rests on
const NO_WISH = { cell: "", focus: "" };
let wish = NO_WISH; // where the focus shall go once the panel is here, however often it is fetched until then

async function openPanel(cell, { focus = "", error = "" } = {}) {
  clearTimeout(rest);
  if (focus) {
    wish = { cell, focus };
  } else if (wish.cell !== cell) {
    wish = NO_WISH;
  }
  const ask = ++asked;
  const link = linkOf(cell);
  for (const other of grid.querySelectorAll("a.rc-cell[aria-current]")) {
    other.removeAttribute("aria-current");
  }
  link?.setAttribute("aria-current", "true");
  let body;
  try {
    const answer = await fetch(cell, { headers: { Accept: "application/json" }, redirect: "manual" });
    body = answer.ok ? await answer.json() : null;
  } catch {
    body = null;
  }
  if (ask !== asked) {
    return; // another cell was chosen meanwhile
  }
  const goTo = wish.focus;
  wish = NO_WISH;
  if (!body) {
    panel.replaceChildren(Object.assign(document.createElement("p"), { className: "rc-panel__hint" }));
    panel.firstChild.textContent = "The details of this cell cannot be fetched just now. M and N still record.";
    delete panel.dataset.cell;
    return;
  }
  const at = document.activeElement;
  const wasIn = panel.contains(at);
  // Who is writing goes on writing: letters that missed the box would be keys of the grid.
  const caret = wasIn && at.matches("textarea") && panel.dataset.cell === cell ? [at.selectionStart, at.selectionEnd] : null;
  panel.innerHTML = body.panel;
  panel.dataset.cell = cell;
  initAll(panel);
  const box = panel.querySelector("textarea");
  if (box && typed[cell] !== undefined) {
    box.value = typed[cell];
  }
  if (error && box) {
    showError(box, error);
  }
  if (caret && box) {
    box.focus();
    box.setSelectionRange(...caret);
  } else if (goTo === "feedback" && box) {
    box.focus();
  } else if (goTo === "heading") {
    panel.querySelector("h2")?.focus();
  } else if (wasIn && link) {
    focusOn(link);
  }
  if (goTo) {
    panel.scrollIntoView({ block: "nearest" });
  }
}

function showError(box, sentence) {
  const said = document.createElement("p");
  said.className = "nhsuk-error-message";
  said.id = "rc-panel-error";
  said.textContent = sentence;
  box.before(said);
  box.classList.add("nhsuk-textarea--error");
  box.setAttribute("aria-describedby", `rc-panel-error ${box.getAttribute("aria-describedby") ?? ""}`.trim());
}

panel.addEventListener("input", (event) => {
  if (event.target.matches("textarea") && panel.dataset.cell) {
    typed[panel.dataset.cell] = event.target.value;
    keep();
  }
});

// A comment of the bank goes into the feedback, to be changed there. It is never sent by itself.
function insertComment(button) {
  const box = panel.querySelector("textarea");
  const text = button.closest("li").querySelector(".rc-bank__text").textContent;
  const before = box.value.slice(0, box.selectionStart).trimEnd();
  const after = box.value.slice(box.selectionEnd).trimStart();
  box.value = [before, text, after].filter(Boolean).join("\n");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const caret = before.length + (before ? 1 : 0) + text.length;
  box.focus();
  box.setSelectionRange(caret, caret);
}

let pressedAt = -TWICE;
panel.addEventListener("submit", (event) => {
  const link = linkOf(panel.dataset.cell ?? "");
  if (!link) {
    return; // not in this grid: the form sends itself
  }
  event.preventDefault();
  const button = event.submitter;
  if (button?.name === "insert") {
    insertComment(button);
    return;
  }
  if (event.timeStamp - pressedAt < TWICE) {
    return;
  }
  pressedAt = event.timeStamp;
  focusOn(link);
  if (button?.name === "deed") {
    const change = changeOf(link, { deed: "undo" });
    paint(link, "");
    enqueue(change);
  } else if (button) {
    decide(link, button.value);
    if (stopOf() && stopOf() !== linkOf(cellOf(link))) {
      openPanel(cellOf(stopOf()));
    }
  }
});

panel.addEventListener("click", (event) => {
  if (event.target.closest("[data-way=next]")) {
    event.preventDefault();
    next();
  }
});

panel.addEventListener("keydown", (event) => {
  const link = linkOf(panel.dataset.cell ?? "");
  if (event.key === "Escape" && link) {
    focusOn(link);
  }
});

// ---- somebody else was first -------------------------------------------------------------------------------
const staleBox = byId("rc-stale");

function askStale() {
  const [one] = stale;
  if (!one || staleBox.open) {
    return;
  }
  const { theirs, yours } = one.body;
  const mine = yours.outcome === "undo" ? "to undo the last decision" : yours.outcome;
  byId("rc-stale-heading").textContent = one.body.heading;
  byId("rc-stale-where").textContent = one.change.where;
  byId("rc-stale-theirs").textContent = theirs.words;
  byId("rc-stale-their-words").textContent = theirs.feedback;
  byId("rc-stale-yours").textContent = `You chose ${mine}.`;
  byId("rc-stale-your-words").textContent = yours.feedback;
  byId("rc-stale-mine").hidden = yours.outcome === "undo";
  staleBox.showModal();
}

function settleStale(mine) {
  const { change, body } = stale.shift();
  keep();
  staleBox.close();
  const link = linkOf(change.cell);
  if (mine) {
    if (link) {
      paint(link, change.outcome);
    }
    enqueue({ ...change, seen: body.seen, was: body.cell });
  } else {
    delete typed[change.cell];
    keep();
    say("Theirs is kept.");
  }
  if (link) {
    focusOn(link);
    if (panel.dataset.cell === change.cell && !mine) {
      openPanel(change.cell);
    }
  }
  askStale();
}

staleBox.addEventListener("cancel", (event) => event.preventDefault()); // one of the two buttons, so nothing is lost
byId("rc-stale-keep").addEventListener("click", () => settleStale(false));
byId("rc-stale-mine").addEventListener("click", () => settleStale(true));

// ---- keys --------------------------------------------------------------------------------------------------
const keysBox = byId("rc-keys");
const keysOn = byId("rc-keys-on");
const KEYS_KEPT = "rc-marking-keys";
try {
  keysOn.checked = localStorage.getItem(KEYS_KEPT) !== "off";
} catch {
  keysOn.checked = true; // a browser that keeps nothing starts with keys on
}
keysOn.addEventListener("change", () => {
  try {
    localStorage.setItem(KEYS_KEPT, keysOn.checked ? "on" : "off");
  } catch {
    say("This browser cannot keep the choice: it counts until you leave this page.");
  }
});
const moveBox = byId("rc-move");
const MOVE_KEPT = "rc-marking-move";
try {
  moveBox.value = localStorage.getItem(MOVE_KEPT) in { down: 1, stay: 1 } ? localStorage.getItem(MOVE_KEPT) : "right";
} catch {
  moveBox.value = "right";
}
moveBox.addEventListener("change", () => {
  try {
    localStorage.setItem(MOVE_KEPT, moveBox.value);
  } catch {
    say("This browser cannot keep the choice: it counts until you leave this page.");
  }
});
byId("rc-print").hidden = grid === null;
byId("rc-print").addEventListener("click", () => window.print());
byId("rc-keys-open").hidden = grid === null;
byId("rc-keys-open").addEventListener("click", () => keysBox.showModal());
byId("rc-keys-close").addEventListener("click", () => keysBox.close());

// The grid is one stop for Tab: the link that has, or last had, the focus.
function makeStop(link) {
  for (const other of grid.querySelectorAll('tbody a[tabindex="0"], thead a[tabindex="0"]')) {
    other.tabIndex = -1;
  }
  link.tabIndex = 0;
}

function stopOf() {
  return grid?.querySelector('a.rc-cell[tabindex="0"]') ?? null;
}

function focusOn(link) {
  makeStop(link);
  link.focus();
}

function along(link, right, down) {
  let box = link.closest("td, th");
  for (;;) {
    box = right
      ? box[right > 0 ? "nextElementSibling" : "previousElementSibling"]
      : box.parentElement[down > 0 ? "nextElementSibling" : "previousElementSibling"]?.cells[box.cellIndex];
    const found = box?.querySelector("a");
    if (found || !box) {
      return found ?? null;
    }
  }
}

function next() {
  const cells = [...grid.querySelectorAll("a.rc-cell")];
  const from = cells.findIndex((link) => link.tabIndex === 0);
  const needy = [...cells.slice(from + 1), ...cells.slice(0, from + 1)].find((link) => link.classList.contains("rc-is-needs"));
  if (needy) {
    focusOn(needy);
  } else {
    say("Nothing else needs you here.");
  }
}

// The heading of a criterion leads to all its students. It is reached from the cell under it, not by Tab.
const headingOf = (link) => grid.querySelector(`thead a[href$="criterion=${cellOf(link).split("/").at(-1)}"]`);
const underHeading = (link) => grid.querySelector(`tbody a[href$="/${cellOf(link).split("criterion=")[1]}"]`);

const MOVES = {
  ArrowRight: (link) => along(link, 1, 0),
  ArrowLeft: (link) => along(link, -1, 0),
  ArrowDown: (link) => (link.closest("thead") ? underHeading(link) : along(link, 0, 1)),
  ArrowUp: (link) => along(link, 0, -1) ?? headingOf(link),
  Home: (link) => link.closest("tr").querySelector("a.rc-cell") ?? null,
  End: (link) => [...link.closest("tr").querySelectorAll("a.rc-cell")].at(-1),
};

const LETTERS = {
  m: (link) => writes && link && decide(link, "met"),
  n: (link) => writes && link && decide(link, "not yet met"),
  f: (link) => writes && link && openPanel(cellOf(link), { focus: "feedback" }),
  u: () => writes && undo(),
  j: () => next(),
  "?": () => keysBox.showModal(),
};

function pressed(event) {
  const link = event.target.closest("tbody a, thead a[href*='criterion=']");
  if (!link || event.altKey || event.ctrlKey || event.metaKey) {
    return;
  }
  const move = MOVES[event.key];
  const letter = keysOn.checked ? LETTERS[event.key.toLowerCase()] : undefined;
  if (move) {
    const to = move(link);
    if (to) {
      focusOn(to);
    }
  } else if (letter && wish.focus === "feedback") {
    // Written for the feedback box that is on its way: not a key of the grid.
  } else if (letter) {
    letter(link.classList.contains("rc-cell") ? link : null);
  } else {
    return;
  }
  event.preventDefault();
}

function startGrid() {
  grid.setAttribute("role", "grid");
  for (const link of grid.querySelectorAll("tbody a, thead a[href*='criterion=']")) {
    link.tabIndex = -1;
  }
  const [first] = grid.querySelectorAll("a.rc-cell");
  if (first) {
    first.tabIndex = 0;
  }
  grid.addEventListener("keydown", pressed);
  grid.addEventListener("focusin", (event) => {
    clearTimeout(rest);
    const stop = event.target.closest("tbody a, thead a[href*='criterion=']");
    if (stop) {
      makeStop(stop);
    }
    const link = event.target.closest("a.rc-cell");
    // Each opening by someone who only reads is on the record, so for them the panel waits to be asked for.
    if (link && writes && panel.dataset.cell !== cellOf(link)) {
      rest = setTimeout(() => openPanel(cellOf(link)), REST);
    }
  });
  grid.addEventListener("click", (event) => {
    const link = event.target.closest("a.rc-cell");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && getComputedStyle(panel).display !== "none") {
      event.preventDefault();
      focusOn(link);
      clearTimeout(rest);
      openPanel(cellOf(link), { focus: event.detail === 0 ? "heading" : "" });
    }
  });
}

if (grid) {
  startGrid();
}
for (const change of queue) {
  const link = linkOf(change.cell);
  if (link) {
    paint(link, change.outcome);
  }
}
window.addEventListener("online", send);
askStale();
send();
