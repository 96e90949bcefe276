// The desk: one card is the current one, single keys act on it, its context stands at the right,
// and after a decision the next card takes its place. Without this file every button still works.
(() => {
  const desk = document.querySelector("[data-desk]");
  if (!desk) return;
  const status = desk.querySelector("[data-status]");
  const side = desk.querySelector("[data-context]");
  const help = desk.querySelector("[data-help]");
  const toggle = desk.querySelector("[data-keys-switch]");
  const wide = matchMedia("(min-width: 1100px)");
  const KEPT = "desk-keys";
  let current = null;
  const decided = []; // lines in the order of their decisions; one key reverses the last

  // The current card -----------------------------------------------------------------------------

  const cards = () => [...desk.querySelectorAll("[data-card]")];

  function showContext() {
    const shown = side.firstElementChild;
    if (shown) {
      // Back to its card, if that is still there.
      const home = document.getElementById(shown.dataset.contextOf)?.querySelector(".context");
      if (home && !home.querySelector(".context-body")) home.append(shown);
      else shown.remove();
    }
    const body = wide.matches && current?.querySelector(".context-body");
    if (body) {
      side.append(body);
      side.scrollTop = 0;
    }
    desk.classList.toggle("has-context", Boolean(side.firstElementChild));
  }

  function choose(card) {
    // htmx brings back the classes of the card that stood there before.
    if (card === current && card?.isConnected && card.classList.contains("is-current")) return;
    current?.classList.remove("is-current");
    current?.removeAttribute("aria-current");
    current = card;
    current?.classList.add("is-current");
    current?.setAttribute("aria-current", "true");
    showContext();
    desk.dispatchEvent(new CustomEvent("desk:current"));
  }

  function go(card) {
    if (!card) return;
    choose(card);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = cards();
    const at = all.indexOf(current);
    go(all[Math.min(all.length - 1, Math.max(0, at + by))]);
  }

  desk.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-card]");
    if (card) choose(card);
  });
  desk.addEventListener("pointerdown", (event) => {
    const card = event.target.closest("[data-card]");
    if (card) choose(card);
  });
  wide.addEventListener("change", showContext);

  // After an answer ------------------------------------------------------------------------------

  const undoOf = (line) => line?.isConnected && line.querySelector('[data-key="u"]');
  const lastLine = () => decided.findLast(undoOf);

  function markLast(line) {
    if (line) decided.push(line);
    desk.querySelector(".is-last")?.classList.remove("is-last");
    lastLine()?.classList.add("is-last");
  }

  let following = null; // the card after the one that is being decided on

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const place = event.detail.target?.closest?.("[data-comment]");
    if (!place) return;
    const all = cards();
    following = place.matches("[data-card]")
      ? (all[all.indexOf(place) + 1] ?? all[all.indexOf(place) - 1] ?? null)
      : current;
  });

  document.body.addEventListener("htmx:afterSettle", (event) => {
    const place = event.target;
    // What settles inside a card, a preview or who is at it, is no answer to a decision.
    if (!place.matches?.("[data-comment]") || !place.isConnected) return;
    const problem = place.querySelector(".problem");
    if (problem) {
      status.textContent = problem.textContent;
      go(place);
      return;
    }
    if (place.matches("[data-card]")) {
      // Undone, or its thread closed: the work is at this card again.
      markLast(null);
      status.textContent = place.querySelector("[data-said]")?.textContent ?? "";
      go(place);
      return;
    }
    markLast(place);
    status.textContent = place.querySelector("[data-line-words]").textContent;
    const next = following?.isConnected ? following : cards()[0];
    if (next) go(next);
    else {
      choose(null);
      desk.querySelector("[data-end]")?.focus();
    }
  });

  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, (event) => {
      const code = event.detail.xhr?.status;
      const words =
        code === 404 ? "This comment is gone. Reload the desk."
        : code === 403 ? "The desk did not take that. Reload the page, or log in again."
        : "That did not reach the desk. Nothing was decided; try again.";
      const card = event.detail.elt?.closest("[data-comment]");
      let note = card?.querySelector(".problem");
      if (card && !note) {
        note = document.createElement("p");
        note.className = "problem";
        card.prepend(note);
      }
      if (note) note.textContent = words;
      status.textContent = words;
    });
  }

  // Keys -----------------------------------------------------------------------------------------

  function keysAreOn() {
    try {
      return localStorage.getItem(KEPT) !== "off";
    } catch {
      return true;
    }
  }

  function applyKeys() {
    desk.classList.toggle("has-keys", toggle.checked);
    for (const element of desk.querySelectorAll("[data-key], [data-digit]")) {
      if (toggle.checked) element.setAttribute("aria-keyshortcuts", element.dataset.key ?? element.dataset.digit);
      else element.removeAttribute("aria-keyshortcuts");
    }
  }

  toggle.checked = keysAreOn();
  toggle.addEventListener("change", () => {
    applyKeys();
    try {
      localStorage.setItem(KEPT, toggle.checked ? "on" : "off");
    } catch {
      // The choice holds for this page at least.
    }
  });
  document.body.addEventListener("htmx:afterSettle", applyKeys);
  desk.querySelector("[data-keys]").hidden = false;
  desk.querySelector("[data-keys-help]").addEventListener("click", () => help.showModal());
  applyKeys();

  const isTyping = (element) =>
    element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

  const openReasons = () =>
    document.activeElement?.closest("[data-reasons][open]")
    ?? current?.querySelector("[data-reasons][open]");

  function press(button) {
    if (!button) return;
    if (button.matches("[data-veil] > summary, [data-around] > summary")) button.click();
    else if (button.matches("summary")) {
      const reasons = button.parentElement;
      reasons.open = !reasons.open;
      if (reasons.open) {
        reasons.querySelector("[data-digit]")?.focus({ preventScroll: true });
        reasons.scrollIntoView({ block: "nearest" });
      } else button.focus({ preventScroll: true });
    } else button.click();
  }

  function queue(by) {
    const links = [...desk.querySelectorAll("#desk-queues a")];
    const at = links.findIndex((link) => link.hasAttribute("aria-current"));
    links[at + by]?.click();
  }

  function search() {
    const field = desk.querySelector("[data-search]");
    const fold = field?.closest("details");
    if (fold) fold.open = true;
    field?.focus();
  }

  // A template fills the message in; the server knows what it says.
  desk.addEventListener("change", (event) => {
    const select = event.target.closest("[data-templates]");
    if (select?.value) select.form.querySelector("[name=preview]").click();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const filled = event.target.querySelector?.("[data-filled]");
    const message = filled?.closest("form")?.querySelector("[data-message]");
    if (!message) return;
    message.value = filled.value;
    filled.closest("form").querySelector("[data-templates]").value = "";
    filled.parentElement.remove();
    message.focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape") {
      if (event.target.matches("[data-search]")) {
        go(current);
        event.preventDefault();
        return;
      }
      const reasons = openReasons();
      if (!reasons) return;
      reasons.open = false;
      reasons.querySelector("summary").focus();
      event.preventDefault();
      return;
    }
    if (!toggle.checked || event.repeat || isTyping(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const acts = {
      j: () => step(1),
      ArrowDown: () => step(1),
      k: () => step(-1),
      ArrowUp: () => step(-1),
      a: () => press(current?.querySelector('[data-key="a"]')),
      s: () => press(current?.querySelector('[data-key="s"]')),
      r: () => press(current?.querySelector('[data-key="r"]')),
      u: () => press(undoOf(lastLine())),
      p: () => press(current?.querySelector('[data-key="p"]')),
      c: () => press(current?.querySelector('[data-key="c"]')),
      t: () => press(current?.querySelector('[data-key="t"]')),
      o: () => press(current?.querySelector('[data-key="o"]')),
      v: () => press(current?.querySelector("[data-veil] > summary")),
      "[": () => queue(-1),
      "]": () => queue(1),
      "/": () => search(),
      "?": () => help.showModal(),
    };
    const digit = openReasons()?.querySelector(`[data-digit="${CSS.escape(key)}"]`);
    const act = digit ? () => digit.click() : acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // On a wide screen there is room for the filters.
  if (matchMedia("(min-width: 768px)").matches) {
    for (const element of desk.querySelectorAll("[data-unfold-wide]")) element.open = true;
  }
  markLast(desk.querySelector("[data-line]"));
  choose(cards()[0] ?? null);
  showContext();
})();
