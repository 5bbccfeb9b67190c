package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

// sessionKey names a session, or a refresh token, in the page without giving it away.
func sessionKey(id string) string {
	sum := sha256.Sum256([]byte("session " + id))
	return hex.EncodeToString(sum[:8])
}

func (c *control) show(w http.ResponseWriter, _ *http.Request) { c.page(w, http.StatusOK, "", "") }

// page shows everything, with what was wrong about the last form.
func (c *control) page(w http.ResponseWriter, status int, fault, wrong string) {
	var b strings.Builder
	esc := html.EscapeString
	form := func(hidden, button, class string) string {
		return fmt.Sprintf(`<form method="post" action="%s"><input type="hidden" name="token" value="%s">%s<button type="submit" class="%s">%s</button></form>`,
			controlRoot, c.token, hidden, class, button)
	}
	field := func(name, value string) string {
		return fmt.Sprintf(`<input type="hidden" name="%s" value="%s">`, name, esc(value))
	}
	now := c.t.opts.Now()
	requests, all := c.log.latest()
	fmt.Fprintf(&b, "<h1>What goes on</h1>\n<p>%s, and %s. Reload to see what is new.</p>\n", count(all, "request"), count(len(c.t.sessionsNow()), "live session"))

	b.WriteString("<h2>Faults</h2>\n")
	if wrong != "" {
		fmt.Fprintf(&b, `<p id="error" class="alert" role="alert">%s</p>`+"\n", esc(wrong))
	}
	for _, s := range c.t.faults.list() {
		fmt.Fprintf(&b, `<div class="item"><span><code>%s</code> <span class="quiet">%d of %s</span></span>%s</div>`+"\n",
			esc(s.String()), s.hits, count(s.seen, "request"), form(field("remove", fmt.Sprint(s.id)), "Remove", "link"))
	}
	fmt.Fprintf(&b, `<form id="add" class="inline" method="post" action="%s"><input type="hidden" name="token" value="%s"><input type="hidden" name="add" value="yes">
<label for="fault">A fault from now on</label>
<div class="row"><input id="fault" name="fault" value="%s" placeholder="429:every=5" autocapitalize="none" spellcheck="false" required><button type="submit" class="primary">Set</button></div>
<p class="quiet">%s</p></form>`+"\n", controlRoot, c.token, esc(fault), esc(RuleForms))

	b.WriteString("<h2>Sessions</h2>\n")
	sessions := c.t.sessionsNow()
	for _, s := range sessions {
		renewable := ""
		if s.renewable {
			renewable = ", can be renewed"
		}
		fmt.Fprintf(&b, `<div class="item"><span><code>%s</code> %s <span class="quiet">%s old, %s left%s</span></span>%s</div>`+"\n",
			esc(s.shown), esc(s.user), age(now.Sub(s.begun)), age(s.expires.Sub(now)), renewable, form(field("end", s.key), "End", "link"))
	}
	if len(sessions) > 1 {
		b.WriteString(form(field("end-all", "yes"), "End all sessions", "") + "\n")
	}
	if len(sessions) == 0 {
		b.WriteString("<p class=\"quiet\">Nobody is logged in.</p>\n")
	}

	tokens, spent := c.t.refreshTokensNow()
	if len(tokens) > 0 || spent > 0 {
		b.WriteString("<h2>Refresh tokens</h2>\n")
	}
	for _, token := range tokens {
		left := ""
		if !token.expires.IsZero() {
			left = ", " + age(token.expires.Sub(now)) + " left"
		}
		fmt.Fprintf(&b, `<div class="item"><span><code>%s</code> %s, %s <span class="quiet">%s old, of a login %s ago%s</span></span>%s</div>`+"\n",
			esc(token.shown), esc(token.user), esc(token.client), age(now.Sub(token.issued)), age(now.Sub(token.begun)), left, form(field("revoke", token.key), "Revoke", "link"))
	}
	if spent > 0 {
		fmt.Fprintf(&b, "<p class=\"quiet\">%d used up by rotation: whoever sends one again ends its login.</p>\n", spent)
	}

	b.WriteString("<h2>Requests</h2>\n")
	if len(requests) == 0 {
		b.WriteString("<p class=\"quiet\">None yet.</p>\n")
	} else {
		b.WriteString("<table><thead><tr><th>ago</th><th>request</th><th>status</th><th>took</th></tr></thead><tbody>\n")
		for _, r := range requests {
			status := fmt.Sprint(r.status)
			if r.status == 0 {
				status = "cut"
			}
			fmt.Fprintf(&b, "<tr><td>%s</td><td><code>%s %s</code></td><td>%s</td><td>%d ms</td></tr>\n",
				age(time.Since(r.at)), esc(r.method), esc(shortened(r.path)), status, r.took.Milliseconds())
		}
		b.WriteString("</tbody></table>\n")
	}
	writePage(w, status, page{title: "Workfront emulator", body: b.String(), wide: true})
}

// shortened is a path as a page can show it.
func shortened(path string) string {
	if len(path) > 120 {
		return strings.ToValidUTF8(path[:120], "") + "…"
	}
	return path
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// age is a length of time as a person says it.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
