/* An order of stories: dragging does what the numbers and buttons do, and the search answers as one
   types. Without this script all of it works by the form's own buttons. */

const list = document.querySelector("[data-order]");
const save = list?.closest("form")?.querySelector("button[name=save]:not([tabindex])");

if (list && save) {
  for (const words of document.querySelectorAll(".with-script")) words.hidden = false;
  let dragged = null;
  let from = null;
  for (const row of list.children) {
    const handle = row.querySelector(".order-picture");
    handle.draggable = true;
    // A picture would be dragged by itself.
    for (const picture of handle.querySelectorAll("img")) picture.draggable = false;
    handle.addEventListener("dragstart", (event) => {
      dragged = row;
      from = row.nextElementSibling;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.pk);
      event.dataTransfer.setDragImage(row, 20, 20);
      // Later, so that the image is of the row as it was.
      setTimeout(() => row.classList.add("is-dragged"));
    });
    handle.addEventListener("dragend", () => {
      row.classList.remove("is-dragged");
      // Let go outside the list: nothing was meant.
      if (dragged) list.insertBefore(row, from);
      dragged = null;
    });
  }
  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const over = event.target.closest(".order-row");
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    const isBelow = event.clientY > box.top + box.height / 2;
    list.insertBefore(dragged, isBelow ? over.nextElementSibling : over);
  });
  list.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const number = dragged.querySelector("input[type=number]");
    const place = [...list.children].indexOf(dragged) + 1;
    const isMoved = Number(number.defaultValue) !== place;
    dragged = null;
    if (!isMoved) return;
    number.value = place;
    save.form.requestSubmit(save);
  });
}

const search = document.querySelector(".front-search input[type=search]");
const results = document.querySelector("[data-found]");

if (search && results) {
  let wait;
  let asked = 0;
  results.setAttribute("aria-live", "polite");
  search.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(async () => {
      const number = ++asked;
      const address = new URL(search.form.action);
      address.search = new URLSearchParams({ q: search.value, results: "1" });
      try {
        const answer = await fetch(address);
        // Only the last question counts, in whatever order the answers come.
        if (answer.ok && number === asked) results.innerHTML = await answer.text();
      } catch {
        // No connection: the button asks again.
      }
    }, 250);
  });
}
