/* The story's form: how long it is, a word before typed text is lost, saving by the keyboard. */

const WORDS_A_MINUTE = 230;
const LONG_HEADLINE = 110; // characters; search engines show no more
const NEARLY_LONG = 90;
const SAVES = new Set(["_save", "_continue", "_addanother"]);

const form = document.querySelector("#article_form");
const line = document.querySelector("[data-counts]");
const field = form?.querySelector("#id_body");
const headline = form?.querySelector("#id_headline");
const hint = document.createElement("p");

/* How many words readers read in a text: the rule of ``articles.body.words``. */
function wordsIn(html) {
  const text = html
    .replace(/<\/(?:p|h\d|li|blockquote|footer|tr|figcaption|dd|dt)>|<br[^>]*>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&nbsp;", " ");
  return (text.match(/\S+/g) ?? []).length;
}

function tellLength() {
  const count = wordsIn(form.querySelector(".ProseMirror")?.innerHTML ?? field.value);
  const minutes = Math.max(1, Math.round(count / WORDS_A_MINUTE));
  const words = count === 1 ? "1 word" : `${count.toLocaleString("en")} words`;
  const key = document.createElement("kbd");
  key.textContent = navigator.platform.startsWith("Mac") ? "⌘ S" : "Ctrl S";
  const keys = document.createElement("span");
  keys.append(key, " saves and stays here");
  line.replaceChildren(count ? `${words}, ${minutes} min to read` : "Nothing to read yet", keys);
  line.hidden = false;
}

/* Advice, no more: a headline may be as long as its field. */
function tellHeadline() {
  const length = [...headline.value].length;
  hint.hidden = length < NEARLY_LONG;
  hint.classList.toggle("is-long", length > LONG_HEADLINE);
  hint.textContent =
    length > LONG_HEADLINE
      ? `${length} characters. Search engines cut a headline at ${LONG_HEADLINE}.`
      : `${length} of ${LONG_HEADLINE} characters`;
}

if (form && line && field) {
  let wait;
  const soon = () => {
    clearTimeout(wait);
    wait = setTimeout(tellLength, 200);
  };
  form.addEventListener("input", soon);
  // The editor arrives after this script, and writes without an input event where it undoes.
  new MutationObserver(soon).observe(field.closest(".form-row") ?? form, {
    childList: true,
    subtree: true,
    characterData: true,
  });
  tellLength();
}

if (headline?.matches("input")) {
  hint.className = "counts";
  (headline.closest(".flex-container") ?? headline).after(hint);
  headline.addEventListener("input", tellHeadline);
  tellHeadline();
}

if (form) {
  let typed = false;
  let sending = false;
  let pressed = null;
  const buttons = () => [...form.elements].filter((one) => one.type === "submit");

  // What stands in the form and belongs to another, as a preview link's note does, is not of it.
  const note = ({ target }) => {
    if (!("form" in target) || target.form === form) typed = true;
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  window.addEventListener("beforeunload", (event) => {
    if (typed && !sending) event.preventDefault();
  });

  form.addEventListener("submit", (event) => {
    if (sending) {
      event.preventDefault();
      return;
    }
    sending = true;
    pressed = event.submitter;
    // Once the form is on its way: a button that is switched off is not sent with it.
    setTimeout(() => {
      if (event.defaultPrevented) {
        sending = false;
        return;
      }
      for (const button of buttons()) button.disabled = true;
      if (pressed?.matches("input")) {
        pressed.dataset.words = pressed.value;
        pressed.value = SAVES.has(pressed.name) ? "Saving…" : "One moment…";
      }
    });
  });
  // Back by the browser's button, or after an answer that leaves the page where it is.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sending = false;
    for (const button of buttons()) button.disabled = false;
    if (pressed?.dataset.words) pressed.value = pressed.dataset.words;
  });

  document.addEventListener("keydown", (event) => {
    const isSave = event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey);
    if (!isSave || event.altKey || event.shiftKey) return;
    const button = form.querySelector("[name=_continue]") ?? form.querySelector("[name=_save]");
    event.preventDefault();
    if (button && !button.disabled && !event.repeat) form.requestSubmit(button);
  });

  /* A link to a field, as the desk's list of what is missing has: it may be folded away, and the
     text's own field is hidden behind the editor. */
  const show = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const found = id.startsWith("id_") ? document.getElementById(id) : null;
    if (!found || !form.contains(found)) return;
    found.closest("details")?.setAttribute("open", "");
    const seen = found.closest(".form-row") ?? found;
    seen.scrollIntoView({ block: "center" });
    if (found === field) {
      const editor = form.querySelector(".ProseMirror");
      if (editor) editor.focus();
      else found.focus();
    } else {
      const control = seen.querySelector(".select2-selection");
      (control ?? found).focus({ preventScroll: true });
    }
  };
  window.addEventListener("hashchange", show);
  // After the admin's own scripts have dressed the fields.
  if (location.hash) window.addEventListener("load", () => setTimeout(show, 100));
}
