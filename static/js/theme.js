// Light or dark as chosen on this device. It runs before the first paint, so that nothing flashes.
(() => {
  const root = document.documentElement;
  let choice = null;
  try {
    choice = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; the device's own setting holds then.
  }
  const apply = (value) => {
    if (value === "light" || value === "dark") root.dataset.theme = value;
    else delete root.dataset.theme;
  };
  apply(choice);
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form.theme");
    if (!form) return;
    form.hidden = false;
    form.elements.theme.value = choice === "light" || choice === "dark" ? choice : "auto";
    form.addEventListener("change", () => {
      const value = form.elements.theme.value;
      apply(value);
      try {
        localStorage.setItem("theme", value);
      } catch {
        // The choice holds for this page at least.
      }
    });
  });
})();
