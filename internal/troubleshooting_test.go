package internal_test

import (
	"go/ast"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// asides are what wfauth says when nothing is wrong: questions, what was done, parts of a command to type, and texts for machines.
func asides() []string {
	return []string{
		`"$(cat FILE)"`,
		`$ wfauth token --header | curl -sf -H @- '…'`,
		`$env:WFAUTH_PASSPHRASE_FILE = "$HOME\wfauth-passphrase"; [guid]::NewGuid().ToString() | Set-Content -Encoding ascii $env:WFAUTH_PASSPHRASE_FILE`,
		`(lsof -i tcp:… shows what has it)`,
		`(netstat -ano shows what has port …)`,
		`(ss -ltnp shows what has port …)`,
		`(there is no curl here, so the demo sends the same request)`,
		`(umask 077; head -c 24 /dev/urandom | base64 >~/.wfauth-passphrase); export WFAUTH_PASSPHRASE_FILE=~/.wfauth-passphrase`,
		`, upload, download`,
		`, which is …`,
		`A Workfront tenant in memory is at …. Its person … has the password ….`,
		`API version`,
		`Beside the client ID: Retrieve client secret.`,
		`Delete … at …?`,
		`Delete … event subscription(s) at …?`,
		`IMS host`,
		`In Setup > System > OAuth2 Applications, when the application is opened:`,
		`New passphrase for the sealed file`,
		`No browser is opened: the demo itself plays it, signs in and allows access (--browser uses yours).`,
		`Passphrase of the sealed file`,
		`Password for '…' on '…'`,
		`Sign in with these in your browser, and allow access.`,
		`That was all; nothing of it is left. With your own tenant: wfauth login HOST --client-id ID`,
		`The same passphrase again`,
		`Their files are uploaded and downloaded, several at a time.`,
		`Try it now, by wfauth status --check? [Y/n]`,
		`Workfront has shown it once, when the application was made; there, another can be added.`,
		`Workfront host (acme, or acme.my.workfront.com)`,
		`You are`,
		`a browser on your own machine reaches this one after:`,
		`a jwt login`,
		`a subscription to … of … at …`,
		`ahead of`,
		`an ims login`,
		`at the end the browser warns of a certificate that wfauth has made for this login: go on there`,
		`connect to`,
		`event subscriptions`,
		`export WFAUTH_CUSTOMER_ID=CUSTOMER-ID`,
		`how long to wait where Workfront has too many requests at once (status 429), as 30s or 1h`,
		`its secrets were removed from the …`,
		`its settings were removed from config.yaml`,
		`kernel keyring`,
		`listening on … for events of …`,
		`logged in…`,
		`logged in… until …`,
		`logged in…; the next command renews the session`,
		`logged in…; the session was not used for a while, and may have ended`,
		`logged out; wfauth login logs in again`,
		"move up to `N` files at once, at most …",
		`object whose events can be subscribed to:`,
		`open this page in a browser to log in:`,
		`opening this page in your browser to log in:`,
		`or paste here the address that the browser ends up at:`,
		`redirect port`,
		`register a second redirect URL in Workfront, then: wfauth login --redirect-uri URL,OTHER-URL…`,
		`sealed file`,
		"send up to `N` requests at once, at most …",
		`talk to`,
		`text/plain; charset=utf8`,
		`the default profile is now …`,
		`the state of the session is not known, …`,
		`the … is locked, so the state of the session is not known`,
		`then give the address that the browser ends up at to stdin, on one line`,
		`then paste here the address that the browser ends up at:`,
		`then: wfauth api proj/count`,
		`then: wfauth login HOST --flow jwt --client-id ID --client-secret-stdin --customer-id ID --user-id ID --key …`,
		`upload the certificate in Workfront: Setup > System > OAuth2 Applications > your Machine to Machine application > Public keys`,
		`wfauth api … …`,
		`wfauth login                                              log in again`,
		`wfauth login …`,
		`wfauth metadata 1`,
		`wfauth switch …`,
		`wfauth … --listen 127.0.0.1:0`,
		"with --paginate: send up to `N` requests at once, at most …",
		"write rows as `FORMAT`: json, ndjson, csv, tsv, table, yaml or chart",
		`wrote …, which stays on this machine, and …`,
		`you are`,
		`…  wfauth --help                                             every command`,
		`… describe queries`,
		`… has no …`,
		`… logged in at … (profile …)`,
		`… of … files,`,
		`… of … rows, …`,
		`… was ended`,
		`…, or at a terminal: wfauth unlock`,
		`…, unlocked for …`,
		`…: its sealed file has the new passphrase`,
		`…: its sealed file is locked`,
		`…: its sealed file is unlocked until …`,
		`…: its sealed file was locked already`,
	}
}

// Whoever looks for a message finds it in docs/troubleshooting.md, and what stands there is said somewhere.
func TestTroubleshooting(t *testing.T) {
	t.Parallel()
	p := parse(t, os.DirFS(".."))
	text, err := os.ReadFile("../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	explained, asides := explanations(t, string(text)), asides()
	said := messages(p)
	for _, message := range slices.Sorted(maps.Keys(said)) {
		if !slices.Contains(asides, message) && !explained[message] {
			t.Errorf("docs/troubleshooting.md does not have%s\n`%s`", said[message], message)
		}
	}
	all := literals(p)
	for _, message := range append(slices.Sorted(maps.Keys(explained)), asides...) {
		if !all[message] {
			t.Errorf("nothing says any more\n`%s`", message)
		}
	}
	for _, message := range asides {
		if explained[message] {
			t.Errorf("explained, and no aside:\n`%s`", message)
		}
	}
}

// explanations are the messages of a page: what stands in code in the first column of its tables of messages.
func explanations(t *testing.T, page string) map[string]bool {
	t.Helper()
	found, inTable := map[string]bool{}, false
	code := regexp.MustCompile("``(.+?)``|`([^`]+)`")
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| message |") {
			inTable = strings.HasPrefix(line, "| message |")
			continue
		}
		cells := strings.Split(line, " | ")
		if !inTable || strings.HasPrefix(line, "|--") {
			continue
		}
		if len(cells) != 2 || len(cells[1]) < 5 {
			t.Errorf("not a message and what it is: %s", line)
		}
		for _, m := range code.FindAllStringSubmatch(cells[0], -1) {
			found[strings.TrimSpace(m[1]+m[2])] = true
		}
	}
	return found
}

// literals are all texts of the source, as patterns.
func literals(p *project) map[string]bool {
	found := map[string]bool{}
	for _, s := range p.shipped() {
		ast.Inspect(s.file, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && literal(e) != "" {
				found[pattern(literal(e))] = true
			}
			return true
		})
	}
	return found
}

// A message is seen wherever it is made.
func TestMessages(t *testing.T) {
	t.Parallel()
	const code = `package cli
		type lost struct{ Why, Hint string }
		func (e *lost) Error() string { return "it was lost: " + e.Why }
		var errOld = errors.New("that is old")
		const leaveOut = "leave it out"
		func f(a string) error {
			bad := func(text string) error { return &lost{Why: text} }
			why := "this is why"
			switch {
			case a == "1": return usagef("wfauth try this", "it is %q, and not %.40s, by 10 %%", a, a)
			case a == "2": return fmt.Errorf("do it: %w", err)
			case a == "3": return bad("a bad one")
			case a == "4": return &lost{"to be seen", "not this"}
			case a == "5": return []*Fault{{Why: "no row at all"}}
			case a == "6": a.note(fmt.Sprintf("%d rows are left", 3))
			case a == "7": return f("one" + " two " + a)
			case a == "8": return usagef(a, "x/y", "application/json")
			}
			return "a good reason " + why
		}`
	want := []string{
		"a bad one", "a good reason …", "do it: …", "it is …, and not …, by 10 %", "it was lost: …", "leave it out", "no row at all", "not this", "one two …", "that is old",
		"this is why", "to be seen", "… rows are left",
	}
	got := slices.Sorted(maps.Keys(messages(parse(t, fstest.MapFS{"internal/cli/a.go": {Data: []byte(code)}}))))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(- as wanted, + as found)\n%s", diff)
	}
}
