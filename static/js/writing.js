// Writing with fewer steps: text kept on this device, characters counted, passages quoted, and
// focus that goes where the reader left off. Everything works without this script.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const bodyOf = (form) => form.elements.body;

  // Drafts. Every tab writes a slot of its own, so that two never overwrite each other.
  const PREFIX = "draft:", KEPT = 30 * 864e5;
  const safely = (work) => { try { return work(); } catch { return null; /* full or forbidden */ } };
  const newTab = () => Math.random().toString(36).slice(2);
  let tab = safely(() => sessionStorage.tab || (sessionStorage.tab = newTab())) || newTab();
  const read = (key) => safely(() => JSON.parse(localStorage[key]));
  const slots = (name = "") => (safely(() => Object.keys(localStorage)) || [])
    .filter((key) => key.startsWith(PREFIX + name)).map((key) => ({ key, ...read(key) }))
    .sort((a, b) => b.key.endsWith(tab) - a.key.endsWith(tab) || b.at - a.at);
  const drop = (key) => safely(() => localStorage.removeItem(key));
  const save = (form, sent = false) => {
    const key = `${PREFIX}${form.dataset.draft}:${tab}`, text = bodyOf(form).value;
    const quote = form.elements.quote?.value || "";
    if (text) safely(() => { localStorage[key] = JSON.stringify({ text, quote, at: Date.now(), sent }); });
    else drop(key);
  };
  slots().forEach((slot) => { if (!slot.text || slot.at < Date.now() - KEPT) drop(slot.key); });
  // A copied tab comes with the name of the one it was copied from.
  addEventListener("storage", ({ key, newValue }) => {
    if (newValue && key?.startsWith(PREFIX) && key.endsWith(tab)) tab = newTab();
  });

  const offer = (form) => {
    const [slot] = slots(form.dataset.draft + ":"), note = form.querySelector("[data-draft-note]");
    if (!slot?.text || bodyOf(form).value || !note) return;
    // It keeps its height until it is used: nothing below moves.
    bodyOf(form).classList.add("is-restored");
    bodyOf(form).value = slot.text;
    if (slot.quote) setPassage(form, slot.quote, false);
    note.hidden = false;
    note.querySelector("[data-discard]").onclick = () => {
      drop(slot.key);
      drop(`${PREFIX}${form.dataset.draft}:${tab}`);
      note.hidden = true;
      bodyOf(form).value = "";
      setPassage(form, "", false);
      count(form);
      bodyOf(form).focus();
    };
  };

  // Characters left: for the eye always, said aloud only near the end.
  const count = (form) => {
    const field = bodyOf(form), shown = form.querySelector("[data-count]");
    if (!shown) return;
    const left = field.dataset.limit - [...field.value.normalize().trim()].length;
    const words = left < 0 ? `${(-left).toLocaleString("en")} too many` : `${left.toLocaleString("en")} left`;
    shown.textContent = field.value ? words : "";
    shown.classList.toggle("is-over", left < 0);
    const step = left < 0 ? "over" : left <= 50 ? "50" : left <= 250 ? "250" : "";
    if (form.dataset.step !== step) {
      form.dataset.step = step;
      form.querySelector("[data-count-said]").textContent = step ? `${words.replace("left", "characters left")}` : "";
    }
  };

  // Passages.
  const setPassage = (form, words, goOn = true) => {
    const box = form.querySelector(".passage-field");
    if (!box) return;
    form.elements.quote.value = words;
    box.querySelector(".passage-shown")?.remove();
    box.classList.toggle("has-passage", Boolean(words));
    box.open = Boolean(words);
    if (words) {
      const shown = document.createElement("div"), quote = document.createElement("blockquote"), remove = document.createElement("button");
      shown.className = "passage-shown";
      quote.className = "passage";
      quote.dir = "auto";
      quote.textContent = words;
      remove.type = "button";
      remove.className = "link";
      remove.textContent = "Remove the passage";
      remove.onclick = () => { setPassage(form, ""); save(form); };
      shown.append(quote, remove);
      box.append(shown);
    }
    if (!goOn) return;
    bodyOf(form).focus();
    form.scrollIntoView({ block: "nearest" });
  };
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quote-button";
  button.textContent = "Quote";
  button.onpointerdown = (event) => event.preventDefault(); // the selection stays
  let waiting = null;
  const place = () => {
    const selected = getSelection(), words = selected.toString().trim().replace(/\s+/g, " ");
    const inside = (node) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest("article .body, .article-head, .comment-text");
    const from = selected.isCollapsed ? null : inside(selected.anchorNode);
    const slot = from?.closest("article")?.querySelector(":scope > .reply-slot");
    const form = document.querySelector("#leave-reply form");
    const fits = from && from === inside(selected.focusNode) && /[^\W_]/u.test(words.normalize("NFD")) && words.length <= 600;
    if (!fits || (from.matches(".comment-text") ? !slot || !opener(slot) : !form)) { button.remove(); return; }
    const box = selected.getRangeAt(0).getBoundingClientRect();
    from.after(button);
    button.style.top = button.style.left = 0;
    const zero = button.getBoundingClientRect(); // wherever it is placed from
    button.style.top = `${box.bottom - zero.top + 6}px`;
    button.style.left = `${Math.max(8, Math.min(box.left, innerWidth - 90)) - zero.left}px`;
    button.onclick = () => {
      button.remove();
      selected.removeAllRanges();
      const open = slot ? slot.querySelector("form") : form;
      if (open) setPassage(open, words);
      else { waiting = { slot, words }; opener(slot).click(); }
      if (open) save(open);
    };
  };
  let soon;
  document.addEventListener("selectionchange", () => { clearTimeout(soon); soon = setTimeout(place, 150); });

  // Focus.
  let sentAt = 0;
  const opener = (slot) => document.querySelector(`[hx-target="#${slot.id}"]`);
  const ready = () => all("form.comment-form").forEach((form) => {
    if (form.dataset.ready) return;
    form.dataset.ready = "yes";
    if (form.dataset.draft) offer(form);
    const quote = form.elements.quote;
    if (quote?.value && !quote.hasAttribute("aria-invalid")) setPassage(form, quote.value, false);
    count(form);
    all("[data-copy]", form).forEach((copy) => { copy.hidden = false; });
  });
  const news = () => {
    const said = all("#status"), status = said.find((line) => !line.dataset.seen);
    if (!status) return false;
    said.forEach((line) => { if (line !== status) line.removeAttribute("id"); });
    status.dataset.seen = "yes";
    slots().forEach((slot) => { if (slot.sent) drop(slot.key); });
    status.focus({ preventScroll: true });
    return true;
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const isNews = news();
    ready();
    if (isNews) document.getElementById("status").scrollIntoView({ block: "nearest" });
    if (waiting?.slot.firstElementChild) {
      setPassage(waiting.slot.querySelector("form"), waiting.words);
      waiting = null;
    }
    const slot = event.target.closest?.(".reply-slot");
    if (slot && !slot.firstElementChild) opener(slot)?.focus();
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.getResponseHeader("X-Form")) detail.shouldSwap = true;
    // A slow answer comes when nobody expects the page to move: its place keeps its height.
    const slot = detail.target.closest?.(".reply-slot");
    if (slot) slot.style.minHeight = performance.now() - sentAt > 400 ? `${slot.offsetHeight}px` : "";
  });
  ["htmx:sendError", "htmx:responseError"].forEach((name) => document.addEventListener(name, ({ target, detail }) => {
    const said = target.closest?.("form[data-draft]")?.querySelector("[data-count-said]");
    if (!said || detail.xhr.getResponseHeader("X-Form")) return;
    said.textContent = "It could not be sent just now. Your text is kept; please try again.";
    said.classList.remove("visually-hidden");
  }));

  // Escape leaves a reply that nothing was typed into.
  document.addEventListener("keydown", ({ key, target, isComposing }) => {
    const form = key === "Escape" && !isComposing && target.closest?.(".reply-slot form");
    if (form && !bodyOf(form).value) form.querySelector("[data-close-reply]")?.click();
  });

  document.addEventListener("click", ({ target }) => {
    const close = target.closest("[data-close-reply]"), copy = target.closest("[data-copy]");
    if (close) {
      const slot = close.closest(".reply-slot");
      close.form.remove();
      slot?.style.removeProperty("min-height");
      if (slot) opener(slot)?.focus();
    }
    if (copy) {
      const field = document.getElementById(copy.dataset.copy) || bodyOf(copy.form);
      navigator.clipboard?.writeText(field.value).then(() => { copy.textContent = "Copied"; }, () => field.select());
    }
  });
  document.addEventListener("input", ({ target }) => {
    const form = target.form;
    if (!form?.matches(".comment-form")) return;
    if (form.dataset.draft) save(form);
    if (target.name === "body") count(form);
  });
  document.addEventListener("focusin", ({ target }) => target.classList.remove("is-restored"));
  document.addEventListener("submit", ({ target, submitter }) => {
    sentAt = performance.now();
    if (target.dataset?.draft) save(target, submitter?.name !== "preview");
  });
  ready();
  // Once the browser has gone to the address's anchor, which takes the focus away.
  addEventListener("load", () => setTimeout(news));
})();
