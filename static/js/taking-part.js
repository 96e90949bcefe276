// Taking part: a second click too soon is none, and a comment's menu goes when it is not wanted.
(() => {
  const DOUBLE = 500; // milliseconds
  let last = { id: "", at: 0 };

  // The button that gives respect comes back as one that takes it: the second half of a double
  // click would undo the first. Caught on its way down, before htmx hears of it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.respect, button.follow");
    if (!button) return;
    if (button.id === last.id && event.timeStamp - last.at < DOUBLE) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    last = { id: button.id, at: event.timeStamp };
  }, true);

  // A new press answers an old refusal.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const after = event.target.nextElementSibling;
    if (after && after.matches(".problem")) after.remove();
  });

  const open = () => document.querySelector("details.more-actions[open]");
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && open();
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    const menu = open();
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  // Tabbing past its end closes it too, since it lies over what comes next.
  document.addEventListener("focusin", (event) => {
    const menu = open();
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
})();
