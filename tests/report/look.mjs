// Opens a report in a headless browser as a reader does, and says what is wrong with it.
//
// node look.mjs REPORT.html [FOLDER FOR SCREENSHOTS]; PROBAND_BROWSER is the folder of playwright-core's
// node_modules, CHROMIUM the browser. The last line is `seen`, with what was there, as JSON.
import { createRequire } from "node:module";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(resolve(process.env.PROBAND_BROWSER, "look.mjs"))("playwright-core");
const [file, shots] = process.argv.slice(2);
const faults = [];
const must = (holds, what) => holds || faults.push(what);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const seen = {};

/** Opens the page in a window of a size and theme, and listens to what goes wrong. */
async function open(width, height, colorScheme) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.setDefaultTimeout(30000);
  page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || faults.push(`request: ${request.url()}`));
  await page.goto(pathToFileURL(resolve(file)).href);
  await page.waitForFunction(() => document.documentElement.dataset.ready === "yes", null, { timeout: 60000 }).catch(() => faults.push("the page never became ready"));
  return page;
}

async function shoot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: resolve(shots, name), fullPage: true });
}

/** Sections, figures and their tables. */
async function contents(page) {
  seen.sections = await page.$$eval("main > section", (all) => all.map((one) => one.id));
  seen.figures = await page.$$eval("figure[id]", (all) => all.map((one) => one.id));
  const empty = await page.$$eval("figure[id]", (all) => all.filter((one) => !one.querySelector(".chart svg :is(path, line, rect, circle, text)")).map((one) => one.id));
  must(empty.length === 0, `no drawing in ${empty}`);
  const unlabelled = await page.$$eval("figure[id]", (all) => all.filter((one) => !one.querySelector("figcaption h3")?.textContent.trim()).length);
  must(unlabelled === 0, `${unlabelled} figures have no caption`);
  const ids = await page.$$eval("[id]", (all) => all.map((one) => one.id));
  must(new Set(ids).size === ids.length, "an id stands twice");
  const strange = await page.$$eval("main *", (all) => all.filter((one) => !one.children.length && /\b(NaN|undefined|Infinity)\b/.test(one.textContent)).map((one) => one.textContent.slice(0, 80)));
  must(strange.length === 0, `not a word for a reader: ${strange.slice(0, 5)}`);
}

/** Every view of every figure can be chosen from the keyboard, and its table opens. */
async function figures(page) {
  for (const id of seen.figures) {
    const figure = page.locator(`[id="${id}"]`);
    const views = figure.locator("input[type=radio]");
    for (let view = 0; view < (await views.count()); view++) {
      await views.nth(view).focus();
      await page.keyboard.press("Space");
      must(await figure.locator(".chart svg").count(), `${id}: view ${view} draws nothing`);
    }
    await figure.locator("summary").focus();
    await page.keyboard.press("Enter");
    await figure.locator(".rows table").waitFor().catch(() => faults.push(`${id}: no table behind it`));
    await page.keyboard.press("Enter");
  }
}

/** A table is sorted by a column, the other way round, and as it was. */
async function sorting(page) {
  const tables = page.locator("table.sortable");
  seen.sortable = await tables.count();
  if (!seen.sortable) return;
  const table = tables.first();
  const column = () => table.locator("tbody tr > :nth-child(2)").allTextContents();
  const numbers = (cells) => cells.map((cell) => parseFloat(cell.replace(/,/g, ""))).filter((cell) => !Number.isNaN(cell));
  const before = await column();
  const head = table.locator("thead th").nth(1);
  await head.locator("button").click();
  const falling = numbers(await column());
  must((await head.getAttribute("aria-sort")) === "descending", "the head does not say how it sorts");
  must(falling.every((one, place) => place === 0 || one <= falling[place - 1]), `not sorted: ${falling}`);
  await head.locator("button").click();
  const rising = numbers(await column());
  must(rising.every((one, place) => place === 0 || one >= rising[place - 1]), `not sorted: ${rising}`);
  await head.locator("button").click();
  must(JSON.stringify(before) === JSON.stringify(await column()), "the third click does not bring the order back");
}

/** A figure is saved as an SVG that needs nothing of the page. */
async function saving(page) {
  const button = page.locator("figure button").first();
  if (!(await button.count())) return;
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  must(download.suggestedFilename().endsWith(".svg"), "the file is no SVG");
  const stream = await download.createReadStream();
  let text = "";
  for await (const part of stream) text += part;
  must(text.startsWith("<svg xmlns=") && text.endsWith("</svg>"), "the file is not a whole SVG");
  must(!text.includes("var(--"), "colours of the file need the page");
}

/** Nothing is wider than the window but what scrolls by itself. */
async function fits(page, name) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  must(wide <= window, `${name}: the page is ${wide} wide in a window of ${window}`);
}

process.on("uncaughtException", (error) => {
  faults.forEach((fault) => console.log(`fault: ${fault}`));
  console.log(`fault: ${error.message}`);
  process.exit(1);
});

const desktop = await open(1280, 900, "light");
await contents(desktop);
await fits(desktop, "desktop");
await shoot(desktop, "light.png");
await figures(desktop);
await sorting(desktop);
await saving(desktop);
await desktop.close();

const dark = await open(1280, 900, "dark");
must(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor !== "rgb(255, 255, 255)"), "dark is not dark");
await shoot(dark, "dark.png");
await dark.close();

const phone = await open(390, 844, "light");
await fits(phone, "phone");
await shoot(phone, "phone.png");
await phone.close();

const paper = await open(1280, 900, "dark");
await paper.emulateMedia({ media: "print", colorScheme: "dark" });
must(await paper.evaluate(() => getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"), "paper is not white");
must(await paper.evaluate(() => getComputedStyle(document.querySelector("nav")).display === "none"), "the navigation is printed");
const pdf = await paper.pdf({ format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" }, ...(shots ? { path: resolve(shots, "print.pdf") } : {}) });
seen.pages = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length;
must(seen.pages > 0, "no page is printed");
await browser.close();

for (const fault of faults) console.log(`fault: ${fault}`);
console.log(JSON.stringify(seen));
process.exit(faults.length ? 1 : 0);
