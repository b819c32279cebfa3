// Drags a post to another day: the form that works without this script is sent with the new day in it.
const form = document.getElementById("dragged");
const hint = document.querySelector(".drag-hint");
if (form && hint && matchMedia("(pointer: fine)").matches) {
  hint.hidden = !document.querySelector("[data-target]");
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-target]");
    if (dragged) event.dataTransfer.setData("text/plain", dragged.dataset.target);
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    for (const day of document.querySelectorAll(".over")) day.classList.remove("over");
  });
  for (const day of document.querySelectorAll("[data-date]")) {
    day.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      day.classList.add("over");
    });
    day.addEventListener("dragleave", (event) => {
      if (!day.contains(event.relatedTarget)) day.classList.remove("over");
    });
    day.addEventListener("drop", (event) => {
      if (!dragged || day.contains(dragged)) return;
      event.preventDefault();
      form.action = `/desk/kalender/sasaran/${dragged.dataset.target}/jadwal`;
      form.elements.date.value = day.dataset.date;
      form.submit();
    });
  }
}
