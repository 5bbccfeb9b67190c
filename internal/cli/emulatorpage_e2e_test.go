package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A person sets a fault in the emulator's page, sees it strike, ends a session; and a page of another origin does none of it.
func TestEmulatorPage(t *testing.T) {
	t.Parallel()
	browser := startChromium(t, chromedp.Flag("host-resolver-rules", "MAP *.example 127.0.0.1"))
	w := newWorld(t, emulator.Options{}, nil)
	p := w.start("emulator", "--json", "--fault", "latency=1ms")
	var info emulatorInfo
	eventually(t.Context(), t, "the emulator's address", func() bool { return json.Unmarshal([]byte(p.stdout.String()), &info) == nil })
	ask := func() int {
		r, err := http.NewRequestWithContext(t.Context(), "GET", info.URL+"/attask/api/v22.0/proj/count", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("sessionID", info.SessionID)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	page := info.URL + "/__emulator"
	if code := ask(); code != 200 {
		t.Fatalf("before: %d", code)
	}

	hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(strings.ReplaceAll(`<body><form id="f" method="post" action="PAGE" target="frame"><input name="end-all" value="yes"></form>
<iframe name="frame" src="PAGE"></iframe><script>
window.done = "";
const cases = [
	fetch("PAGE").then(r => "page " + r.status),
	fetch("PAGE/faults", {method: "POST", body: '{"fault":"drop"}'}).then(r => "fault " + r.status),
	fetch("PAGE/faults", {method: "DELETE"}).then(r => "delete " + r.status),
	fetch("PAGE/sessions").then(r => "sessions " + r.status),
	fetch("PAGE/sessions", {method: "DELETE"}).then(r => "end " + r.status),
	fetch("PAGE/refresh-tokens", {method: "DELETE"}).then(r => "revoke " + r.status),
	fetch("PAGE/faults", {method: "POST", mode: "no-cors", body: '{"fault":"drop"}'}).then(r => "opaque " + r.status),
];
document.getElementById("f").submit();
Promise.all(cases.map(c => c.catch(e => "refused"))).then(all => { setTimeout(() => { window.done = all.join(", ") }, 300) });
</script></body>`, "PAGE", page)))
	}))
	defer hostile.Close()
	evil := newTab(t, browser, "light")
	evil.do(chromedp.Navigate(hostile.URL))
	got := ""
	eventually(t.Context(), t, "the hostile page has tried everything", func() bool {
		got = evaluate[string](evil, "window.done")
		return got != ""
	})
	if got != "refused, refused, refused, refused, refused, refused, opaque 0" {
		t.Errorf("the hostile page got %s", got)
	}
	if code := ask(); code != 200 {
		t.Errorf("after the hostile page: %d", code)
	}

	// A page by a name that was bound to this address has the emulator's origin, as far as the browser knows (DNS rebinding).
	evil.do(chromedp.Navigate("http://rebound.example:" + strings.TrimPrefix(info.URL, "http://127.0.0.1:") + "/__emulator"))
	if text := evaluate[string](evil, "document.body.innerText"); text != `{"error":"call it by a loopback address"}`+"\n" && text != `{"error":"call it by a loopback address"}` {
		t.Errorf("by another name the page says %s", text)
	}
	evil.do(chromedp.Evaluate[chromedp.Void](`Promise.all([
	fetch("/__emulator"), fetch("/__emulator/faults"), fetch("/__emulator/faults", {method: "POST", body: '{"fault":"drop"}'}), fetch("/__emulator/faults", {method: "DELETE"}),
	fetch("/__emulator", {method: "POST", body: new URLSearchParams({"end-all": "yes"})}),
	fetch("/__emulator/sessions"), fetch("/__emulator/sessions", {method: "DELETE"}), fetch("/__emulator/refresh-tokens"), fetch("/__emulator/refresh-tokens", {method: "DELETE"}),
].map(f => f.then(r => r.status, () => "failed"))).then(all => { window.done = all.join(", ") }); undefined`))
	eventually(t.Context(), t, "the page by another name has tried everything", func() bool {
		got = evaluate[string](evil, `window.done || ""`)
		return got != ""
	})
	if got != strings.TrimSuffix(strings.Repeat("403, ", 9), ", ") {
		t.Errorf("the page by another name got %s", got)
	}
	if code := ask(); code != 200 {
		t.Errorf("after the page by another name: %d", code)
	}

	b := newTab(t, browser, "light")
	b.do(chromedp.Navigate(page), chromedp.WaitVisible("#fault"))
	if text := evaluate[string](b, "document.body.innerText"); strings.Contains(text, info.SessionID) || !strings.Contains(text, "latency=1ms") {
		t.Errorf("the page says %s", text)
	}
	b.do(chromedp.SendKeys("#fault", "nonsense"))
	b.follows(chromedp.Click("#add button"), chromedp.WaitVisible("#error"))
	b.looksRight("emulator")
	b.do(chromedp.Navigate(page), chromedp.WaitVisible("#fault"))
	b.do(chromedp.SendKeys("#fault", "503"))
	b.follows(chromedp.Click("#add button"))
	eventually(t.Context(), t, "the fault strikes", func() bool { return ask() == 503 })
	b.do(chromedp.Navigate(page), chromedp.WaitVisible("#fault"))
	if text := evaluate[string](b, "document.body.innerText"); !strings.Contains(text, "GET /attask/api/v22.0/proj/count") || !strings.Contains(text, "503") {
		t.Errorf("the page says %s", text)
	}
	b.follows(chromedp.Click(".item:nth-of-type(2) button"))
	eventually(t.Context(), t, "the fault is gone", func() bool { return ask() == 200 })
	b.follows(chromedp.Click(`form:has(input[name="end"]) button`))
	eventually(t.Context(), t, "the session is ended", func() bool { return ask() == 401 })
}

// A person sees what a login has got, and revokes it.
func TestEmulatorPageOfALogin(t *testing.T) {
	t.Parallel()
	browser := startChromium(t)
	w := newWorld(t, emulator.Options{Rotate: true}, nil)
	w.login()
	w.must("token", "--refresh")
	b := newTab(t, browser, "light")
	b.do(chromedp.Navigate(w.url+"/__emulator"), chromedp.WaitVisible(`form:has(input[name="revoke"]) button`))
	if text := evaluate[string](b, "document.body.innerText"); !strings.Contains(text, "Single Page Web Application") || !strings.Contains(text, "1 used up by rotation") ||
		!strings.Contains(text, "not used yet") || !strings.Contains(text, "used: whoever sends it again ends its login") {
		t.Errorf("the page says %s", text)
	}
	b.looksRight("emulator-login")
	b.follows(chromedp.Click(`form:has(input[name="revoke"]) button`))
	if p := w.run("token", "--refresh"); p.status != 4 {
		t.Errorf("after it was revoked: exit status %d, %s", p.status, p.stderr.String())
	}
}
