// The real Bluesky server on a port of this machine, with a directory of identities of its own; it ends when its parent does.
const fs = require("fs");
const http = require("http");
const net = require("net");
const os = require("os");
const path = require("path");

const identities = {};
const directory = http.createServer((request, answer) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const did = decodeURIComponent(request.url.split("/")[1] || "");
    answer.setHeader("content-type", "application/json");
    if (request.method === "POST") {
      identities[did] = JSON.parse(body);
      return answer.end("{}");
    }
    const known = identities[did];
    if (!known) {
      answer.statusCode = 404;
      return answer.end("{}");
    }
    if (request.url.endsWith("/data")) return answer.end(JSON.stringify({ did, ...known }));
    const key = known.verificationMethods.atproto.replace("did:key:", "");
    const method = { id: `${did}#atproto`, type: "Multikey", controller: did, publicKeyMultibase: key };
    const home = { id: "#atproto_pds", type: "AtprotoPersonalDataServer", serviceEndpoint: known.services.atproto_pds.endpoint };
    answer.end(JSON.stringify({ id: did, alsoKnownAs: known.alsoKnownAs, verificationMethod: [method], service: [home] }));
  });
});

function freePort() {
  return new Promise((found) => {
    const probe = net.createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

directory.listen(0, "127.0.0.1", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pds-"));
  const port = await freePort();
  Object.assign(process.env, {
    LOG_ENABLED: "false",
    PDS_ADMIN_PASSWORD: "for-tests-only",
    PDS_BLOBSTORE_DISK_LOCATION: path.join(folder, "blobs"),
    PDS_DATA_DIRECTORY: folder,
    PDS_DEV_MODE: "true",
    PDS_DID_PLC_URL: `http://127.0.0.1:${directory.address().port}`,
    PDS_HOSTNAME: "localhost",
    PDS_INVITE_REQUIRED: "false",
    PDS_JWT_SECRET: "for-tests-only-for-tests-only-32",
    PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: "1".repeat(64),
    PDS_PORT: String(port),
    PDS_RATE_LIMITS_ENABLED: "false",
    PDS_SERVICE_HANDLE_DOMAINS: ".test",
  });
  const { PDS, envToCfg, envToSecrets, readEnv } = await import("@atproto/pds");
  const settings = readEnv();
  const server = await PDS.create(envToCfg(settings), envToSecrets(settings));
  await server.start();
  console.log(`http://127.0.0.1:${port}`);
});

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
