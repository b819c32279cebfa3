// What a page of the shop can do beyond what it does without any script: share its tracked link, be installed, and work without signal.
// Loaded by start.js at the first touch, or some seconds after the page is there: never before the page itself.

const words = "@words@";
const prefix = location.pathname.match(/^(\/[a-z]{2}(?=\/|$))?(\/desa\/[^/]+)?/)[0];

// ---- sharing -----------------------------------------------------------------------------------------------------------------------

async function tracked(form) {
  const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

// The form of a page is sent: its two buttons share, or copy; whatever fails is done as without a script, through WhatsApp.
export async function share(form, button) {
  try {
    const link = await tracked(form);
    if (button?.value === "copy" || !navigator.share) {
      await navigator.clipboard.writeText(link.url);
      tell(words.copied);
    } else {
      await navigator.share(link);
    }
  } catch (error) {
    if (error.name !== "AbortError") form.submit();
  }
}

function tell(text, address) {
  document.querySelector(".told")?.remove();
  const told = document.createElement("p");
  told.className = "told";
  told.setAttribute("role", "status");
  const inside = address ? document.createElement("a") : document.createElement("span");
  inside.textContent = text;
  if (address) inside.href = address;
  told.append(inside);
  document.body.append(told);
  if (!address) setTimeout(() => told.remove(), 6000);
}

// ---- installed, and without signal -------------------------------------------------------------------------------------------------

function manifest() {
  const link = document.createElement("link");
  link.rel = "manifest";
  link.href = prefix + "/manifest.webmanifest";
  document.head.append(link);
}

async function worker() {
  if (!("serviceWorker" in navigator)) return;
  let last; // the same news may be told twice: a second call would cut off the page the first one is fetching
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    navigator.serviceWorker.controller?.postMessage({ heard: true });
    const address = data.placed ?? data.refused;
    if (!address || address === last) return;
    last = address;
    if (location.pathname === prefix + "/pesanan-tersimpan") location.replace(address);
    else tell(data.placed ? words.sent : words.refused, address);
  });
  await navigator.serviceWorker.register("/sw.js").catch(() => {}); // without signal the one that is there goes on
  const ready = await navigator.serviceWorker.ready;
  ready.active.postMessage({ keep: prefix, page: location.href });
  const send = () => ready.active.postMessage({ send: true });
  addEventListener("online", send);
  send();
}

for (const button of document.querySelectorAll("[data-share] [value=copy]")) button.classList.add("can");
manifest();
worker();
