#include "report/html_assets.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace flotsam {
namespace {

// Colours of Okabe and Ito, which differ for every eye; text is at least 4.5:1 on what it stands on. What is
// unreferenced is hatched as well. Dark is for screens alone: paper is white.
constexpr std::string_view kStyle = R"css(
:root{--bg:#fff;--panel:#f4f6f8;--ink:#1b1f24;--soft:#515a64;--line:#c9d1d9;--rail:#e2e7ec;--orange:#8a3500;--blue:#0550ae;
--f-rest:#0072b2;--f-derived:#56b4e9;--f-marker:#8b949e;--f-protected:#009e73;--f-unrec:#cc79a7;--f-young:#d6c72a;
--h-ground:#fbe0ac;--h-line:#d55e00;--d-dot:#6e7781;--mark:#ffe08a}
@media screen and (prefers-color-scheme:dark){:root{--bg:#0f1419;--panel:#182028;--ink:#e8eaed;--soft:#aab4be;--line:#3b4650;
--rail:#2a333c;--orange:#ffb870;--blue:#86c5ff;--f-rest:#3b95d0;--f-derived:#8fd0f7;--f-marker:#9aa4ae;--f-protected:#2fbf97;
--f-unrec:#dd9bc0;--f-young:#f0e442;--h-ground:#54380f;--h-line:#ffb000;--d-dot:#9aa4ae;--mark:#6b4e00}}
*{box-sizing:border-box}
html{color-scheme:light dark}
body{margin:0 auto;max-width:1320px;padding:12px 20px 40px;background:var(--bg);color:var(--ink);font:14px/1.42 system-ui,sans-serif}
p{margin:.35em 0;max-width:100ch;overflow-wrap:anywhere}
h1{margin:.1em 0;font-size:23px;line-height:1.25;overflow-wrap:anywhere}
h2{margin:22px 0 6px;font-size:17px;break-after:avoid}
h3{margin:14px 0 4px;font-size:14px;break-after:avoid}
a{color:var(--blue)}
small{color:var(--soft);font-size:12px}
code,pre{font:12.5px/1.45 ui-monospace,SFMono-Regular,Consolas,"DejaVu Sans Mono",monospace}
code{white-space:pre-wrap;overflow-wrap:anywhere;direction:ltr;unicode-bidi:isolate}
pre{margin:6px 0;padding:7px 10px;background:var(--panel);border:1px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere}
mark{background:var(--mark);color:inherit;text-decoration:underline;text-decoration-thickness:2px}
.cut{color:var(--soft);font-family:system-ui,sans-serif}
header{padding:10px 16px 12px;border:1px solid var(--line);border-left:10px solid var(--f-rest);background:var(--panel)}
header.refused{border-left-color:var(--h-line)}
header.refused h1{color:var(--orange)}
header.fine h1{color:var(--blue)}
header p{max-width:none}
.over{color:var(--soft)}
.tiles{display:flex;flex-wrap:wrap;gap:4px 36px;margin:8px 0 0}
.tiles dt{color:var(--soft);font-size:12px}
.tiles dd{margin:0;font-size:13px}
.tiles b{font-size:19px}
nav{margin:14px 0 0;padding:6px 0;border-bottom:1px solid var(--line)}
nav a{margin-right:18px}
.first h2{margin-top:12px}
.first tbody th{min-width:7em}
.first th,.first td{padding:3px 6px}
.rulings{list-style:none;margin:0;padding:0}
.rulings li{margin:0 0 4px;font-size:12.5px;line-height:1.34;overflow-wrap:anywhere}
.badge{display:inline-block;padding:0 5px;border:1px solid;border-radius:3px;font-size:12px;white-space:nowrap}
.refuse,.warn{color:var(--orange)}
.refuse{border-width:2px}
.pass{color:var(--blue)}
.finding{font-weight:600}
.keys{margin:2px 0 8px;padding-left:18px}
.wide{overflow-x:auto;margin:6px 0 12px}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--soft);font-size:12px;padding:2px 0}
th,td{padding:3px 8px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
thead th{font-weight:600;border-bottom:2px solid var(--line);vertical-align:bottom}
tbody th{min-width:11em}
td:last-child:not(.n){min-width:15em}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.telling th,.telling .n,.telling td{color:var(--orange)}
.telling th{font-weight:600}
.total th,.total td{font-weight:700;border-top:2px solid var(--line)}
tr{break-inside:avoid}
thead button{all:unset;cursor:pointer;text-decoration:underline dotted}
thead button:focus-visible,input:focus-visible,a:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" \25B2"}
th[aria-sort=descending] button::after{content:" \25BC"}
input{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);padding:3px 6px;width:min(30em,100%)}
.defs{position:absolute}
svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bar{display:block;margin:4px 0;border:1px solid var(--line)}
.small{margin-right:7px;vertical-align:baseline}
.piece{vertical-align:-2px;margin-right:3px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:4px 0 8px;padding:0;font-size:13px}
.of{margin:6px 0 0;color:var(--soft);font-size:12px}
.plot,.map{display:block;margin:6px 0}
.map svg{overflow:hidden}
.h-ground{fill:var(--h-ground)}
.h-line{stroke:var(--h-line);stroke-width:1.7;fill:none}
.d-ground{fill:var(--bg)}
.d-dot{fill:var(--d-dot)}
.unref,.v-orphan{fill:url(#hatch);stroke:var(--h-line);stroke-width:1}
.v-suspect{fill:url(#cross);stroke:var(--h-line);stroke-width:1}
.missing{fill:url(#dots);stroke:var(--d-dot);stroke-width:1}
.rest,.v-referenced{fill:var(--f-rest)}
.bar rect,.rest{stroke:var(--bg);stroke-width:1}
.v-derived{fill:var(--f-derived)}
.v-marker,.v-unknown{fill:var(--f-marker)}
.v-protected{fill:var(--f-protected)}
.v-unrecognised{fill:var(--f-unrec)}
.v-young{fill:var(--f-young)}
.rail{fill:var(--rail)}
.axis{stroke:var(--soft);stroke-width:1}
.tick{font-size:11px;text-anchor:middle;fill:var(--ink)}
.name{font:11px ui-monospace,SFMono-Regular,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ink)}
.lab{fill:var(--bg)}
.cell{stroke:var(--bg);stroke-width:1}
.part{fill:none;stroke:var(--ink);stroke-width:1.5}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 16px;margin:6px 0}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
@media (min-width:900px){
.first{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr);grid-template-rows:auto 1fr;gap:0 32px}
#rulings{grid-column:2;grid-row:1/span 2}
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 32px}}
@media (max-width:560px){body{padding:8px 10px 30px}.facts{grid-template-columns:1fr}.facts dt{margin-top:6px}}
@media print{body{max-width:none;padding:0;font-size:10.5pt}header{border-width:1px 1px 1px 6px}nav,#find,thead button::after{display:none}
tr[hidden]{display:table-row}.wide{overflow:visible}thead button{text-decoration:none}a{color:inherit}.map,.plot,.bar{break-inside:avoid}}
)css";

constexpr std::string_view kScript = R"js(
(() => {
  'use strict';
  const find = document.getElementById('find'), list = document.getElementById('list');
  if (find && list) {
    const input = document.getElementById('words'), count = document.getElementById('count');
    const rows = Array.from(list.tBodies[0].rows);
    const keys = rows.map(row => row.cells[0].textContent.toLowerCase());
    const filter = () => {
      const words = input.value.toLowerCase().split(' ').filter(word => word !== '');
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !words.every(word => keys[i].includes(word));
        shown += row.hidden ? 0 : 1;
      });
      count.textContent = shown.toLocaleString('en-US') + ' of ' + rows.length.toLocaleString('en-US');
    };
    input.addEventListener('input', filter);
    addEventListener('pageshow', filter);
    find.hidden = false;
    filter();
  }
  for (const table of document.querySelectorAll('table.order')) {
    const body = table.tBodies[0], heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.textContent = '';
      head.append(button);
      button.addEventListener('click', () => {
        const falls = head.getAttribute('aria-sort') !== 'descending';
        heads.forEach(other => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', falls ? 'descending' : 'ascending');
        const value = row => {
          const cell = row.cells[column];
          return 'v' in cell.dataset ? Number(cell.dataset.v) : cell.textContent;
        };
        const sign = falls ? -1 : 1;
        const rows = Array.from(body.rows, row => ({row, value: value(row)}));
        rows.sort((a, b) => a.value < b.value ? -sign : a.value > b.value ? sign : 0);
        body.append(...rows.map(each => each.row));
      });
    });
  }
})();
)js";

std::string hash_source(std::string_view text) {
  return "'sha256-" + to_base64(sha256(text)) + "'";
}

}  // namespace

std::string_view html_style() {
  return kStyle;
}

std::string_view html_script() {
  return kScript;
}

std::string html_policy() {
  return fmt::format("default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
                     hash_source(kStyle), hash_source(kScript));
}

}  // namespace flotsam
