// Calls of the service. What it refuses becomes an error with its own words.

export class Refused extends Error {
  constructor(answer) {
    const given = answer.given && answer.given !== "null" ? ` Given: ${answer.given}.` : "";
    const allowed = answer.allowed && answer.allowed !== "null" ? ` Allowed: ${answer.allowed}.` : "";
    super(`${answer.error}.${given}${allowed}`);
    this.status = answer.status;
  }
}

function refused(status, text) {
  try {
    return new Refused(JSON.parse(text));
  } catch {
    return new Refused({status, error: `The service answered with status ${status}`});
  }
}

export async function call(method, path, body, type) {
  const headers = type ? {"Content-Type": type} : {};
  let response;
  try {
    response = await fetch(path, {method, body, headers});
  } catch {
    throw new Refused({status: 0, error: "The service does not answer; is it running"});
  }
  const text = await response.text();
  if (!response.ok) {
    throw refused(response.status, text);
  }
  return text ? JSON.parse(text) : null;
}

export const get = path => call("GET", path);
export const remove = path => call("DELETE", path);
export const post = (path, object) =>
  call("POST", path, object === undefined ? undefined : JSON.stringify(object), object === undefined ? undefined : "application/json");

/** Uploads a file and says how far it is; fetch cannot. */
export function upload(path, file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", path);
    request.setRequestHeader("Content-Type", "application/zip");
    request.upload.onprogress = event => progress(event.loaded / Math.max(1, event.total));
    request.onload = () => request.status < 300
      ? resolve(JSON.parse(request.responseText)) : reject(refused(request.status, request.responseText));
    request.onerror = () => reject(new Refused({status: 0, error: "The connection broke while the file was sent"}));
    request.send(file);
  });
}
