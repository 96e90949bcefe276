/* The picture library's forms: the focal point by a click, and several files one after another.

   Without this script the point is two numbers, and the files go in together. */

function focus(frame) {
  const across = document.querySelector("#id_focal_x");
  const down = document.querySelector("#id_focal_y");
  if (!across || !down) return;
  const width = Number(frame.dataset.width);
  const height = Number(frame.dataset.height);
  const picture = frame.querySelector(".focus-picture");
  const within = (value, least, most) => Math.min(Math.max(value, least), most);

  /* The same sum as crop_box in articles/pictures.py. */
  const show = () => {
    const x = within(Number(across.value) || 0, 0, 1) * width;
    const y = within(Number(down.value) || 0, 0, 1) * height;
    for (const point of frame.querySelectorAll("circle")) {
      point.setAttribute("cx", x);
      point.setAttribute("cy", y);
    }
    for (const crop of frame.querySelectorAll("[data-ratio]")) {
      const [wide, high] = crop.dataset.ratio.split(":").map(Number);
      const w = Math.min(width, (height * wide) / high);
      const h = Math.min(height, (width * high) / wide);
      const left = within(x - w / 2, 0, width - w);
      const top = within(y - h / 2, 0, height - h);
      crop.setAttribute("viewBox", `${left} ${top} ${w} ${h}`);
    }
  };
  const set = (x, y) => {
    across.value = within(x, 0, 1).toFixed(3);
    down.value = within(y, 0, 1).toFixed(3);
    across.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const at = (event) => {
    const spot = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = spot.matrixTransform(picture.getScreenCTM().inverse());
    set(x / width, y / height);
  };

  picture.classList.add("clickable");
  frame.querySelector(".focus-hint").hidden = false;
  picture.addEventListener("click", at);
  // Dragging is the mouse's: a finger that moves over the picture scrolls the page.
  picture.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" && event.buttons === 1) at(event);
  });
  across.addEventListener("input", show);
  down.addEventListener("input", show);
}

async function send(form, list) {
  const files = form.querySelector("[type=file]");
  const most = Number(form.dataset.most);
  const button = form.querySelector("[type=submit]");
  const common = new FormData(form);
  common.delete("files");
  common.set("alone", "1");
  button.disabled = true;
  for (const file of [...files.files].slice(0, most)) {
    const line = document.createElement("li");
    line.textContent = `${file.name} …`;
    list.append(line);
    const data = new FormData();
    for (const [name, value] of common) data.append(name, value);
    data.append("files", file);
    try {
      const answer = await fetch("", { method: "POST", body: data });
      if (!answer.ok) throw new Error(answer.status === 413 ? "it is too large" : `answer ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      line.replaceWith(...page.body.children);
    } catch (error) {
      line.className = "refused";
      line.textContent = `${file.name}: not uploaded (${error.message}). Send it again.`;
    }
  }
  if (files.files.length > most) {
    const line = document.createElement("li");
    line.className = "refused";
    line.textContent = `The first ${most} were taken. Send the others again.`;
    list.append(line);
  }
  button.disabled = false;
  files.value = "";
}

function start() {
  const frame = document.querySelector(".focus");
  if (frame) focus(frame);
  const form = document.querySelector(".picture-upload form");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, document.querySelector(".taken-list"));
  });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
