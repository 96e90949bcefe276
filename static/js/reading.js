// Reading a long conversation: more replies open in place, what lies folded opens when a link
// leads into it, and new comments are offered, never put in.
(() => {
  const root = document.documentElement;
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  // A link may lead into what is folded: it opens first.
  const unfold = (hash) => {
    const target = hash.length > 1 && document.getElementById(hash.slice(1));
    if (!target) return;
    let opened = false;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      opened = opened || !fold.open;
      fold.open = true;
    }
    if (opened) target.scrollIntoView({ behavior: calm() ? "auto" : "smooth" });
  };
  addEventListener("hashchange", () => unfold(location.hash));
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href^="#comment-"]');
    if (link) unfold(link.hash);
  });
  unfold(location.hash);

  // More replies take the place of the link to them. Focus goes to the first of them, and the
  // page remembers that they were opened, for whoever comes back to it.
  const state = history.state || {};
  const remember = (change) => history.replaceState({ ...history.state, ...change }, "");
  const opening = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    const link = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (!link || !link.dataset || !link.dataset.more) return;
    const line = link.closest("li");
    opening.set(link, { list: line.parentElement, place: [...line.parentElement.children].indexOf(line) });
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const link = event.detail.requestConfig && event.detail.requestConfig.elt;
    const spot = opening.get(link);
    if (!spot) return;
    opening.delete(link);
    if (reopening) return reopening();
    remember({ more: [...((history.state || {}).more || []), link.dataset.more] });
    const first = spot.list.children[spot.place];
    const article = first && first.querySelector("article, a");
    if (!article) return;
    if (article.matches("article")) article.tabIndex = -1;
    article.focus({ preventScroll: true });
  });
  // What cannot be fetched in place is a page of its own.
  ["htmx:responseError", "htmx:sendError"].forEach((name) => {
    document.addEventListener(name, (event) => {
      const link = event.detail.elt;
      if (link && link.dataset && link.dataset.more) location.assign(link.href);
    });
  });

  // Back on a page that the browser did not keep: open again what was open, then scroll there.
  let reopening = null;
  const [arrival] = performance.getEntriesByType("navigation");
  if (arrival && arrival.type !== "navigate" && state.more && state.more.length) {
    const left = [...state.more];
    reopening = () => {
      const link = left.length && document.querySelector(`[data-more="${CSS.escape(left.shift())}"]`);
      if (link) return link.click();
      reopening = null;
      if (state.at) scrollTo({ top: state.at, behavior: "instant" });
    };
    addEventListener("load", () => reopening && reopening());
  }
  addEventListener("pagehide", () => {
    if ((history.state || {}).more) remember({ at: Math.round(scrollY) });
  });

  // New comments: a small question that caches can answer, asked while somebody reads here.
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  document.getElementById("main").append(said);
  const SECOND = 1000, QUICK = 30 * SECOND, SLOW = 60 * SECOND, IDLE = 60 * 60 * SECOND;
  let own = 0; // sent from this page since
  document.addEventListener("comment-sent", () => { own += 1; });
  let wait = QUICK, timer = 0, offered = 0, active = Date.now(), reached = false;

  const conversation = () => document.querySelector("#conversation[data-last]");
  const withdraw = () => {
    const shown = document.querySelector(".offer");
    if (shown) shown.remove();
    root.classList.remove("has-offer");
  };
  const offer = (section, last) => {
    const known = Number(section.dataset.last), count = last - known - own;
    if (count <= 0 || last === offered) return;
    offered = last;
    const words = count === 1 ? "1 new comment" : `${count} new comments`;
    const shown = document.querySelector(".offer");
    if (shown) {
      shown.firstChild.textContent = words;
      return;
    }
    const box = document.createElement("div"), link = document.createElement("a");
    const close = document.createElement("button");
    box.className = "offer";
    link.href = `${section.dataset.address}?since=${known}`;
    link.textContent = words;
    close.type = "button";
    close.textContent = "Not now";
    let before = null;
    box.addEventListener("focusin", (event) => {
      if (!box.contains(event.relatedTarget)) before = event.relatedTarget;
    });
    close.addEventListener("click", () => {
      const next = before && before.isConnected ? before : document.getElementById("comments");
      if (box.contains(document.activeElement)) next.focus({ preventScroll: true });
      withdraw();
    });
    box.append(link, close);
    section.append(box);
    root.classList.add("has-offer");
    // Said once; what comes later only counts up.
    if (!said.textContent) said.textContent = "There are new comments. The link to them is at the end of the conversation.";
  };
  // Who sends a comment gets the conversation as it stands now.
  document.addEventListener("htmx:afterSettle", () => {
    const section = conversation();
    if (section && Number(section.dataset.last) >= offered) withdraw();
  });
  const ask = async () => {
    timer = 0;
    const section = conversation();
    if (!section || document.hidden || Date.now() - active > IDLE) return;
    try {
      // Without cookies the answer is everybody's.
      const answer = await fetch(`${section.dataset.address}latest/`, { credentials: "omit" });
      if (answer.status === 404) return; // closed, or gone
      if (!answer.ok) throw new Error(answer.status);
      offer(section, (await answer.json()).last);
      wait = Math.min(SLOW, wait + 10 * SECOND);
    } catch {
      wait = Math.min(10 * SLOW, wait * 2);
    }
    plan();
  };
  // Not all pages ask at the same moment.
  const plan = () => {
    if (!timer && reached && !document.hidden) timer = setTimeout(ask, wait * (0.9 + Math.random() / 5));
  };
  const wake = () => {
    const slept = Date.now() - active > IDLE;
    active = Date.now();
    if (slept) plan();
  };
  ["pointerdown", "keydown", "scroll"].forEach((name) => addEventListener(name, wake, { passive: true }));
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    timer = 0;
    if (!document.hidden) {
      active = Date.now();
      wait = QUICK;
      plan();
    }
  });
  if (conversation() && "IntersectionObserver" in window) {
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((entry) => entry.isIntersecting)) return;
      reached = true;
      watch.disconnect();
      plan();
    });
    watch.observe(conversation());
  }
})();
