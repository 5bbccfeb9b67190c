package emulator

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// page is one HTML page: small, complete in itself, with no script and nothing to fetch.
type page struct {
	title string
	body  string // HTML, its values escaped
	// formAction is where, besides the tenant, submitting the form may lead. Browsers hold the
	// redirect after a submission to the policy too.
	formAction string
	wide       bool // there is more in it than a form
}

func (t *Tenant) home(w http.ResponseWriter, r *http.Request) {
	origin := html.EscapeString(t.originFor(r))
	writePage(w, http.StatusOK, page{title: "Workfront emulator", body: fmt.Sprintf(`<h1>Workfront emulator</h1>
<p>A stand-in for a Workfront tenant, in memory. Its data is made up and gone when it stops.</p>
<dl>
<dt>API</dt><dd><code>%[1]s/attask/api/v%[2]d.0/</code></dd>
<dt>OAuth2</dt><dd><code>%[1]s/integrations/oauth2/authorize</code></dd>
</dl>`, origin, currentVersion)})
}

func errorPage(reason, advice string) page {
	return page{title: "Cannot sign in", body: fmt.Sprintf(`<h1>Cannot sign in</h1>
<p id="error" class="alert" role="alert">This cannot go on: %s.</p>
<p class="quiet">%s Nothing was handed to any application.</p>`, html.EscapeString(reason), html.EscapeString(advice))}
}

func signInPage(a authorization, username, message, csrf string) page {
	alert := ""
	if message != "" {
		alert = `<p id="error" class="alert" role="alert">` + html.EscapeString(message) + "</p>\n"
	}
	return page{title: "Sign in", body: fmt.Sprintf(`<h1>Sign in</h1>
<p>to continue to <strong>%s</strong></p>
%s<form id="sign-in" method="post">
<input type="hidden" name="csrf" value="%s">
<label for="username">Username</label>
<input id="username" name="username" value="%s" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button id="submit" class="primary" type="submit">Sign in</button>
</form>`, html.EscapeString(a.client.Name), alert, csrf, html.EscapeString(username))}
}

func consentPage(a authorization, user User, tenant, csrf string) page {
	destination := a.redirectURI
	if u, err := url.Parse(a.redirectURI); err == nil && u.Host != "" {
		destination = u.Host
	}
	return page{title: "Allow access", formAction: formAction(a.redirectURI), body: fmt.Sprintf(`<h1>Allow access?</h1>
<p><strong id="application">%s</strong> asks to use the tenant <strong id="tenant">%s</strong> as you, %s.</p>
<ul>
<li>It can see and change what you can.</li>
<li>The answer goes to <code>%s</code>.</li>
</ul>
<form id="consent" method="post">
<input type="hidden" name="csrf" value="%s">
<div class="row">
<button id="deny" name="deny" value="yes" type="submit">Deny</button>
<button id="allow" name="allow" value="yes" type="submit" class="primary">Allow</button>
</div>
<button id="switch" name="switch" value="yes" type="submit" class="link">Not %s? Sign in as someone else</button>
</form>`, html.EscapeString(a.client.Name), html.EscapeString(tenant), html.EscapeString(user.Name),
		html.EscapeString(destination), csrf, html.EscapeString(user.Name))}
}

// formAction is the source expression that admits a redirect URI. The grammar of CSP knows no IPv6
// literal, so there it is the scheme alone.
func formAction(redirectURI string) string {
	u, err := url.Parse(redirectURI)
	if err != nil {
		return ""
	}
	if u.Host == "" || strings.Contains(u.Host, "[") {
		return u.Scheme + ":"
	}
	return u.Scheme + "://" + u.Host
}

const pageStyle = `:root{color-scheme:light dark;--page:#eef1f6;--card:#fff;--text:#1c2430;--quiet:#5a6675;--line:#c9d1dc;--accent:#1455c0;--on-accent:#fff;--alert:#a3161a;--alert-page:#fdecec}
@media (prefers-color-scheme:dark){:root{--page:#12161c;--card:#1c222b;--text:#e8ecf2;--quiet:#9aa7b7;--line:#3a4452;--accent:#7fb0ff;--on-accent:#0b1a33;--alert:#ffb3b3;--alert-page:#3d1a1c}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{width:100%;max-width:25rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:0 8px 30px rgb(0 0 0/.08)}
.brand{margin:0 0 1.25rem;color:var(--quiet);font-size:.875rem;letter-spacing:.02em}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}
p{margin:0 0 1rem}ul{margin:0 0 1.25rem;padding-left:1.2rem}
dt{color:var(--quiet);font-size:.875rem}dd{margin:0 0 .75rem}
code{font:.875em ui-monospace,monospace;overflow-wrap:anywhere}
.quiet{color:var(--quiet);font-size:.875rem}
.alert{padding:.6rem .8rem;border-radius:8px;background:var(--alert-page);color:var(--alert)}
label{display:block;margin:0 0 .25rem;font-size:.875rem;font-weight:600}
input{width:100%;margin:0 0 1rem;padding:.6rem .75rem;border:1px solid var(--line);border-radius:8px;background:transparent;color:inherit;font:inherit}
::placeholder{color:var(--quiet);opacity:1}
button{width:100%;padding:.65rem 1rem;border:1px solid var(--line);border-radius:8px;background:transparent;color:inherit;font:inherit;font-weight:600;cursor:pointer}
.primary{border-color:var(--accent);background:var(--accent);color:var(--on-accent)}
.link{margin-top:1rem;padding:.25rem;border:0;color:var(--quiet);font-size:.875rem;font-weight:400;text-decoration:underline}
.row{display:grid;grid-template-columns:1fr 1fr;gap:.75rem}
.wide{max-width:48rem}
h2{margin:2rem 0 .75rem;font-size:1.1rem}
.item{display:grid;grid-template-columns:1fr auto;gap:1rem;align-items:center;padding:.4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.item .link{width:auto;margin:0}
.item .quiet{display:block}
.item+p,.item+form:not(.inline){margin-top:.75rem}
.inline{margin:1.25rem 0 0}
.inline .row{grid-template-columns:1fr 7rem;margin:0 0 .5rem}
.inline input{margin:0}
table{width:100%;border-collapse:collapse;font-size:.875rem}
th{color:var(--quiet);font-weight:400;text-align:left}
th,td{padding:.3rem .75rem .3rem 0;vertical-align:top}
td{border-top:1px solid var(--line)}
td:last-child,td:first-child{white-space:nowrap}
@media (max-width:26rem){body{padding:.5rem}main{padding:1.25rem 1rem}th:last-child,td:last-child{display:none}}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`

func writePage(w http.ResponseWriter, status int, p page) {
	sum := sha256.Sum256([]byte(pageStyle))
	header := w.Header()
	if !p.wide { // whose caller has
		protect(header)
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", strings.TrimSpace(fmt.Sprintf(
		"default-src 'none'; style-src 'sha256-%s'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' %s",
		base64.StdEncoding.EncodeToString(sum[:]), p.formAction)))
	wide := ""
	if p.wide {
		wide = ` class="wide"`
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>%s</style>
</head>
<body>
<main%s>
<p class="brand">Workfront emulator</p>
%s
</main>
</body>
</html>
`, html.EscapeString(p.title), pageStyle, wide, p.body)
}

// protect sets what every answer of the sign-in needs: its addresses carry codes and states.
func protect(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
