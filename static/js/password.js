// A button beside each password that shows what was typed, so that nobody has to type it twice.
for (const input of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "show-password";
  button.textContent = "Show";
  button.setAttribute("aria-controls", input.id);
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-label", "Show password");
  const beside = document.createElement("div");
  beside.className = "with-button";
  input.replaceWith(beside);
  beside.append(input, button);
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? "Show" : "Hide";
    button.setAttribute("aria-pressed", String(!shown));
  });
  // A browser must not learn the password as ordinary text.
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}
