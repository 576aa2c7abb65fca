// The page: what is on it comes from the service, and is shown as text, never as HTML.
import {get, post, remove, upload, call} from "./api.js";
import {beforeAfter, confusion, curves, element, shown} from "./charts.js";

const $ = id => document.getElementById(id);
const ENDED = ["DONE", "FAILED", "CANCELLED"];
const jobs = new Map();
let current = null;
let source = null;

function error(id, problem) {
  $(id).textContent = problem ? problem.message : "";
  $(id).hidden = !problem;
}

/** Runs something; what fails is shown where it was asked for. */
async function attempt(id, work) {
  error(id, null);
  try {
    return await work();
  } catch (problem) {
    error(id, problem);
    return null;
  }
}

function button(text, label, action) {
  const made = element("button", {type: "button", class: "plain", "aria-label": label}, text);
  made.addEventListener("click", action);
  return made;
}

function options(select, names) {
  const chosen = select.value;
  select.replaceChildren(...names.map(name => element("option", {value: name}, name)));
  if (names.includes(chosen)) {
    select.value = chosen;
  }
}

function rows(table, list, columns, nothing) {
  const width = table.querySelectorAll("thead th").length;
  table.tBodies[0].replaceChildren(...(list.length
    ? list.map(each => element("tr", {}, ...columns(each)))
    : [element("tr", {class: "none"}, element("td", {colspan: width}, nothing))]));
}

const cell = (text, style) => element("td", {class: style}, text);
const size = bytes => bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

async function showSets() {
  const sets = await get("/api/pictures");
  rows($("sets"), sets, set => [
    element("th", {scope: "row"}, set.name),
    cell(Object.entries(set.classes).map(([name, count]) => `${name} (${count})`).join(", "), "text"),
    cell(shown.count(set.pictures), "n"), cell(`${set.grey ? "grey" : "colour"}, to ${set.width} x ${set.height}`),
    cell(size(set.bytes), "n"),
    element("td", {}, button("Delete", `Delete the pictures ${set.name}`, () => attempt("upload-error", async () => {
      if (confirm(`Delete the pictures ${set.name}?`)) {
        await remove(`/api/pictures/${set.name}`);
        await showSets();
      }
    })))], "No pictures yet.");
  options($("job").elements.pictures, sets.map(set => set.name));
}

async function showModels() {
  const [zoo, saved] = await Promise.all([get("/api/zoo"), get("/api/models")]);
  const models = [...saved, ...zoo];
  rows($("model-table"), models, model => [
    element("th", {scope: "row"}, model.name),
    cell(model.origin === "zoo" ? "zoo" : `${model.origin} from ${model.from}`), cell(model.data, "text"),
    cell(`${model.channels} x ${model.height} x ${model.width}`), cell(String(model.labels.length), "n"),
    element("td", {class: "n", title: model.accuracyOn ?? ""}, shown.share(model.accuracy)),
    cell(shown.count(model.parameters), "n"), cell(shown.count(model.multiplyAdds), "n"),
    element("td", {}, ...(model.origin === "zoo" ? [] : [
      element("a", {href: `/api/models/${model.name}/archive`, "aria-label": `Download ${model.name}`}, "Download"), " ",
      button("Delete", `Delete the model ${model.name}`, () => attempt("model-error", async () => {
        if (confirm(`Delete the model ${model.name}?`)) {
          await remove(`/api/models/${model.name}`);
          await showModels();
        }
      }))]))], "No models.");
  const names = models.map(model => model.name);
  [$("job").elements.model, $("job").elements.other, $("try-model")].forEach(select => options(select, names));
}

$("upload").addEventListener("submit", event => {
  event.preventDefault();
  const form = event.target;
  attempt("upload-error", async () => {
    const file = form.elements.file.files[0];
    if (!form.elements.name.value || !file) {
      throw new Error("Give the pictures a name, and choose a zip file.");
    }
    const bar = $("upload-progress");
    const send = form.querySelector("button");
    bar.hidden = false;
    send.disabled = true;
    $("upload-status").textContent = "On its way ..";
    try {
      const set = await upload(`/api/pictures/${encodeURIComponent(form.elements.name.value)}`, file, share => {
        bar.value = share;
        if (share === 1) {
          $("upload-status").textContent = "The service looks at every picture ..";
        }
      });
      const left = set.leftOut.length ? ` Left out, no pictures by their names: ${set.leftOut.slice(0, 5).join(", ")}${
        set.leftOut.length > 5 ? ` and ${set.leftOut.length - 5} more` : ""}.` : "";
      $("upload-status").textContent = `${set.pictures} pictures of ${Object.keys(set.classes).length} classes.${left}`;
      form.reset();
      await showSets();
      $("job").elements.pictures.value = set.name;
    } catch (problem) {
      $("upload-status").textContent = "";
      throw problem;
    } finally {
      bar.hidden = true;
      bar.value = 0;
      send.disabled = false;
    }
  });
});

function showFields() {
  const kind = $("job").elements.kind.value;
  document.querySelectorAll("[data-kind]").forEach(label => {
    label.hidden = !label.dataset.kind.split(" ").includes(kind);
  });
}

$("job").addEventListener("change", event => event.target.name === "kind" && showFields());
$("job").addEventListener("submit", event => {
  event.preventDefault();
  attempt("job-error", async () => {
    const request = {};
    for (const field of event.target.elements) {
      const label = field.closest("label");
      if (!field.name || label?.hidden || (field.type === "radio" && !field.checked)) {
        continue;
      }
      if (field.type === "checkbox") {
        request[field.name] = field.checked;
      } else if (field.value !== "") {
        const number = field.type === "number" || field.name === "channels";
        request[field.name] = number ? Number(field.value) : field.value;
      }
    }
    if (request.kind !== "compare" && !request.name) {
      throw new Error("Give the new model a name.");
    }
    const job = await post("/api/jobs", request);
    jobs.set(job.id, job);
    watch(job.id);
    $("jobs").scrollIntoView({behavior: "smooth"});
  });
});

function title(job) {
  const r = job.request;
  return r.kind === "compare" ? `compare ${r.model} with ${r.other}` : `${r.kind} ${r.model} to ${r.name}`;
}

function showList() {
  $("job-list").replaceChildren(...(jobs.size ? [...jobs.values()].reverse().map(job => {
    const line = button("", `Job ${Number(job.id)}, ${title(job)}, ${job.state}`, () => watch(job.id));
    line.setAttribute("aria-current", String(job.id === current));
    line.append(element("span", {}, `${Number(job.id)}`), element("span", {}, title(job)),
      element("span", {class: `state ${job.state}`}, job.state.toLowerCase()));
    return element("li", {}, line);
  }) : [element("li", {class: "hint"}, "No jobs yet.")]));
}

function status(job) {
  const p = job.progress;
  const left = p?.secondsLeft > 0 ? `, about ${Math.ceil(p.secondsLeft)} s left` : "";
  const parts = [job.state.toLowerCase()];
  if (job.state === "RUNNING" && p) {
    parts[0] = p.epochs ? `${p.phase}: epoch ${p.epoch} of ${p.epochs}, step ${p.step} of ${p.steps}${left}` : `${p.phase}${left}`;
    if (p.loss !== null) {
      parts.push(`loss ${p.loss.toFixed(3)}, recognised ${shown.share(p.accuracy)}`);
    }
  }
  if (job.state === "DONE" && job.result?.accuracy != null) {
    parts.push(`${shown.share(job.result.accuracy)} of ${job.result.accuracyOn}`);
  }
  if (job.starts > 1) {
    parts.push(`started ${job.starts} times`);
  }
  return parts.join("; ") + (job.message ? `. ${job.message}` : ".");
}

function showJob(job) {
  $("job-view").hidden = false;
  $("job-title").textContent = `Job ${Number(job.id)}: ${title(job)}`;
  $("job-status").textContent = status(job);
  $("job-progress").value = job.state === "DONE" ? 1 : job.progress?.share ?? 0;
  const act = (text, path) => button(text, `${text} job ${Number(job.id)}`, () => attempt("job-view-error", async () => {
    jobs.set(job.id, await post(`/api/jobs/${job.id}/${path}`));
    watch(job.id);
  }));
  const buttons = [];
  if (!ENDED.includes(job.state)) {
    buttons.push(act("Stop", "cancel"));
  } else if (job.state !== "DONE") {
    buttons.push(act("Go on", "resume"));
  }
  if (job.state === "DONE" && job.request.kind === "compress") {
    buttons.push(element("a", {href: `/api/jobs/${job.id}/report/report.html`, target: "_blank"}, "Report, layer by layer"));
  }
  if (job.state === "DONE" && job.request.kind === "fine-tune") {
    buttons.push(element("a", {href: `/api/jobs/${job.id}/report/curves.csv`}, "Curves as CSV"));
  }
  const text = buttons.map(b => b.textContent).join();
  if ($("job-buttons").dataset.text !== `${job.id} ${text}`) {
    $("job-buttons").dataset.text = `${job.id} ${text}`; // the button that has the focus stays
    $("job-buttons").replaceChildren(...buttons);
  }
  $("curves").hidden = !job.epochs.length;
  if (job.epochs.length) {
    $("curves-svg").replaceChildren(curves(job.epochs, job.request.epochs));
  }
  $("confusion").hidden = !job.result?.confusion;
  if (job.result?.confusion) {
    $("confusion-table").replaceChildren(confusion(job.result.classes, job.result.confusion));
  }
  $("before-after").hidden = !job.result?.rows;
  if (job.result?.rows) {
    $("before-after-table").replaceChildren(...beforeAfter(job.result));
  }
}

/** Shows a job, and what becomes of it. The browser connects again by itself when the service comes back. */
function watch(id) {
  source?.close();
  current = id;
  error("job-view-error", null);
  showList();
  showJob(jobs.get(id));
  const mine = new EventSource(`/api/jobs/${id}/events`);
  source = mine;
  mine.addEventListener("job", event => {
    error("offline", null);
    const job = JSON.parse(event.data);
    const before = jobs.get(id)?.state;
    jobs.set(id, job);
    showJob(job);
    if (before !== job.state) {
      showList();
    }
    if (ENDED.includes(job.state)) {
      mine.close();
      showModels();
    }
  });
  mine.onerror = () => {
    if (source === mine && !ENDED.includes(jobs.get(id)?.state)) {
      error("offline", new Error("The service does not answer. When it is back, the job goes on, and so does this page."));
      if (mine.readyState === EventSource.CLOSED) {
        setTimeout(() => source === mine && watch(id), 2000);
      }
    }
  };
}

async function predict(file) {
  const image = $("drop-image");
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  image.hidden = false;
  image.onload = () => image.classList.toggle("small", image.naturalWidth < 144);
  image.onerror = () => { image.hidden = true; };
  $("drop-text").textContent = file.name;
  $("guesses").replaceChildren();
  $("try-status").textContent = "..";
  await attempt("try-error", async () => {
    const query = `compile=${$("try-compile").checked}&top=5`;
    const answer = await call("POST", `/api/models/${$("try-model").value}/predictions?${query}`, file, "application/octet-stream");
    $("guesses").replaceChildren(...answer.guesses.map(guess => {
      const bar = element("i");
      bar.style.width = `${100 * guess.probability}%`;
      return element("li", {}, element("span", {}, guess.label), element("span", {class: "bar", "aria-hidden": "true"}, bar),
        element("span", {class: "n"}, shown.share(guess.probability)));
    }));
    $("try-status").textContent = `${answer.model}, ${answer.compiled ? "compiled" : "eager"}, ${answer.millis.toFixed(1)} ms`;
  });
  if (!$("try-error").hidden) {
    $("try-status").textContent = "";
  }
}

let dropped = null;
function tryAgain() {
  if (dropped) {
    predict(dropped);
  }
}
$("drop-file").addEventListener("change", event => {
  dropped = event.target.files[0] ?? dropped;
  tryAgain();
});
["try-model", "try-compile"].forEach(id => $(id).addEventListener("change", tryAgain));
["dragenter", "dragover"].forEach(type => $("drop").addEventListener(type, event => {
  event.preventDefault();
  $("drop").classList.add("over");
}));
["dragleave", "drop"].forEach(type => $("drop").addEventListener(type, () => $("drop").classList.remove("over")));
$("drop").addEventListener("drop", event => {
  event.preventDefault();
  dropped = event.dataTransfer.files[0] ?? dropped;
  tryAgain();
});

showFields();
attempt("offline", async () => {
  await Promise.all([showSets(), showModels()]);
  (await get("/api/jobs")).forEach(job => jobs.set(job.id, job));
  showList();
  const last = [...jobs.keys()].pop();
  const active = [...jobs.values()].find(job => !ENDED.includes(job.state));
  if (last) {
    watch(active?.id ?? last);
  }
  document.body.dataset.ready = "true";
});
