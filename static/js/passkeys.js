// Passkeys: what works only with script shows itself, and a failure is said on the page.
for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = !window.PublicKeyCredential;

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  let note = document.getElementById("passkey-problem");
  if (!note) {
    note = document.createElement("p");
    note.id = "passkey-problem";
    note.className = "note stop";
    note.setAttribute("role", "alert");
    document.querySelector("main h1").after(note);
  }
  note.textContent = "That did not work: no key answered. Try again, or choose another way.";
});
