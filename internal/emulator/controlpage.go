package emulator

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

func (c *control) show(w http.ResponseWriter, _ *http.Request) { c.page(w, http.StatusOK, "", "") }

// page shows everything, with what was wrong about the last form.
func (c *control) page(w http.ResponseWriter, status int, fault, wrong string) {
	var b strings.Builder
	now := c.t.opts.Now()
	requests, all := c.log.latest()
	sessions := c.t.sessionsNow()
	fmt.Fprintf(&b, "<h1>What goes on</h1>\n<p>%s, and %s. Reload to see what is new.</p>\n", count(all, "request"), count(len(sessions), "live session"))
	c.writeFaults(&b, fault, wrong)
	c.writeSessions(&b, sessions, now)
	c.writeTokens(&b, now)
	writeRequests(&b, requests)
	writePage(w, status, page{title: "Workfront emulator", body: b.String(), wide: true})
}

// form is one button, for what its hidden field says.
func (c *control) form(name, value, button, class string) string {
	return fmt.Sprintf(`<form method="post" action="%s"><input type="hidden" name="token" value="%s"><input type="hidden" name="%s" value="%s"><button type="submit" class="%s">%s</button></form>`,
		controlRoot, c.token, name, html.EscapeString(value), class, button)
}

func (c *control) writeFaults(b *strings.Builder, fault, wrong string) {
	b.WriteString("<h2>Faults</h2>\n")
	if wrong != "" {
		fmt.Fprintf(b, `<p id="error" class="alert" role="alert">%s</p>`+"\n", html.EscapeString(wrong))
	}
	for _, s := range c.t.faults.list() {
		writeItem(b, s.String(), "", fmt.Sprintf("%d of %s", s.hits, count(s.seen, "request")), c.form("remove", fmt.Sprint(s.id), "Remove", "link"))
	}
	fmt.Fprintf(b, `<form id="add" class="inline" method="post" action="%s"><input type="hidden" name="token" value="%s"><input type="hidden" name="add" value="yes">
<label for="fault">A fault from now on</label>
<div class="row"><input id="fault" name="fault" value="%s" placeholder="429:every=5" autocapitalize="none" spellcheck="false" required><button type="submit" class="primary">Set</button></div>
<p class="quiet">%s</p></form>`+"\n", controlRoot, c.token, html.EscapeString(fault), html.EscapeString(RuleForms))
}

func (c *control) writeSessions(b *strings.Builder, sessions []sessionInfo, now time.Time) {
	b.WriteString("<h2>Sessions</h2>\n")
	for _, s := range sessions {
		renewable := ""
		if s.renewable {
			renewable = ", can be renewed"
		}
		writeItem(b, s.begins+"…", s.whose(), s.old(now)+", "+age(s.expires.Sub(now))+" left"+renewable, c.form("end", s.key, "End", "link"))
	}
	if len(sessions) > 1 {
		b.WriteString(c.form("end-all", "yes", "End all sessions", "") + "\n")
	}
	if len(sessions) == 0 {
		b.WriteString("<p class=\"quiet\">Nobody is logged in.</p>\n")
	}
}

// writeTokens shows what logins live on besides sessions, if there is any.
func (c *control) writeTokens(b *strings.Builder, now time.Time) {
	tokens, spent := c.t.refreshTokensNow()
	if len(tokens) > 0 || spent > 0 {
		b.WriteString("<h2>Refresh tokens</h2>\n")
	}
	for _, token := range tokens {
		left, uses := "", ", not used yet"
		if !token.expires.IsZero() {
			left = ", " + age(token.expires.Sub(now)) + " left"
		}
		if token.uses > 0 {
			uses = ", used " + count(token.uses, "time")
		}
		writeItem(b, token.begins+"…", token.whose(), token.old(now)+left+uses, c.form("revoke", token.key, "Revoke", "link"))
	}
	if spent > 0 {
		fmt.Fprintf(b, "<p class=\"quiet\">%d used up by rotation: whoever sends one again ends its login.</p>\n", spent)
	}
	codes := c.t.codesNow()
	if len(codes) > 0 {
		b.WriteString("<h2>Codes</h2>\n")
	}
	for _, code := range codes {
		state := ", " + age(code.expires.Sub(now)) + " left, not used yet"
		if code.used {
			state = ", used: whoever sends it again ends its login"
		}
		writeItem(b, code.begins+"…", code.whose(), code.old(now)+state, "")
	}
}

func writeRequests(b *strings.Builder, requests []seenRequest) {
	b.WriteString("<h2>Requests</h2>\n")
	if len(requests) == 0 {
		b.WriteString("<p class=\"quiet\">None yet.</p>\n")
		return
	}
	b.WriteString("<table><thead><tr><th>ago</th><th>request</th><th>status</th><th>took</th></tr></thead><tbody>\n")
	for _, r := range requests {
		status := fmt.Sprint(r.status)
		if r.status == 0 {
			status = "cut"
		}
		fmt.Fprintf(b, "<tr><td>%s</td><td><code>%s %s</code></td><td>%s</td><td>%d ms</td></tr>\n",
			age(time.Since(r.at)), html.EscapeString(r.method), html.EscapeString(shortened(r.path)), status, r.took.Milliseconds())
	}
	b.WriteString("</tbody></table>\n")
}

// writeItem is one line: what it is, whose, more about it, and a button.
func writeItem(b *strings.Builder, what, whose, more, button string) {
	fmt.Fprintf(b, `<div class="item"><span><code>%s</code> %s <span class="quiet">%s</span></span>%s</div>`+"\n",
		html.EscapeString(what), html.EscapeString(whose), html.EscapeString(more), button)
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
