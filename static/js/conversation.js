// The conversation with fewer page loads: focus stays with what just happened, and text that was
// typed but not sent is kept on this device.
(() => {
  const PREFIX = "draft:";
  const store = {
    get: (key) => { try { return localStorage.getItem(PREFIX + key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(PREFIX + key, value); } catch { /* full or forbidden */ } },
    remove: (key) => { try { localStorage.removeItem(PREFIX + key); } catch { /* forbidden */ } },
  };

  // A half-written text survives a crash, a closed tab, a wrong click, another comment sent first.
  const restore = () => document.querySelectorAll("form[data-draft]").forEach((form) => {
    const kept = store.get(form.dataset.draft);
    if (!kept || form.elements.body.value) return;
    form.elements.body.value = kept;
    const note = document.createElement("p");
    note.className = "draft-note";
    note.textContent = "You began this text earlier on this device.";
    form.elements.body.after(note);
  });

  // Focus goes to the word about what happened, or to the field to go on in.
  let sent = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) sent = form.dataset.draft;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const status = document.getElementById("status");
    const isNews = status && !status.dataset.seen;
    if (isNews && sent) store.remove(sent);
    restore();
    if (isNews) {
      status.dataset.seen = "yes";
      status.focus({ preventScroll: true });
      status.closest("article").scrollIntoView({ block: "nearest" });
      status.scrollIntoView({ block: "nearest" });
      return;
    }
    const fresh = document.querySelector(".comment-form.in-place textarea:not([data-seen])");
    if (fresh) {
      fresh.dataset.seen = "yes";
      (fresh.form.querySelector(".preview-box") || fresh).focus();
    }
  });

  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close-reply]");
    if (!close) return;
    const slot = close.closest(".reply-slot");
    const opener = slot && slot.parentElement.querySelector(".comment-actions a");
    close.closest("form").remove();
    if (opener) opener.focus();
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest && event.target.closest("form[data-draft]");
    if (!form || event.target.name !== "body") return;
    if (event.target.value) store.set(form.dataset.draft, event.target.value);
    else store.remove(form.dataset.draft);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form && !form.hasAttribute("hx-post")) store.remove(form.dataset.draft);
  });
  restore();

  const posted = document.getElementById("status");
  if (posted) posted.focus({ preventScroll: true });
})();
