/* What is typed into a story's form is kept: on the server every few seconds, and on this device
   until it is there. And who else has the story open.

   A copy on this device is sent nowhere but to the form's own place, and goes with the save. */

const root = document.querySelector("#editing");
const form = root?.closest("form");
const SOON = 2_000; // ms after the last key
const LATEST = 10_000; // ms after the first one that is not kept yet
const BEAT = 20_000;
const OLD = 7 * 24 * 3_600_000; // a copy that nobody came back for
const BEGINNING = "article:";

const place = () => `${BEGINNING}${root.dataset.user}:${root.dataset.story}`;

function copies() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(BEGINNING));
  } catch {
    return []; // a browser that keeps nothing
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function drop(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    /* it was not kept either */
  }
}

/* Copies whose words are saved by now, and those that are older than any use of them. */
function clearOld() {
  const saved = new Set(root.dataset.savedCopies.split(" "));
  for (const key of copies()) {
    const copy = read(key);
    const isMine = key.startsWith(`${BEGINNING}${root.dataset.user}:`);
    if (!copy || (isMine && saved.has(copy.id)) || Date.now() - copy.at > OLD) drop(key);
  }
}

function start() {
  clearOld();
  const found = read(place());
  const isTyped = "typed" in root.dataset;
  const id = isTyped && found ? found.id : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  const hidden = document.createElement("input");
  Object.assign(hidden, { type: "hidden", name: "local_copy", value: id });
  form.append(hidden);

  const line = document.createElement("p");
  line.className = "kept";
  const trouble = document.createElement("p");
  trouble.className = "kept trouble";
  trouble.setAttribute("role", "status");
  document.querySelector(".submit-row")?.append(line, trouble);

  let firstUnkept = 0; // when the first word was typed that the server has not
  let changes = 0;
  let timer, copyTimer;
  let isSending = false;
  let isKeptHere = true;
  let isLeaving = false;

  const words = () =>
    [...new FormData(form)].filter(
      ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken",
    );

  function keepHere() {
    clearTimeout(copyTimer);
    try {
      localStorage.setItem(place(), JSON.stringify({ id, at: Date.now(), words: words() }));
      isKeptHere = true;
    } catch {
      isKeptHere = false;
    }
  }

  function say(kept, problem = "") {
    line.textContent = kept;
    const here = isKeptHere ? "Your words are kept on this device." : "Copy your words elsewhere.";
    const said = problem && `${problem} ${here}`;
    if (trouble.textContent !== said) trouble.textContent = said;
  }

  function changed(event) {
    if (event.target.form && event.target.form !== form) return;
    changes += 1;
    firstUnkept ||= Date.now();
    clearTimeout(copyTimer);
    copyTimer = setTimeout(keepHere, 400);
    clearTimeout(timer);
    timer = setTimeout(send, Math.max(0, Math.min(SOON, firstUnkept + LATEST - Date.now())));
  }

  function post(url, data) {
    // A redirect leads to the log-in: it is not followed, but understood.
    return fetch(url, { method: "POST", body: new URLSearchParams(data), redirect: "manual" });
  }

  /* Get a token that is good after a log-in in another tab. Tells what stands in the way. */
  async function renew() {
    const answer = await fetch(root.dataset.autosave, { redirect: "manual" });
    if (answer.type === "opaqueredirect") return "out";
    if (!answer.ok) return "forbidden";
    const { token: fresh } = await answer.json();
    for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = fresh;
    return "";
  }

  const TROUBLES = {
    out: "You were logged out. Log in in another tab, then go on here.",
    forbidden: "This story is not yours to change any more.",
    away: "Not kept: no connection.",
    broken: "Not kept: the site has a problem.",
  };

  async function send(again = true) {
    if (isSending) return;
    clearTimeout(timer);
    isSending = true;
    const sent = changes;
    let problem = "";
    try {
      let answer = await post(root.dataset.autosave, [
        ...words(),
        ["csrfmiddlewaretoken", token()],
      ]);
      if (answer.type === "opaqueredirect") {
        problem = TROUBLES.out;
      } else if (answer.status === 403 && again) {
        const why = await renew();
        isSending = false;
        if (!why) return send(false);
        problem = TROUBLES[why];
      } else if (answer.ok) {
        const { at } = await answer.json();
        if (changes === sent) {
          firstUnkept = 0;
          clearTimeout(copyTimer);
          drop(place());
        }
        say(`Kept ${at}`);
      } else if (answer.status === 413) {
        problem = (await answer.json()).error;
      } else {
        problem = answer.status === 403 || answer.status === 404 ? TROUBLES.forbidden : TROUBLES.broken;
      }
    } catch {
      problem = TROUBLES.away;
    }
    isSending = false;
    if (problem) {
      keepHere();
      say("", problem);
    }
    if (problem || changes !== sent) {
      timer = setTimeout(send, problem ? LATEST : SOON);
    }
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // Django's own choosers speak jQuery.
  window.django?.jQuery?.(form).on("select2:select select2:unselect select2:clear", changed);

  form.addEventListener("submit", () => {
    clearTimeout(timer);
    isLeaving = true;
    if (firstUnkept || changes) keepHere();
  });
  window.addEventListener("pagehide", () => {
    if (firstUnkept) {
      keepHere();
      const data = [...words(), ["csrfmiddlewaretoken", token()]];
      const body = new URLSearchParams(data);
      // So much a browser sends for a page that is gone.
      if (!isLeaving && body.toString().length < 60_000) {
        navigator.sendBeacon(root.dataset.autosave, body);
      }
    }
    if (root.dataset.presence) {
      navigator.sendBeacon(
        root.dataset.presence,
        new URLSearchParams({ csrfmiddlewaretoken: token(), closed: root.dataset.opened }),
      );
    }
  });
  window.addEventListener("online", () => {
    if (firstUnkept) send();
  });

  if (isTyped) {
    // What the server sent back unsaved is as good as typed.
    changes = 1;
    firstUnkept = Date.now();
    timer = setTimeout(send, SOON);
    (document.querySelector("#stale-heading") ?? document.querySelector("#held"))?.focus();
  } else if (found) {
    offer(found, token, renew);
  }
  if (root.dataset.presence) beat(token, renew);
}

/* Words on this device that never reached the server. */
function offer(copy, token, renew) {
  const banner = document.querySelector("#on-this-device");
  const kept = document.querySelector("[data-unsaved]");
  if (kept && copy.at > Date.parse(kept.dataset.unsaved)) kept.hidden = true;
  const at = new Date(copy.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  banner.querySelector("[data-words]").textContent =
    `You typed this on this device (${at}) and did not save it.`;
  banner.hidden = false;
  banner.querySelector("[data-forget]").addEventListener("click", () => {
    drop(place());
    banner.hidden = true;
    if (kept) kept.hidden = false;
  });
  banner.querySelector("[data-continue]").addEventListener("click", async () => {
    try {
      await renew();
      const answer = await fetch(root.dataset.autosave, {
        method: "POST",
        body: new URLSearchParams([...copy.words, ["csrfmiddlewaretoken", token()]]),
        redirect: "manual",
      });
      if (!answer.ok) throw new Error("not kept");
      drop(place());
      location.search = "?autosave=1";
    } catch {
      banner.querySelector("[data-words]").textContent =
        "That did not work: is there a connection, and are you logged in? It is kept still.";
    }
  });
}

/* Tell that this form is open still, and learn who else has it. */
function beat(token, renew) {
  const here = document.querySelector("#here");
  const taken = document.querySelector("#taken");
  const known = [...document.querySelectorAll("[data-here]")];
  const show = (box, text) => {
    box.hidden = !text;
    if (box.textContent !== text) box.textContent = text;
  };
  const tell = async () => {
    try {
      const answer = await fetch(root.dataset.presence, {
        method: "POST",
        body: new URLSearchParams({ csrfmiddlewaretoken: token() }),
        redirect: "manual",
      });
      if (answer.status === 403) await renew();
      if (!answer.ok) return;
      const { others, taken: words, version, opened } = await answer.json();
      root.dataset.opened = opened;
      for (const banner of known) {
        const name = banner.querySelector("strong").textContent;
        banner.hidden = !others.some((other) => other.startsWith(`${name} has `));
      }
      const fresh = others.filter(
        (other) => !known.some((one) => !one.hidden && other.startsWith(one.querySelector("strong").textContent)),
      );
      const moved = String(version) !== root.dataset.version;
      if (moved) fresh.push("The story was saved or moved since you opened it: saving compares first.");
      show(here, fresh.join(" "));
      if (words) show(taken, words);
    } catch {
      /* without a connection nobody is there to tell */
    }
  };
  setInterval(tell, BEAT);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) tell();
  });
}

/* The links to show it are made and ended in their place. */
function previews() {
  const maker = document.querySelector("#preview-form");
  const panel = () => document.querySelector("#preview-links[data-part]");
  if (!maker || !panel()) return;
  const own = () => {
    // Not part of the story: nothing of it is unsaved by this.
    panel().addEventListener("input", (event) => event.stopPropagation());
    panel().addEventListener("focusin", (event) => {
      if (event.target.matches("[data-copy]")) event.target.select();
    });
  };
  own();
  maker.addEventListener("submit", async (event) => {
    event.preventDefault();
    const url = event.submitter?.getAttribute("formaction") ?? maker.action;
    const body = new URLSearchParams(new FormData(maker));
    try {
      const answer = await fetch(url, { method: "POST", body, headers: { "X-Part": "1" } });
      if (!answer.ok) throw new Error("refused");
      panel().outerHTML = await answer.text();
      own();
      const said = panel().querySelector(".said");
      said?.setAttribute("tabindex", "-1");
      said?.focus();
    } catch {
      const said = document.createElement("p");
      said.className = "said trouble";
      said.setAttribute("role", "alert");
      said.textContent = "The site did not answer. Nothing was made or ended.";
      panel().querySelector("h2").after(said);
    }
  });
}

if (form) {
  start();
  previews();
}
