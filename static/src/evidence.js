// A form for evidence: saves what is typed, and shows how far an upload is. The page works without it.
const form = document.querySelector("[data-rc-draft]");
const said = form?.querySelector("[data-rc-saved]");
const sending = form?.querySelector("[data-rc-sending]");

// How long after the last letter a draft is saved, and how long until it is tried again (milliseconds).
const PAUSE = 2000;
const AGAIN = 10000;

let timer = 0;
let busy = false;
let changed = false;
let stopped = false;
let underWay = null;
let afterwards = null;

function tell(words) {
  said.textContent = words;
}

function later(wait) {
  window.clearTimeout(timer);
  timer = window.setTimeout(save, wait);
}

// The form goes on its way, or a person must choose first: nothing is saved beside it.
function stop() {
  stopped = true;
  window.clearTimeout(timer);
  underWay?.abort();
}

// What is in the form, without its files: these go only when it is handed in.
function written() {
  const data = new FormData(form);
  data.delete("files");
  data.set("deed", "draft");
  return data;
}

// The address of what is being written.
function here() {
  const draft = form.elements.draft?.value;
  return draft ? `?draft=${draft}` : window.location.pathname + window.location.search;
}

async function save() {
  if (busy || stopped || !changed) {
    return;
  }
  busy = true;
  changed = false;
  tell("Saving…");
  underWay = new AbortController();
  try {
    const answer = await fetch(form.action || window.location.pathname, {
      method: "POST",
      body: written(),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      signal: underWay.signal,
    });
    await heard(answer);
  } catch {
    changed = true;
    if (!stopped) {
      tell("Not saved yet: no connection. Your words are still here, and we are trying again.");
      later(AGAIN);
    }
  } finally {
    busy = false;
    const next = afterwards;
    afterwards = null;
    if (next) {
      next();
    } else if (changed && !stopped) {
      later(PAUSE);
    }
  }
}

async function heard(answer) {
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  if (answer.ok && isJson) {
    const { saved, version } = await answer.json();
    form.elements.seen.value = version;
    // So that a reload, or coming back, opens this draft and not another, where there may be several.
    window.history.replaceState(null, "", here());
    tell(`Draft saved ${saved}. ${form.dataset.rcDraft || "It is not handed in yet."}`);
  } else if (answer.status === 409 && isJson) {
    const theirs = await answer.json();
    stopped = true;
    showTheirs(theirs);
  } else if (answer.status === 410 && isJson) {
    const { draft } = await answer.json();
    stopped = true;
    showGone(draft);
  } else if (answer.redirected || answer.status === 400 || answer.status === 401) {
    // Signed out meanwhile, or in another window: what was typed stays in the boxes.
    stopped = true;
    tell("Not saved: you have been signed out. Your words are still here. Copy them, sign in again, and paste them.");
  } else {
    changed = true;
    tell("Not saved yet. Your words are still here, and we are trying again.");
    later(AGAIN);
  }
}

// The draft was saved from another window: nothing is overwritten until the person has chosen.
function showTheirs(theirs) {
  tell("Not saved: this draft was changed in another window. ");
  const keep = button("Keep what is here", () => goOnFrom(theirs.version));
  const open = button("Open the other one", () => window.location.assign(here()));
  said.append(keep, " ", open);
}

// The draft was thrown away or handed in from another window: it stays gone, and what stands here may become another.
function showGone(draft) {
  tell("Not saved: this draft was handed in or thrown away in another window. Your words are still here. ");
  const keep = button("Keep them as a new draft", () => {
    form.elements.draft.value = draft;
    goOnFrom(0);
  });
  said.append(keep);
}

function button(words, deed) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "nhsuk-button nhsuk-button--secondary nhsuk-button--small";
  made.textContent = words;
  made.addEventListener("click", deed);
  return made;
}

function goOnFrom(version) {
  form.elements.seen.value = version;
  stopped = false;
  changed = true;
  save();
}

// Sent by XMLHttpRequest only when there are files: nothing else can say how far an upload is.
function send(event) {
  const files = form.elements.files;
  const deed = event.submitter?.value ?? "hand in";
  const isHandIn = deed === "hand in";
  if (event.defaultPrevented) {
    return;
  }
  if (!navigator.onLine) {
    // Else the browser's own page about it takes the place of the form.
    event.preventDefault();
    tell("Not sent: there is no connection. Nothing was handed in. Your words are still here: try again.");
    changed = true;
    later(AGAIN);
    return;
  }
  if (deed === "draft" && busy) {
    // Else the draft would meet its own save, as if another window had changed it.
    event.preventDefault();
    afterwards = () => form.requestSubmit(event.submitter);
    return;
  }
  stop();
  if (!isHandIn || !files?.files.length) {
    return;
  }
  event.preventDefault();
  const data = new FormData(form);
  data.set("deed", "hand in");
  const request = new XMLHttpRequest();
  const bar = sending.querySelector("progress");
  sending.hidden = false;
  tell("Sending…");
  for (const button of form.querySelectorAll("button")) {
    button.disabled = true;
  }
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) {
      bar.value = Math.round((100 * sent.loaded) / sent.total);
    }
  });
  request.addEventListener("load", () => {
    if (request.status === 201) {
      window.location.assign(JSON.parse(request.responseText).to);
      return;
    }
    if (request.responseURL.includes("/sign-in")) {
      free();
      tell("Not sent: you have been signed out. Your words are still here. Copy them, sign in again, and paste them.");
      return;
    }
    swap(request.responseText);
  });
  for (const trouble of ["error", "abort", "timeout"]) {
    request.addEventListener(trouble, () => {
      free();
      tell("Not sent: the connection broke off. Nothing was handed in. Your words are still here: try again.");
    });
  }
  request.open("POST", form.action || window.location.pathname);
  request.setRequestHeader("Accept", "application/json, text/html;q=0.5");
  request.send(data);
}

function free() {
  stopped = false;
  sending.hidden = true;
  for (const button of form.querySelectorAll("button")) {
    button.disabled = false;
  }
}

// Draw the answer: the form with what is wrong, or the page that says why it could not be kept.
function swap(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = page.querySelector("main");
  if (!fresh) {
    free();
    tell("Not sent. Nothing was handed in. Your words are still here: try again.");
    return;
  }
  document.title = page.title;
  document.querySelector("main").replaceWith(fresh);
  const summary = fresh.querySelector(".nhsuk-error-summary");
  if (summary) {
    summary.setAttribute("tabindex", "-1");
    summary.focus();
  }
  start();
}

function start() {
  const here = document.querySelector("[data-rc-draft]");
  if (here && here !== form) {
    // A new form on the page: let the page's own scripts begin afresh on it, without asking for it again.
    import(`./evidence.js?again=${Date.now()}`);
  }
}

if (form && said) {
  form.addEventListener("input", (event) => {
    if (event.target.type !== "file") {
      changed = true;
      later(PAUSE);
    }
  });
  // Last of all listeners, so that a second press has been stopped already.
  window.addEventListener("submit", (event) => {
    if (event.target === form) {
      send(event);
    }
  });
  // The next page may come before the pause is over.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      save();
    }
  });
}
