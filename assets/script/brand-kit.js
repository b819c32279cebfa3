// The village's colours while somebody tries them: the example posters follow. Without this file the button below them does the same.
const WAIT = 200; // milliseconds of quiet
const SEEN = new Set(["primary", "dark", "accent", "light", "pattern"]);
let timer;

function draw(form) {
  for (const image of document.querySelectorAll("img[data-kit]")) {
    const address = new URL(image.src);
    for (const name of SEEN) address.searchParams.set(name === "pattern" ? "motif" : name, form.elements[name].value);
    image.src = address;
  }
}

document.querySelector("form[action='/desk/desa']")?.addEventListener("input", (event) => {
  if (!SEEN.has(event.target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(() => draw(event.target.form), WAIT);
});
