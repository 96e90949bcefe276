/* The story's form: choosing pictures from the library. */

const address = document.querySelector("[data-picker]")?.dataset.picker;
const dialog = document.createElement("dialog");
let chosen = null;

async function showCards(query) {
  const answer = await fetch(`${address}?cards&${query}`);
  const cards = dialog.querySelector(".picture-list");
  cards.innerHTML = answer.ok ? await answer.text() : "<p>The library does not answer.</p>";
}

function openPicker(pick) {
  chosen = pick;
  if (!dialog.isConnected) {
    dialog.className = "picture-dialog";
    dialog.setAttribute("aria-label", "Picture library");
    dialog.innerHTML = `
      <div class="picture-dialog-head">
        <input type="search" aria-label="Search pictures" placeholder="Search pictures">
        <a target="_blank" rel="noopener">Upload a picture</a>
        <button type="button">Close</button>
      </div>
      <div class="picture-list"></div>`;
    dialog.querySelector("a").href = new URL("../add/", new URL(address, document.baseURI)).href;
    const search = dialog.querySelector("input");
    let wait;
    search.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => showCards(`q=${encodeURIComponent(search.value)}`), 250);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    dialog.querySelector("button").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      const card = event.target.closest(".picture-card");
      const more = event.target.closest('.picture-list a[href^="?"]');
      if (card) {
        dialog.close();
        chosen({ ...card.dataset });
      } else if (more) {
        event.preventDefault();
        showCards(more.getAttribute("href").slice(1));
      }
    });
    document.body.append(dialog);
    // A picture uploaded in the other tab is there when one comes back.
    window.addEventListener("focus", () => {
      if (dialog.open) showCards(`q=${encodeURIComponent(search.value)}`);
    });
  }
  showCards(`q=${encodeURIComponent(dialog.querySelector("input").value)}`);
  dialog.showModal();
}

if (address) {
  document.addEventListener("picture:choose", (event) => openPicker(event.detail.pick));

  const lead = document.querySelector("#id_lead_image");
  if (lead) {
    const show = (src, alt) => {
      const old = document.querySelector(".lead-preview");
      const made = document.createElement(src ? "img" : "span");
      made.className = src ? "lead-preview" : "lead-preview empty";
      if (src) Object.assign(made, { src, alt });
      else made.textContent = "No picture";
      old?.replaceWith(made);
    };
    const button = document.createElement("button");
    button.type = "button";
    button.className = "choose-picture";
    button.textContent = "Choose from the library";
    button.addEventListener("click", () =>
      openPicker(({ pk, title, src, alt }) => {
        lead.replaceChildren(new Option("", ""), new Option(title, pk, true, true));
        lead.dispatchEvent(new Event("change", { bubbles: true }));
        window.django?.jQuery(lead).trigger("change");
        show(src, alt);
      }),
    );
    lead.closest(".flex-container").after(button);
    // Select2 speaks jQuery: its own choice shows the picture too.
    window.django?.jQuery(lead).on("select2:select select2:clear", async () => {
      if (!lead.value) return show("");
      const answer = await fetch(`${address}?cards&pk=${encodeURIComponent(lead.value)}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const card = page.querySelector(".picture-card");
      show(card?.dataset.src ?? "", card?.dataset.alt ?? "");
    });
  }
}
