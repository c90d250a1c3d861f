// Uploads by drop or choice, progress of a running job, ticks. Everything else works without it.
"use strict";

const drop = document.getElementById("drop");
if (drop) {
  const list = document.getElementById("uploads");
  const upload = async (file) => {
    const line = document.createElement("li");
    line.textContent = file.name + " …";
    list.append(line);
    try {
      const answer = await fetch(drop.dataset.address + "?name=" + encodeURIComponent(file.name), {
        method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" },
      });
      const said = await answer.json();
      if (!answer.ok) {
        line.className = "bad";
        line.textContent = said.problem;
        return "";
      }
      line.textContent = "";
      const link = document.createElement("a");
      link.href = said.location;
      link.textContent = file.name;
      line.append(link);
      return said.location;
    } catch {
      line.className = "bad";
      line.textContent = file.name + ": " + drop.dataset.failed;
      return "";
    }
  };
  const take = async (files) => {
    const found = [];
    for (const file of files) found.push(await upload(file));
    if (found.length === 1 && found[0]) location.assign(found[0]);
  };
  const choice = document.getElementById("files");
  choice.addEventListener("change", () => { const files = [...choice.files]; choice.value = ""; take(files); });
  document.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
}

for (const place of document.querySelectorAll(".upload")) {
  const choice = place.querySelector("input");
  const problem = place.nextElementSibling;
  choice.addEventListener("change", async () => {
    const [file] = choice.files;
    choice.value = "";
    try {
      const answer = await fetch(place.dataset.address + "?name=" + encodeURIComponent(file.name), {
        method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" },
      });
      if (answer.ok) return location.reload();
      problem.textContent = (await answer.json()).problem;
    } catch {
      problem.textContent = place.dataset.failed;
    }
    problem.hidden = false;
  });
}

const progress = document.getElementById("progress");
if (progress) {
  const bar = progress.querySelector("progress");
  const step = progress.querySelector(".step");
  const words = progress.querySelector(".words");
  const look = async () => {
    try {
      const answer = await fetch(progress.dataset.address);
      if (answer.status === 403 || answer.status === 404) return location.reload();
      const said = await answer.json();
      if (!said.running || String(said.job) !== progress.dataset.job) return location.reload();
      if (step.textContent !== said.step) step.textContent = said.step;
      words.textContent = said.words;
      if (said.total) { bar.max = said.total; bar.value = said.done; }
    } catch {
      step.textContent = progress.dataset.lost;
    }
    setTimeout(look, 700);
  };
  look();
}

const examples = new Map([...document.querySelectorAll("#columns option")].map((one) => [one.value, one.dataset.example]));
for (const chosen of document.querySelectorAll("[data-column]")) {
  const show = () => { chosen.parentElement.querySelector(".example").textContent = examples.get(chosen.value) || ""; };
  chosen.addEventListener("change", show);
  show();
}

for (const button of document.querySelectorAll("[data-tick]")) {
  button.addEventListener("click", () => {
    for (const box of button.form.querySelectorAll("input[type=checkbox]:not([name])")) box.checked = true;
  });
}
