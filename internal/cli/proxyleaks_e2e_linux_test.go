package cli

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A talker is an echo that also says the session where it does not refuse, and packs all that it says.
type talker struct{ *echo }

func (e talker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/attask/") && r.URL.Query().Get("packed") != "" {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		w = packedAnswer{w, z}
	}
	e.mu.Lock()
	refusing := e.refusing
	e.mu.Unlock()
	session, all := "", ""
	for _, name := range credentialHeaders() {
		session += strings.TrimPrefix(r.Header.Get(name), "Bearer ")
		all += said(r.Header.Get(name)) + said(strings.TrimPrefix(r.Header.Get(name), "Bearer "))
	}
	switch {
	case refusing != "" || !strings.HasPrefix(r.URL.Path, "/attask/"):
		e.echo.ServeHTTP(w, r)
	case strings.HasSuffix(r.URL.Path, "/session"):
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":{"sessionID":%q,"other":%q,"sessionid" : ["%s"]}}`, session, all, e.secret("another session"))
	case strings.HasSuffix(r.URL.Path, "/search"):
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Etag", `"`+session+`"`)
		fmt.Fprintf(w, `{"data":[{"ID":"1","name":%q},{"ID":"2","name":%q}]}`, session, all)
	default:
		e.echo.ServeHTTP(w, r)
	}
}

type packedAnswer struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (p packedAnswer) Write(b []byte) (int, error) { return p.z.Write(b) }

// Neither a caller of the gateway nor its log learns the session, whatever the tenant says back and however it packs that, and by
// whatever headers the session is sent; nor does the log learn the gateway's key.
func TestProxyLeaks(t *testing.T) {
	t.Parallel()
	h := &leakHunt{tenant: &echo{given: map[string]string{}}, opener: recorder(t)}
	w := newWorld(t, emulator.Options{}, nil)
	w.gates.before(talker{h.tenant})
	h.world = w.with("PATH="+h.opener+string(os.PathListSeparator)+os.Getenv("PATH"), "WFAUTH_DEBUG=1",
		"WFAUTH_PASSPHRASE="+h.tenant.secret("passphrase"), "WFAUTH_CLIENT_SECRET="+h.tenant.secret("client secret"))
	h.browserLogin(0)
	h.proxies()
	h.world = h.with("WFAUTH_FLOW=ims", "WFAUTH_HOST="+w.url, "WFAUTH_IMS_URL="+w.url, "WFAUTH_IMS_ORG="+h.tenant.secret("organisation"))
	h.tenant.refuse("")
	h.proxies()
	h.inFiles(w.home, "home")
}

// proxies asks a gateway for everything, in every way.
func (h *leakHunt) proxies() {
	h.t.Helper()
	s := h.serve("--allow-writes", "--patience", "0s")
	h.tenant.learn("gateway key", s.Key)
	asked := 0
	for _, form := range []string{"", "API", "200", "HTML", "text", "redirect", ""} {
		h.tenant.refuse(form)
		for _, path := range []string{
			"/attask/api/v22.0/session", "/attask/api/v22.0/proj/search?fields=name", "/attask/api/v22.0/proj/count", "/attask/file", "/rows/proj.csv?fields=ID,name",
			"/rows/proj.json", "/attask/api/v22.0/proj?apiKey=" + url.QueryEscape(h.tenant.secret("caller's key")), "/attask/api/v22.0/login", "/nothing",
		} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
				for _, packed := range []string{"", "packed=1"} {
					if packed != "" && strings.HasPrefix(path, "/rows/") {
						continue
					}
					address := s.URL + path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + packed
					h.caller(s, method, address, "Accept-Encoding", map[string]string{"": "identity", "packed=1": "gzip"}[packed], "Range", "bytes=0-50")
					asked++
				}
			}
		}
		for _, address := range []string{strings.Replace(s.URL, s.Key, s.Key[:40], 1) + "/attask/", strings.TrimSuffix(s.URL, s.Key) + "attask/" + s.Key} {
			h.caller(s, "GET", address)
		}
		h.caller(s, s.Key, s.URL+"/attask/")
		h.caller(s, "GET", s.URL+"/attask/api/v22.0/proj", "Origin", "http://evil.example/"+s.Key)
	}
	s.stop()
	log := s.stderr.String()
	if n := strings.Count(log, "wfauth: debug: gateway: "); n < asked {
		h.t.Errorf("the log has %d lines for %d requests", n, asked)
	}
	h.in(log, "the log")
	out := strings.ReplaceAll(s.stdout.String(), s.Key, "")
	if strings.Count(out, "\n") != 1 {
		h.t.Errorf("stdout has %s", out)
	}
	h.in(out, "stdout")
}

// caller looks at every byte of an answer.
func (h *leakHunt) caller(s *served, method, address string, header ...string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, address, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := (&http.Transport{DisableKeepAlives: true, DisableCompression: true}).RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body) // what breaks off has said enough
	what := fmt.Sprintf("the answer to %s %s", method, strings.TrimPrefix(address, s.URL))
	h.in(fmt.Sprint(resp.Header), what+": header")
	h.in(string(body), what)
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if z, err := gzip.NewReader(strings.NewReader(string(body))); err == nil {
			plain, _ := io.ReadAll(z)
			h.in(string(plain), what+", unpacked")
		}
	}
}
