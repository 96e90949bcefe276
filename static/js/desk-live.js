// The desk says that its moderator is there and at which card, and hears what is new: who else is
// at a card, how much waits, how many came since. Nothing on the page moves for it.
(() => {
  const form = document.querySelector("[data-pulse]");
  const desk = document.querySelector("[data-desk]");
  if (!form || !window.htmx) return;
  const said = document.getElementById("desk-new");
  const EVERY = 15_000; // milliseconds
  const AFTER = 400; // once a card has been the current one for so long
  let soon = 0;
  let takesOver = false;

  const subject = (card) => card?.querySelector("[data-subject]")?.dataset.subject;
  const beat = () => {
    if (document.visibilityState === "visible" && form.isConnected) htmx.trigger(form, "pulse");
  };

  form.addEventListener("htmx:configRequest", (event) => {
    const current = subject(desk.querySelector("[data-card].is-current"));
    const values = event.detail.parameters;
    if (current) values.current = current;
    if (takesOver) values.take_over = "1";
    takesOver = false;
    values.listed = [...desk.querySelectorAll("[data-subject]")].map((one) => one.dataset.subject);
  });
  // A card may have become a line while the answer was on its way.
  said.addEventListener("htmx:beforeSwap", (event) => {
    const answer = document.createElement("template");
    answer.innerHTML = event.detail.serverResponse;
    for (const claim of answer.content.querySelectorAll("[data-subject]")) {
      if (!document.getElementById(claim.id)) claim.remove();
    }
    event.detail.serverResponse = answer.innerHTML;
  });
  desk.addEventListener("desk:current", () => {
    clearTimeout(soon);
    soon = setTimeout(beat, AFTER);
  });
  desk.addEventListener("click", (event) => {
    if (!event.target.closest("[data-take-over]")) return;
    takesOver = true;
    beat();
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt !== form) return;
    const code = event.detail.xhr.status;
    if (code !== 403) return;
    clearInterval(timer);
    const words = document.createElement("strong");
    words.textContent =
      "You can no longer decide here: your rights changed, or you were logged out. Reload the page.";
    said.replaceChildren(words);
  });
  document.addEventListener("visibilitychange", beat);
  const timer = setInterval(beat, EVERY);
  soon = setTimeout(beat, AFTER); // the first card is the current one already
})();
