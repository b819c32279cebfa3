// The post editor while somebody types: pictures, counts and the draft follow by themselves. Without this file the buttons do the same.
const form = document.querySelector("form[data-editor]");
const PICTURE = 160, WORDS = 250, KEEP = 1200, DRAG = 60, TILES = 900; // milliseconds of quiet before something is asked for
const SEEN = new Set(["poster", "judul", "kicker", "badge", "isi", "kode", "foto", "cerah", "language", "fokus_kiri", "fokus_atas",
  "acara_judul", "acara_tanggal", "acara_jam", "acara_tempat", "acara_cerita"]);

const later = (wait, act) => {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(act, wait); };
};

const fields = () => {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
};

const send = (path, more = {}) => fetch(path, { method: "POST", body: fields(), ...more });

// ---- pictures: one request each; a newer one stops the older
const asked = new Map();

async function draw(figure) {
  const answer = await picture(figure, figure.dataset.source);
  if (!answer) return;
  told.set(figure, JSON.parse(decodeURIComponent(answer.headers.get("Gapura-Told") || "[]")));
  tellOfPictures();
}

async function picture(figure, source) {
  asked.get(figure)?.abort();
  const stop = new AbortController();
  asked.set(figure, stop);
  figure.setAttribute("aria-busy", "true");
  try {
    const answer = await send(source, { signal: stop.signal });
    if (!answer.ok || answer.redirected) return null;
    const image = figure.querySelector("img"), before = image.src;
    image.src = URL.createObjectURL(await answer.blob());
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
    return answer;
  } catch (error) {
    if (error.name !== "AbortError") form.dataset.offline = "1";
    return null;
  } finally {
    if (asked.get(figure) === stop) figure.removeAttribute("aria-busy");
  }
}

// A sentence about all pictures stands once; one about some says which.
const told = new Map();

function tellOfPictures() {
  const about = new Map();
  for (const [figure, sentences] of told) for (const text of sentences) about.set(text, [...(about.get(text) || []), figure.dataset.name]);
  const all = document.querySelectorAll("figure[data-source]").length;
  tell(document.getElementById("told"), [...about].map(([text, names]) => (names.length < all ? `${names.join(", ")}: ${text}` : text)));
}

function tell(list, sentences) {
  list.replaceChildren(...sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  list.hidden = sentences.length === 0;
}

const drawAll = () => document.querySelectorAll("figure[data-source]").forEach(draw);

// ---- the small pictures of all looks: those in sight, one after the other, once the large ones are done; the rest when they come into sight
const stale = new Set(), inSight = new Set();
let tiling = false;

async function tile() {
  if (tiling) return;
  tiling = true;
  for (let next; (next = [...stale].find((one) => inSight.has(one)));) {
    stale.delete(next);
    await picture(next, next.dataset.tile);
  }
  tiling = false;
}

const tiles = () => [...document.querySelectorAll("[data-tile]")];
const sight = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) inSight[isIntersecting ? "add" : "delete"](target);
  tile();
});

function tileAll() {
  tiles().forEach((one) => stale.add(one));
  tile();
}

// ---- words: how long they are on each network, and what is wrong with them
async function count() {
  const answer = await send(form.dataset.count).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const { accounts, told } = await answer.json();
  for (const { id, length, most } of accounts) {
    const shown = document.getElementById(`count-${id}`);
    shown.textContent = `${length} / ${most}`;
    shown.classList.toggle("over", length > most);
  }
  tell(document.getElementById("words-told"), told);
}

// ---- the draft
async function keep() {
  const answer = await send(form.dataset.keep, { headers: { Accept: "application/json" } }).catch(() => null);
  const said = document.getElementById("kept");
  if (!answer?.ok || answer.redirected) { said.textContent = form.dataset.notKept; return; } // redirected: signed out meanwhile
  const { id, told } = await answer.json();
  form.elements.draf.value = id;
  history.replaceState(null, "", `${form.dataset.keep}/${id}`);
  said.textContent = told;
}

// ---- a look that has no place for a text says so below it
function fit() {
  const shown = (form.querySelector("input[name=poster]:checked")?.dataset.shows || "").split(" ");
  form.querySelectorAll("[data-needs]").forEach((part) => { part.querySelector(".unseen-here").hidden = shown.includes(part.dataset.needs); });
}

const soon = { draw: later(PICTURE, drawAll), count: later(WORDS, count), keep: later(KEEP, keep), drag: later(DRAG, drawAll), tile: later(TILES, tileAll) };

function changed(event) {
  const { name, type } = event.target;
  if (!name || type === "file") return;
  if (name === "poster") fit();
  if (SEEN.has(name)) soon.draw();
  if (SEEN.has(name) && name !== "poster") soon.tile();
  if (name === "caption" || name === "account") soon.count();
  soon.keep();
}

// ---- the point that every crop keeps
const spot = document.getElementById("spot");

function mark(left, top) {
  spot.setAttribute("cx", `${left}%`);
  spot.setAttribute("cy", `${top}%`);
}

function point(photo) {
  const ranges = [form.elements.fokus_kiri, form.elements.fokus_atas];
  const at = (event) => {
    const box = photo.getBoundingClientRect();
    const share = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    ranges.forEach((range, place) => { range.value = Math.round(100 * Math.min(1, Math.max(0, share[place]))); });
    mark(ranges[0].value, ranges[1].value);
    soon.drag();
    soon.tile();
  };
  photo.addEventListener("click", (event) => event.preventDefault());
  photo.addEventListener("dragstart", (event) => event.preventDefault());
  photo.addEventListener("pointerdown", (event) => { photo.setPointerCapture(event.pointerId); at(event); });
  photo.addEventListener("pointermove", (event) => { if (photo.hasPointerCapture(event.pointerId)) at(event); });
  photo.addEventListener("pointerup", soon.keep);
  ranges.forEach((range) => range.addEventListener("input", () => mark(ranges[0].value, ranges[1].value)));
}

if (form) {
  document.documentElement.classList.add("live");
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  tiles().forEach((one) => sight.observe(one));
  const photo = form.querySelector("input[type=image]");
  if (photo) point(photo);
  // What changes which fields there are needs the whole page again: another photo, one picture or an album.
  form.querySelectorAll("[data-again]").forEach((field) => field.addEventListener("change", () => document.getElementById("again").click()));
}
