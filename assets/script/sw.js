// The shop without signal: the last pages, a card with phone numbers and coordinates, the cart, and an order that goes out later, once.

const KEPT = "gapura-1";
const LATE = 8000; // milliseconds after which a page we have is shown instead of one that does not come
const QUEUE = "orders";
const NEWS = "/-news";
const prefixOf = (path) => path.match(/^(\/[a-z]{2}(?=\/|$))?(\/desa\/[^/]+)?/)[0];
const isKept = (rest) => /^\/?($|wisata\/|umkm\/|produk|jenis\/|keranjang$|pesan$|tanpa-sinyal$|pesanan-tersimpan$)/.test(rest);
const isShops = (path) => !/^\/(desk|media|gambar|Q|q|style|skrip)(\/|$)/.test(path);

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) =>
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
      await clients.claim();
    })(),
  ),
);

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin === location.origin && url.pathname.startsWith("/skrip/")) event.respondWith(script(request));
  if (url.origin !== location.origin || request.mode !== "navigate" || !isShops(url.pathname)) return;
  const prefix = prefixOf(url.pathname);
  const rest = url.pathname.slice(prefix.length);
  if (request.method === "GET") event.respondWith(page(event, url, prefix, rest));
  else if (rest === "/pesan") event.respondWith(order(event, prefix));
  else if (rest.startsWith("/keranjang")) event.respondWith(cart(request, prefix));
});

// ---- pages -------------------------------------------------------------------------------------------------------------------------

async function page(event, url, prefix, rest) {
  const kept = await caches.open(KEPT);
  if (rest === "/pesanan-tersimpan") return (await kept.match(url.pathname + url.search)) ?? fetch(event.request);
  const coming = fetch(event.request).then((answer) => {
    if (answer.ok && isKept(rest) && !answer.redirected) event.waitUntil(keep(kept, url, prefix, rest, answer.clone()));
    return answer;
  });
  const known = isKept(rest) ? await kept.match(url.pathname, { ignoreSearch: true }) : undefined;
  try {
    return await (known ? Promise.race([coming, late(known)]) : coming);
  } catch {
    coming.catch(() => {});
    return known ?? (await kept.match(prefix + "/tanpa-sinyal")) ?? Response.error();
  }
}

const late = (known) => new Promise((resolve) => setTimeout(() => resolve(known), LATE));

async function script(request) {
  const kept = await caches.open(KEPT);
  const known = await kept.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) {
    for (const old of await kept.keys()) if (new URL(old.url).pathname.startsWith("/skrip/")) await kept.delete(old);
    await kept.put(request, answer.clone());
  }
  return answer;
}

async function keep(kept, url, prefix, rest, answer) {
  await kept.put(url.pathname, answer);
  if (rest === "/keranjang") await fetchInto(kept, prefix + "/pesan"); // whoever looks at the cart may order where there is no signal
}

async function fetchInto(kept, path) {
  try {
    const answer = await fetch(path, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected) await kept.put(path, answer);
  } catch {
    // the next page tries again
  }
}

async function cart(request, prefix) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    await kept.delete(prefix + "/pesan"); // the form belongs to the cart as it was
    return answer;
  } catch {
    return (await kept.match(prefix + "/tanpa-sinyal")) ?? Response.error();
  }
}

// ---- an order without signal -------------------------------------------------------------------------------------------------------

async function order(event, prefix) {
  const kept = await caches.open(KEPT);
  const body = await event.request.clone().text();
  try {
    const answer = await fetch(event.request);
    if (answer.status >= 502) throw new Error(answer.status);
    for (const path of ["/pesan", "/pesanan-tersimpan?lihat"]) await kept.delete(prefix + path); // one form is one order
    return answer;
  } catch {
    await store("readwrite", (orders) => orders.put({ key: new URLSearchParams(body).get("form_key"), prefix, body }));
    await kept.delete(prefix + "/pesan");
    await registration.sync?.register(QUEUE).catch(() => {});
    return Response.redirect(prefix + "/pesanan-tersimpan", 303);
  }
}

// The order's own key makes one order of it, however often it arrives: what is in doubt may be sent again.
function send() {
  return navigator.locks.request(QUEUE, async () => {
    for (const { key, prefix, body } of await store("readonly", (orders) => orders.getAll())) {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const answer = await fetch(prefix + "/pesan", { method: "POST", body, headers, credentials: "same-origin" });
      if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
      await store("readwrite", (orders) => orders.delete(key));
      await told(answer, prefix);
    }
  });
}

async function told(answer, prefix) {
  const news = {};
  const kept = await caches.open(KEPT);
  if (answer.ok) {
    news.placed = answer.url;
  } else {
    news.refused = prefix + "/pesanan-tersimpan?lihat"; // the form as it came back, with everything typed and what to put right
    const { headers } = answer;
    await kept.put(news.refused, new Response(await answer.blob(), { headers }));
  }
  await kept.put(NEWS, Response.json(news)); // until somebody has heard it: the page may not be listening yet
  await tell(await clients.matchAll({ includeUncontrolled: true }));
}

async function tell(listeners) {
  const news = await (await (await caches.open(KEPT)).match(NEWS))?.json();
  if (news) for (const client of listeners) client.postMessage(news);
}

addEventListener("sync", (event) => {
  if (event.tag === QUEUE) event.waitUntil(send());
});

addEventListener("message", (event) => {
  const { keep: prefix, page: address, send: wanted, heard } = event.data;
  if (wanted) event.waitUntil(send().catch(() => {}).then(() => tell([event.source])));
  if (heard) event.waitUntil(caches.open(KEPT).then((kept) => kept.delete(NEWS)));
  if (prefix !== undefined) event.waitUntil(first(prefix, address));
});

// What is there from the first visit on: the village, the page that was open, and what is shown when nothing else is.
async function first(prefix, address) {
  const kept = await caches.open(KEPT);
  const here = new URL(address).pathname;
  for (const path of new Set([prefix + "/tanpa-sinyal", prefix + "/pesanan-tersimpan", prefix + "/", here])) {
    const isOld = path.endsWith("/tanpa-sinyal") || !(await kept.match(path)); // phone numbers change
    if (isKept(path.slice(prefix.length)) && isOld) await fetchInto(kept, path);
  }
}

function store(mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("gapura", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("orders", { keyPath: "key" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("orders", mode);
      const request = work(transaction.objectStore("orders"));
      transaction.oncomplete = () => {
        resolve(request.result);
        opening.result.close();
      };
      transaction.onerror = () => reject(transaction.error);
    };
  });
}
