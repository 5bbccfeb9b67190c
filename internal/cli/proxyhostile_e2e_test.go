package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/wfauth/wfauth/internal/emulator"
)

// hostilePage tries to reach each of some addresses in every way that a page has, and then says what it has seen. It reads an answer where it can.
const hostilePage = `<!doctype html><title>working</title><body><script>
const targets = TARGETS, seen = [];
const note = (how, target, what) => seen.push(how + " " + target.name + ": " + what);
const settled = (how, target, start) => new Promise((done) => {
  const end = (what) => { note(how, target, what); done(); };
  setTimeout(() => end("nothing"), 20000);
  start(end);
});
const element = (tag, attribute) => (target) => settled(tag, target, (end) => {
  const e = document.createElement(tag);
  e.onload = () => end("loaded"); e.onerror = () => end("error");
  if (tag === "link") e.rel = "stylesheet";
  e[attribute] = target.url;
  document.body.append(e);
});
const ask = (how, options) => (target) => settled(how, target, (end) =>
  fetch(target.url, options).then(async (r) => end(r.type + " " + r.status + " " + (await r.text()).length), () => end("refused")));
const ways = [
  ask("fetch", {}), ask("fetch with credentials", { credentials: "include" }), ask("fetch without CORS", { mode: "no-cors", credentials: "include" }),
  ask("POST of a form", { method: "POST", mode: "no-cors", body: new URLSearchParams({ method: "GET" }) }),
  ask("PUT", { method: "PUT", body: "name=x" }), ask("DELETE", { method: "DELETE" }), ask("a header of its own", { headers: { "X-Key": "1" } }),
  element("img", "src"), element("script", "src"), element("iframe", "src"), element("link", "href"), element("object", "data"), element("video", "src"), element("embed", "src"),
  (target) => settled("form", target, (end) => {
    const frame = document.createElement("iframe"), form = document.createElement("form");
    frame.name = "f" + Math.random(); form.target = frame.name; form.method = "POST"; form.action = target.url;
    const field = document.createElement("input"); field.name = "method"; field.value = "GET"; form.append(field);
    document.body.append(frame, form);
    form.submit();
    frame.onload = () => end("loaded");
  }),
  (target) => settled("WebSocket", target, (end) => {
    const s = new WebSocket(target.url.replace("http", "ws"));
    s.onopen = () => end("open"); s.onerror = () => end("error");
  }),
  (target) => settled("EventSource", target, (end) => {
    const s = new EventSource(target.url);
    s.onopen = () => end("open"); s.onerror = () => { s.close(); end("error"); };
  }),
  (target) => settled("beacon", target, (end) => end(navigator.sendBeacon(target.url, new URLSearchParams({ method: "GET" })) ? "sent" : "not sent")),
];
Promise.all(targets.flatMap((t) => ways.map((way) => way(t)))).then(() => { window.seen = seen; document.title = "done"; });
</script>`

// A page of the user's browser, wherever it comes from, reaches the tenant through the gateway neither without the key nor with a wrong
// one; nor even with the right one, in its address or as a password that the browser has kept.
func TestProxyHostilePage(t *testing.T) {
	t.Parallel()
	browser := startChromium(t, chromedp.Flag("host-resolver-rules", "MAP *.example 127.0.0.1"))
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	s := w.serve("--debug", "--allow-writes")
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(strings.TrimSuffix(s.URL, "/"+s.Key), "http://"))
	gatewayAt := func(host string) string { return "http://" + host + ":" + port }
	const path = "/attask/api/v22.0/proj/search?method=get"

	type target struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	var targets []target
	for name, key := range map[string]string{"no key": "", "a wrong key": "/" + strings.Repeat("0", 64), "the right key": "/" + s.Key} {
		targets = append(targets, target{"127.0.0.1 with " + name, gatewayAt("127.0.0.1") + key + path})
	}
	for _, host := range []string{"localhost", "rebound.example"} {
		targets = append(targets, target{host + " with the right key", gatewayAt(host) + "/" + s.Key + path})
	}
	list, err := json.Marshal(targets)
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Replace(hostilePage, "TARGETS", string(list), 1)
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/sandboxed" {
			w.Header().Set("Content-Security-Policy", "sandbox allow-scripts allow-forms")
		}
		fmt.Fprint(w, page)
	}))
	t.Cleanup(pages.Close)
	_, pagePort, _ := net.SplitHostPort(pages.Listener.Addr().String())

	tab := newTab(t, browser, "light")
	// The user has opened the gateway in this browser, with the key as a password, which it keeps; this alone may reach the tenant.
	before := w.tenant.Counts().API
	tab.do(chromedp.Navigate("http://anyone:" + s.Key + "@127.0.0.1:" + port + path))
	if got := evaluate[string](tab, "document.body.innerText"); !strings.Contains(got, `"data"`) || w.tenant.Counts().API != before+1 {
		t.Fatalf("the user sees %.300s", got)
	}
	before++
	addresses := []string{
		"http://evil.example:" + pagePort + "/", "http://127.0.0.1:" + pagePort + "/", "http://localhost:" + pagePort + "/", "http://evil.example:" + pagePort + "/sandboxed",
	}[:inFull(4, 2)]
	for _, address := range addresses {
		tab.do(chromedp.Navigate(address))
		eventually(t.Context(), t, "the page has tried everything", func() bool { return evaluate[string](tab, "document.title") == "done" })
		seen := evaluate[[]string](tab, "window.seen")
		t.Logf("a page at %s has tried:\n  %s", address, strings.Join(seen, "\n  "))
		if len(seen) < len(targets)*17 {
			t.Errorf("the page has tried only %d ways", len(seen))
		}
		for _, line := range seen {
			if strings.Contains(line, ": cors ") || strings.Contains(line, ": basic ") || strings.Contains(line, ": open") {
				t.Errorf("the page at %s reads an answer: %s", address, line)
			}
		}
		if n := w.tenant.Counts().API - before; n != 0 {
			t.Errorf("%d requests of the page at %s have reached the tenant", n, address)
		}
	}
	// A link that the user is made to click, and a page by a name that was bound to this address.
	tab.do(chromedp.Navigate("http://evil.example:" + pagePort + "/nothing"))
	evaluate[string](tab, "location = "+fmt.Sprintf("%q", s.URL+path))
	eventually(t.Context(), t, "the link leads to the gateway", func() bool {
		return strings.Contains(evaluate[string](tab, "document.body.innerText"), "not for web pages")
	})
	tab.do(chromedp.Navigate(gatewayAt("rebound.example") + "/" + s.Key + path))
	if got := evaluate[string](tab, "document.body.innerText"); !strings.Contains(got, "no name of the gateway's") {
		t.Errorf("the page at another name shows %.300s", got)
	}
	if n := w.tenant.Counts().API - before; n != 0 {
		t.Errorf("%d requests have reached the tenant", n)
	}
	lines := strings.Split(s.stderr.String(), "\n")
	if refused := strings.Count(s.stderr.String(), ": 403, "); refused < 40*len(addresses) {
		t.Errorf("only %d requests of the pages have come as far as the gateway", refused)
	}
	t.Logf("the gateway's log has %d lines; the last: %s", len(lines), strings.Join(lines[max(0, len(lines)-8):], "\n  "))
	if strings.Contains(s.stderr.String(), s.Key) || strings.Contains(s.stderr.String(), base64.StdEncoding.EncodeToString([]byte("anyone:"+s.Key))) {
		t.Error("the log has the key")
	}
	if status, text := s.ask("GET", path, ""); status != 200 {
		t.Errorf("afterwards a program gets %d %s", status, text)
	}
}
