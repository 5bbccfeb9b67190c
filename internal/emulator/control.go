package emulator

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// control is what people and tests reach below /__emulator: what was asked, who is logged in, and what goes wrong.
type control struct {
	t     *Tenant
	log   *requestLog
	token string // of the page's forms: no other page knows it
}

const controlRoot = "/__emulator"

func newControl(t *Tenant, log *requestLog) *control { return &control{t, log, rand.Text()} }

// routes are tried before the tenant's own, and no fault reaches them.
func (c *control) routes(tenant http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+controlRoot+"/faults", c.listFaults)
	mux.HandleFunc("POST "+controlRoot+"/faults", c.addFault)
	mux.HandleFunc("DELETE "+controlRoot+"/faults", c.removeFaults)
	mux.HandleFunc("DELETE "+controlRoot+"/faults/{id}", c.removeFaults)
	mux.HandleFunc("GET "+controlRoot+"/sessions", c.listSessions)
	mux.HandleFunc("DELETE "+controlRoot+"/sessions", endAll(c.t.ExpireSessions))
	mux.HandleFunc("DELETE "+controlRoot+"/sessions/{id}", endOne("session", c.t.endSession))
	mux.HandleFunc("GET "+controlRoot+"/refresh-tokens", c.listTokens)
	mux.HandleFunc("DELETE "+controlRoot+"/refresh-tokens", endAll(c.t.endLogins))
	mux.HandleFunc("DELETE "+controlRoot+"/refresh-tokens/{id}", endOne("refresh token", c.t.endLogin))
	mux.HandleFunc("GET "+controlRoot, c.show)
	mux.HandleFunc("POST "+controlRoot, c.submit)
	mux.HandleFunc(controlRoot+"/", func(w http.ResponseWriter, r *http.Request) {
		controlError(w, http.StatusNotFound, "there is "+controlRoot+", and below it faults by GET, POST and DELETE, sessions and refresh-tokens by GET and DELETE")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != controlRoot && !strings.HasPrefix(r.URL.Path, controlRoot+"/") {
			tenant.ServeHTTP(w, r)
			return
		}
		protect(w.Header())
		w.Header().Set("Referrer-Policy", "same-origin") // without a referrer the page's own forms have no origin either
		if why := strangerToControl(r); why != "" {
			controlError(w, http.StatusForbidden, why)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// strangerToControl refuses other machines, names that were bound to this one (DNS rebinding), and pages of other origins: what comes
// from one of those says so, in every browser.
func strangerToControl(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "call it by a loopback address"
	}
	if from, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		if ip := net.ParseIP(from); ip == nil || !ip.IsLoopback() {
			return "only this machine may call it"
		}
	}
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if site != "" && site != "none" && site != "same-origin" || origin != "" && origin != "http://"+r.Host {
		return "no page of another origin may call it"
	}
	return ""
}

type faultInfo struct {
	ID    int    `json:"id"`
	Fault string `json:"fault"`
	Seen  int    `json:"seen"`
	Hits  int    `json:"hits"`
}

func (c *control) listFaults(w http.ResponseWriter, _ *http.Request) {
	faults := []faultInfo{}
	for _, s := range c.t.faults.list() {
		faults = append(faults, faultInfo{s.id, s.String(), s.seen, s.hits})
	}
	answerControl(w, http.StatusOK, faults)
}

// addFault takes {"fault":"429:every=5"}.
func (c *control) addFault(w http.ResponseWriter, r *http.Request) {
	var given struct {
		Fault string `json:"fault"`
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil || json.Unmarshal(body, &given) != nil {
		controlError(w, http.StatusBadRequest, `{"fault":"429:every=5"} is wanted`)
		return
	}
	rule, err := ParseRule(given.Fault)
	if err != nil {
		controlError(w, http.StatusBadRequest, err.Error()+": "+RuleForms)
		return
	}
	answerControl(w, http.StatusCreated, faultInfo{ID: c.t.AddRule(rule), Fault: rule.String()})
}

func (c *control) removeFaults(w http.ResponseWriter, r *http.Request) {
	id := 0
	if text := r.PathValue("id"); text != "" {
		var err error
		if id, err = strconv.Atoi(text); err != nil || id < 1 {
			controlError(w, http.StatusNotFound, "no fault has this number")
			return
		}
	}
	if !c.t.RemoveRule(id) && id != 0 {
		controlError(w, http.StatusNotFound, "no fault has this number")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// submit is the page's forms.
func (c *control) submit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil || subtle.ConstantTimeCompare([]byte(r.PostForm.Get("token")), []byte(c.token)) != 1 {
		controlError(w, http.StatusForbidden, "this form is not of the page as it is now: open "+controlRoot+" again")
		return
	}
	form := r.PostForm
	switch {
	case form.Has("add"):
		rule, err := ParseRule(strings.TrimSpace(form.Get("fault")))
		if err != nil {
			c.page(w, http.StatusBadRequest, form.Get("fault"), err.Error()+": "+RuleForms)
			return
		}
		c.t.AddRule(rule)
	case form.Has("remove"):
		if id, err := strconv.Atoi(form.Get("remove")); err == nil && id > 0 {
			c.t.RemoveRule(id)
		}
	case form.Has("end"):
		c.t.endSession(form.Get("end"))
	case form.Has("revoke"):
		c.t.endLogin(form.Get("revoke"))
	case form.Has("end-all"):
		c.t.ExpireSessions()
	}
	http.Redirect(w, r, controlRoot, http.StatusSeeOther)
}

func answerControl(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the reader may have gone
}

func controlError(w http.ResponseWriter, status int, why string) {
	answerControl(w, status, map[string]string{"error": why})
}
