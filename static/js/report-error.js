// A passage that is selected in the story can be reported: a link appears beside it, which leads
// to the form with the passage in it. Nothing is sent, and nothing happens to the selection.
(() => {
  const story = document.querySelector("article.article .body");
  const form = document.querySelector(".report-error a");
  if (!story || !form) return;
  const SHORTEST = 3, LONGEST = 1000;
  const link = document.createElement("a");
  link.className = "report-here";
  link.rel = "nofollow";
  link.textContent = "Report an error here";
  link.hidden = true;
  // The selection stays while the link is pressed, and with it the link.
  link.addEventListener("pointerdown", (event) => event.preventDefault());
  document.body.append(link);

  const show = () => {
    const selected = getSelection();
    const quote = selected.toString().trim().replace(/\s+/g, " ");
    const range = selected.rangeCount && !selected.isCollapsed && selected.getRangeAt(0);
    const isHere = range && story.closest("article").contains(range.commonAncestorContainer);
    link.hidden = !isHere || quote.length < SHORTEST;
    if (link.hidden) return;
    link.href = `${form.href}?${new URLSearchParams({ quote: quote.slice(0, LONGEST) })}`;
    // Under the selection, where no system puts its own menu; beside the button that quotes it for
    // a comment, where there is one, and within the page.
    const lines = range.getClientRects(), end = lines[lines.length - 1] || range.getBoundingClientRect();
    const quoting = document.querySelector(".quote-button")?.getBoundingClientRect();
    const widest = document.documentElement.clientWidth - link.offsetWidth - 8;
    const isBeside = quoting && quoting.right + 8 <= widest;
    const wanted = isBeside ? quoting.right + 8 : quoting ? quoting.left : end.right - link.offsetWidth / 2;
    const top = isBeside ? quoting.top : quoting ? quoting.bottom + 6 : end.bottom + 8;
    link.style.left = `${Math.max(8, Math.min(wanted, widest)) + scrollX}px`;
    link.style.top = `${top + scrollY}px`;
  };
  // After the other button has found its place.
  let timer = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 250);
  });
  addEventListener("resize", show);
})();
