package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"strconv"
)

// verdict is how a login ended, as the browser page tells it.
type verdict struct {
	status int
	kind   string // success, refusal or failure
	title  string
	text   string
}

// page writes the verdict as a page that stands alone: no asset from anywhere, every script and style named by hash in
// the policy, and the code and state taken out of the address bar and the tab's history (RFC 9700 section 4.3).
func (v verdict) page(w http.ResponseWriter, host, profile string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src '"+sourceHash(pageStyle)+"'; script-src '"+sourceHash(pageScript)+
		"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	body := v.html(host, profile)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(v.status)
	_, _ = io.WriteString(w, body)
}

func (v verdict) html(host, profile string) string {
	return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>wfauth: " + html.EscapeString(v.title) +
		"</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>" + pageStyle + "</style>\n<script>" + pageScript +
		"</script>\n</head>\n<body>\n<main class=\"" + v.kind + "\">\n<p class=\"mark\" aria-hidden=\"true\">" + v.mark() +
		"</p>\n<h1>" + html.EscapeString(v.title) + "</h1>\n<p>" + html.EscapeString(v.text) +
		"</p>\n<dl>\n<dt>Workfront</dt><dd>" + html.EscapeString(host) +
		"</dd>\n<dt>Profile</dt><dd>" + html.EscapeString(profile) +
		"</dd>\n</dl>\n<p class=\"foot\">wfauth</p>\n</main>\n</body>\n</html>\n"
}

func (v verdict) mark() string {
	switch v.kind {
	case "success":
		return "✓"
	case "refusal":
		return "–"
	}
	return "!"
}

func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

const pageScript = `history.replaceState(null,"",location.pathname);`

const pageStyle = `
:root{color-scheme:light dark;--back:#f4f5f7;--card:#fff;--text:#1c2024;--soft:#5b6470;--line:#e1e4e8;--good:#12805c;--stop:#6b7280;--bad:#c0362c}
@media (prefers-color-scheme:dark){:root{--back:#15181c;--card:#1e2328;--text:#e8eaed;--soft:#a0a8b3;--line:#31373e;--good:#3fbf8f;--stop:#9aa3ae;--bad:#ff7b70}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--back);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{width:100%;max-width:30rem;padding:2.5rem 2.25rem 1.75rem;background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:0 12px 32px rgb(0 0 0/.08)}
.mark{width:3.25rem;height:3.25rem;margin:0 0 1.25rem;border-radius:50%;display:grid;place-items:center;font-size:1.6rem;font-weight:700;line-height:1;color:var(--card);background:var(--good)}
.refusal .mark{background:var(--stop)}
.failure .mark{background:var(--bad)}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em}
p{margin:0 0 1.5rem;color:var(--soft);overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1.25rem;margin:0;padding:1.1rem 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line);font-size:.94rem}
dt{color:var(--soft)}
dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
@media (max-width:26rem){main{padding:1.75rem 1.25rem}dl{grid-template-columns:1fr}dd{text-align:left}}
.foot{margin:1rem 0 0;font-size:.82rem;letter-spacing:.04em}
`
